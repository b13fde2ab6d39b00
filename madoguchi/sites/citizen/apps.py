from django.apps import AppConfig


class CitizenSiteConfig(AppConfig):
    name = "madoguchi.sites.citizen"
    label = "site_citizen"
