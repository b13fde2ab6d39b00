from django.apps import AppConfig


class OfficeSiteConfig(AppConfig):
    name = "madoguchi.sites.office"
    label = "site_office"
