"""Pages for what went wrong: for staff in their shell, for citizens in theirs. config names them."""

import sys
from collections.abc import Mapping
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.template.loader import render_to_string

from madoguchi.common.unreadable import ValueUnreadable

STAFF_PATHS: Final = ("/accounts/", "/city/", "/office/", "/operator/", "/secretariat/", "/staff/")
TRY_AGAIN_SECONDS: Final = 30


def not_found(request: HttpRequest, exception: object = None) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Return the page for an address without a page, or with one that is not for this person."""
    return _page(request, "404.html", 404)


def forbidden(request: HttpRequest, exception: object = None) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Return the page for what may not be done."""
    return _page(request, "403.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form that cannot be told to be ours: it says whether cookies came at all."""
    return _page(
        request, "403.html", 403, {"is_form": True, "has_no_cookie": reason == REASON_NO_CSRF_COOKIE}
    )


def unreadable(request: HttpRequest, exception: ValueUnreadable) -> HttpResponse:
    """Return the page for what cannot be done because something stored is damaged; the alarm is raised."""
    if request.path.startswith(STAFF_PATHS):
        return render(request, "account/refused.html", {"why": exception.message}, status=409)
    return _page(request, "500.html", 409)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page after a fault of ours; with names and telephone if the database still answers.

    A database that is away is no fault: the page says that pressing again is safe, and asks nobody.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        content = render_to_string(_template(request, "503.html"))
        return HttpResponse(content, status=503, headers={"Retry-After": str(TRY_AGAIN_SECONDS)})
    try:
        return _page(request, "500.html", 500)
    except Exception:  # noqa: BLE001 - whatever is broken, this page must come
        return HttpResponse(render_to_string(_template(request, "500.html")), status=500)


def _page(
    request: HttpRequest, name: str, status: int, context: Mapping[str, object] | None = None
) -> HttpResponse:
    # Seen by AccessMiddleware: the shell names who is signed in and stays out of every cache.
    request.is_staff_side = request.path.startswith(STAFF_PATHS)  # type: ignore[attr-defined]
    return render(request, _template(request, name), dict(context or {}), status=status)


def _template(request: HttpRequest, name: str) -> str:
    return f"web/staff/{name}" if request.path.startswith(STAFF_PATHS) else name
