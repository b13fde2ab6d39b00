from django.apps import AppConfig


class ApiSiteConfig(AppConfig):
    name = "madoguchi.sites.api"
    label = "site_api"
