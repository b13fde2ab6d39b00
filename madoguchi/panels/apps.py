from django.apps import AppConfig


class PanelsConfig(AppConfig):
    name = "madoguchi.panels"
    label = "panels"
