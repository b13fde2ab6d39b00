from django.apps import AppConfig


class SealingConfig(AppConfig):
    name = "madoguchi.sealing"
    label = "sealing"
