"""Addresses of the post office tablet."""

from django.urls import path

from madoguchi.sites.office import views

app_name = "office"
urlpatterns = [
    path("", views.home, name="home"),
    path("visits/<str:reference>/", views.show_visit, name="visits-show"),
    path("<str:office>/", views.show_today, name="visits-today"),
    path("<str:office>/<day:day>/", views.show_day, name="visits-day"),
    path("<str:office>/<day:day>/version/", views.show_version, name="visits-version"),
    path("<str:office>/<day:day>/print/", views.print_day, name="visits-print"),
]
