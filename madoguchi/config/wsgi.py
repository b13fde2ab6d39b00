"""The WSGI application that granian serves: the pages and the API."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class ApiHandler(WSGIHandler):
    """Serves the API through the few middlewares it needs, for speed."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - Django calls it so
        """Load API_MIDDLEWARE in place of MIDDLEWARE."""
        of_pages, settings.MIDDLEWARE = settings.MIDDLEWARE, settings.API_MIDDLEWARE
        super().load_middleware(is_async)
        settings.MIDDLEWARE = of_pages


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")
django.setup(set_prefix=False)
pages, api = WSGIHandler(), ApiHandler()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer one request."""
    handler = api if environ["PATH_INFO"].startswith("/api/") else pages
    return handler(environ, start_response)
