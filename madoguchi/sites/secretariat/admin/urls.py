"""Under /secretariat/: accounts, tablets and the state of the system (仕様書 4(5)イ)."""

from django.urls import include, path

from madoguchi.sites.secretariat.admin.status import views as status

urlpatterns = [
    path("status/", status.show, name="status"),
    path("", include("madoguchi.sites.secretariat.admin.accounts.urls")),
]
