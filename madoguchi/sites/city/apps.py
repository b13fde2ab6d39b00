from django.apps import AppConfig


class CitySiteConfig(AppConfig):
    name = "madoguchi.sites.city"
    label = "site_city"
