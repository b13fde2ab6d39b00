from django.apps import AppConfig


class BackupsConfig(AppConfig):
    name = "madoguchi.backups"
    label = "backups"
