"""Included by the secretariat site: accounts and shared tablets."""

from django.urls import path

from madoguchi.panels.accounts import account_urls
from madoguchi.sites.secretariat.admin.accounts import views

urlpatterns = [
    *account_urls(views.SITE),
    path("devices/", views.list_devices, name="devices-list"),
    path("devices/add/", views.add_device, name="devices-add"),
    path("devices/<uuid:device_id>/revoke/", views.revoke_device, name="devices-revoke"),
]
