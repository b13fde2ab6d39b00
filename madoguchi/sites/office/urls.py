"""Addresses of the post office tablet."""

from datetime import date

from django.urls import path, register_converter

from madoguchi.sites.office import views


class DayConverter:
    """A day as 2026-11-24."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Return the day; a date that does not exist is no page."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """Return the day as it stands in an address."""
        return str(value)


register_converter(DayConverter, "office_day")

app_name = "office"
urlpatterns = [
    path("", views.home, name="home"),
    path("visits/<str:reference>/", views.show_visit, name="visits-show"),
    path("<str:office>/", views.show_today, name="visits-today"),
    path("<str:office>/<office_day:day>/", views.show_day, name="visits-day"),
    path("<str:office>/<office_day:day>/print/", views.print_day, name="visits-print"),
]
