"""Cookies of ours: of this host alone, out of reach of scripts, over HTTPS only (docs/threat-model.md)."""

from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse

SameSite = Literal["Lax", "Strict"]


def cookie_name(name: str) -> str:
    """Return the name as browsers get it: `__Host-` keeps it from being set by a neighbouring subdomain."""
    return f"__Host-{name}" if settings.HTTPS else name


def set_cookie(
    response: HttpResponse, name: str, value: str, *, max_age: int | None = None, samesite: SameSite = "Lax"
) -> None:
    """Give the browser a cookie, until it is closed unless told otherwise."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite=samesite,
        secure=settings.HTTPS,
    )


def read_cookie(request: HttpRequest, name: str) -> str:
    """Return what the browser sent, "" when it sent none."""
    return request.COOKIES.get(cookie_name(name), "")


def drop_cookie(response: HttpResponse, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(cookie_name(name), path="/", samesite="Lax")
