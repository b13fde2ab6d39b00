from django.apps import AppConfig


class RenderingConfig(AppConfig):
    name = "madoguchi.rendering"
    label = "rendering"
