"""Under /secretariat/: what is to be done today."""

from django.urls import path

from madoguchi.sites.secretariat.home import views as home

urlpatterns = [
    path("", home.show, name="home"),
]
