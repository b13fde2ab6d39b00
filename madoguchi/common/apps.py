from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Package of what every other package stands on; it has no models."""

    name = "madoguchi.common"
    label = "common"
