from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "madoguchi.config"
    label = "config"

    def ready(self) -> None:
        """Register the system checks."""
        from madoguchi.config import checks  # noqa: F401, PLC0415 - checks need the apps to be ready
