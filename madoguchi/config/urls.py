"""URL configuration: the citizen site at the root, a prefix for each staff site, the API under /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path

from madoguchi.config import health
from madoguchi.sites.api.views import api

handler403 = "madoguchi.web.errors.forbidden"
handler404 = "madoguchi.web.errors.not_found"
handler500 = "madoguchi.web.errors.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include("madoguchi.sites.citizen.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.metrics),
    path("city/", include("madoguchi.sites.city.urls")),
    path("office/", include("madoguchi.sites.office.urls")),
    path("operator/", include("madoguchi.sites.operator.urls")),
    path("secretariat/", include("madoguchi.sites.secretariat.urls")),
    path("staff/", include("madoguchi.web.login.urls")),
    # Sign-up, mail addresses and the like are in there too: web.middleware answers 404 for them.
    path("accounts/", include("allauth.urls")),
]
