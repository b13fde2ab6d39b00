from django.apps import AppConfig


class ContractConfig(AppConfig):
    """The contract: term, calendars, rules."""

    name = "madoguchi.contract"
    label = "contract"
