from django.apps import AppConfig


class ContractConfig(AppConfig):
    """Term, calendars, rules: what the city and the contractor agreed on."""

    name = "madoguchi.contract"
    label = "contract"
