"""Under /staff/: where everybody who works here comes in."""

from django.urls import path

from madoguchi.web.login import views

app_name = "login"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("start/", views.start, name="start"),
    path("device/", views.device, name="device"),
    path("device/enrol/", views.enrol, name="enrol"),
    path("demo/", views.demo, name="demo"),
]
