"""Under /secretariat/: one package of this site for each part of its menu."""

from django.urls import include, path

app_name = "secretariat"
urlpatterns = [
    path("", include("madoguchi.sites.secretariat.home.urls")),
    path("", include("madoguchi.sites.secretariat.bookings.urls")),
    path("", include("madoguchi.sites.secretariat.capacity.urls")),
    path("", include("madoguchi.sites.secretariat.messages.urls")),
    path("", include("madoguchi.sites.secretariat.approvals.urls")),
    path("", include("madoguchi.sites.secretariat.privacy.urls")),
    path("", include("madoguchi.sites.secretariat.admin.urls")),
]
