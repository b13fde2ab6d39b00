"""One address space: the citizen site at the root, a prefix for each staff site, the API under /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/", include("madoguchi.web.login.urls")),
    # Sign-up, mail addresses and the like are in there too: web.middleware answers 404 for them.
    path("accounts/", include("allauth.urls")),
]
