"""In which language a page comes: the one chosen on it, else Japanese (仕様書 4(3)ア, docs/adr/0021)."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from madoguchi.common.languages import MAIN
from madoguchi.web.errors import STAFF_PATHS

# The standard code, for browsers and screen readers, of a language whose code is our own.
HTML_NAMES: Final = {"ja-easy": "ja"}


class LanguageMiddleware:
    """Answer a request in the language its cookie names; pages of staff are Japanese for everybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the language for this request only: the thread answers other requests afterwards."""
        with translation.override(language_for(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", html_name(translation.get_language()))
        # A publicly cacheable response does not depend on the cookie.
        if "public" not in response.headers.get("Cache-Control", ""):
            patch_vary_headers(response, ["Cookie"])
        return response


def language_for(request: HttpRequest) -> str:
    """Return the language to answer in.

    What the browser asks for does not count: the mails of a booking follow the page, and many browsers in
    offices and shops are not set to the language of who sits at them.
    """
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if request.path.startswith(STAFF_PATHS) or chosen not in dict(settings.LANGUAGES):
        return MAIN
    return chosen


def html_name(code: str | None) -> str:
    """Return a language as HTML names it."""
    return HTML_NAMES.get(code or MAIN, code or MAIN)
