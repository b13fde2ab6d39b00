from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "madoguchi.common"
    label = "common"
