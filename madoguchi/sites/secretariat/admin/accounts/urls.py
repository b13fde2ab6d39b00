"""Included by the secretariat site: accounts and shared tablets."""

from django.urls import path

from madoguchi.sites.secretariat.admin.accounts import views

urlpatterns = [
    path("accounts/", views.list_accounts, name="accounts-list"),
    path("accounts/add/", views.add_account, name="accounts-add"),
    path("accounts/<int:user_id>/", views.change_account, name="accounts-change"),
    path("accounts/<int:user_id>/suspend/", views.suspend_account, name="accounts-suspend"),
    path("accounts/<int:user_id>/resume/", views.resume_account, name="accounts-resume"),
    path("accounts/<int:user_id>/unlock/", views.unlock_account, name="accounts-unlock"),
    path("accounts/<int:user_id>/reset/", views.reset_account, name="accounts-reset"),
    path("devices/", views.list_devices, name="devices-list"),
    path("devices/add/", views.add_device, name="devices-add"),
    path("devices/<uuid:device_id>/revoke/", views.revoke_device, name="devices-revoke"),
]
