"""One address space: the citizen site at the root, a prefix for each staff site, the API under /api/v1/."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
