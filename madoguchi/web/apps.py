from django.apps import AppConfig
from django.urls import register_converter


class WebConfig(AppConfig):
    name = "madoguchi.web"
    label = "web"

    def ready(self) -> None:
        """Let the addresses of every site carry days."""
        from madoguchi.web.days import DayConverter  # noqa: PLC0415 - needs the models, which are loaded now

        register_converter(DayConverter, "day")
