from django.apps import AppConfig


class OperatorSiteConfig(AppConfig):
    name = "madoguchi.sites.operator"
    label = "site_operator"
