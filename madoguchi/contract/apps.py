from django.apps import AppConfig


class ContractConfig(AppConfig):
    name = "madoguchi.contract"
    label = "contract"
