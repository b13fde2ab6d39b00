"""How somebody comes to a booking: by the secret link, or by reference and birth date.

The link, or a code sent to the registered address, shows everything. Reference and birth date alone show
what is needed to change or cancel, with the person and the place masked (domain: protected persons).
"""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from madoguchi.common.errors import NotVisible
from madoguchi.reservations.selectors import reservation_by_link

COOKIE = "booking"
PATH = "/booking/"
MINUTES = 30


@dataclass(frozen=True, slots=True)
class Access:
    """Which booking, and whether all of it may be seen. `token` is "" when there was no secret link."""

    reservation_id: uuid.UUID
    is_full: bool
    token: str = ""

    def url(self, page: str) -> str:
        """Return the address of a page of this booking: show, change, cancel."""
        if self.token:
            return reverse(f"citizen:link-{page}", args=[self.token])
        return reverse(f"citizen:booking-{page}")


def access(request: HttpRequest, token: str) -> Access:
    """Return the booking of a secret link, or of this browser's look-up. Raises NotVisible."""
    if token:
        return Access(reservation_by_link(token), is_full=True, token=token)
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt="citizen.booking", max_age=MINUTES * 60)
        return Access(uuid.UUID(found["reservation"]), is_full=bool(found["full"]))
    except signing.BadSignature:
        raise NotVisible from None


def grant(response: HttpResponse, reservation_id: uuid.UUID, *, is_full: bool) -> HttpResponse:
    """Let this browser see a booking for a while; the cookie holds no personal data."""
    value = signing.dumps({"reservation": str(reservation_id), "full": is_full}, salt="citizen.booking")
    response.set_cookie(
        COOKIE,
        value,
        max_age=MINUTES * 60,
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )
    return response
