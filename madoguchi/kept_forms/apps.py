from django.apps import AppConfig


class KeptFormsConfig(AppConfig):
    name = "madoguchi.kept_forms"
    label = "kept_forms"
