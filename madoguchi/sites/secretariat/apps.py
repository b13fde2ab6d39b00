from django.apps import AppConfig


class SecretariatSiteConfig(AppConfig):
    name = "madoguchi.sites.secretariat"
    label = "site_secretariat"
