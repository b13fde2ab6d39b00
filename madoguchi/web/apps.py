from django.apps import AppConfig
from django.urls import register_converter


class WebConfig(AppConfig):
    name = "madoguchi.web"
    label = "web"

    def ready(self) -> None:
        """Let the addresses of every site carry days, and every field speak in our words."""
        from madoguchi.web.days import DayConverter  # noqa: PLC0415 - needs the models, which are loaded now
        from madoguchi.web.sentences import replace_stock_messages  # noqa: PLC0415 - wait for the models, too

        register_converter(DayConverter, "day")
        replace_stock_messages()
