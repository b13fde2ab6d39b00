"""Access to a booking: by the secret link, or by reference and birth date.

The link, or a code sent to the registered address, shows everything. Reference and birth date alone show
what is needed to change or cancel, with the person and the place masked (domain: protected persons). The last
four digits of the telephone number show the place besides; so does moving a booking to an office just chosen.
Each look-up has an address of its own, so that the tab that shows one booking never acts on another.
A mail may have gone to a wrong address: where a link was not seen before, the birth date is asked for once.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from madoguchi.accounts.scope import BY_OWN_SECRET
from madoguchi.common import births
from madoguchi.common.errors import NotVisible
from madoguchi.reservations.selectors import reservation, reservation_by_link

SALT_OF_LOOK_UPS = "citizen.booking"
MINUTES = 30
KNOWN_FOR = timedelta(days=90)
SALT = "citizen.link"
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


@dataclass(frozen=True, slots=True)
class Access:
    """Which booking, and whether all of it may be seen. `token` is "" when there was no secret link.

    `key` is the name of the look-up that found it, "" for a link. It opens nothing without its cookie.
    `place` is the office that this browser may be shown, "" for none. Moved elsewhere it is hidden again.
    """

    reservation_id: uuid.UUID
    is_full: bool
    token: str = ""
    key: str = ""
    place: str = ""

    def sees(self, office_code: str) -> bool:
        """Tell whether a visit at this office may be shown with its place."""
        return self.is_full or self.place == office_code

    def url(self, page: str) -> str:
        """Return the address of a page of this booking: show, change, cancel."""
        if self.token:
            return reverse(f"citizen:link-{page}", args=[self.token])
        return reverse(f"citizen:booking-{page}", args=[self.key])


def access(request: HttpRequest, token: str, key: str = "") -> Access:
    """Return the booking of a secret link, or of a look-up of this browser. Raises NotVisible."""
    if token:
        return Access(reservation_by_link(token), is_full=True, token=token)
    try:
        kept = request.COOKIES.get(_look_up(key), "")
        found = signing.loads(kept, salt=f"{SALT_OF_LOOK_UPS}.{key}", max_age=MINUTES * 60)
        return Access(
            uuid.UUID(found["reservation"]),
            is_full=bool(found["full"]),
            key=key,
            place=found.get("place", ""),
        )
    except signing.BadSignature:
        raise NotVisible from None


def grant(
    reservation_id: uuid.UUID, *, is_full: bool, key: str = "", place: str = "", to: str = "show"
) -> HttpResponse:
    """Lead to a page of a booking and let this browser see it for a while; the cookie holds no personal data.

    Without the `key` of a look-up this is a new one.
    """
    key = key or secrets.token_hex(8)
    return remember_look_up(
        redirect(f"citizen:booking-{to}", key), Access(reservation_id, is_full, key=key, place=place)
    )


def remember_look_up(response: HttpResponse, found: Access) -> HttpResponse:
    """Let this browser see for a while what a look-up may show."""
    response.set_cookie(
        _look_up(found.key),
        signing.dumps(
            {"reservation": str(found.reservation_id), "full": found.is_full, "place": found.place},
            salt=f"{SALT_OF_LOOK_UPS}.{found.key}",
        ),
        max_age=MINUTES * 60,
        path=found.url("show"),
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )
    return response


def _look_up(key: str) -> str:
    # Not of the whole host: it goes to the pages of its look-up only.
    return f"{'__Secure-' if settings.HTTPS else ''}booking-{key}"


def by_known_browser(view: View[P]) -> View[P]:
    """Send a browser that opens a secret link for the first time to the question for the birth date."""

    @wraps(view)
    def asked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        token = str(kwargs.get("token", ""))
        if not token or _is_known(request, token) or not _knows_birth_date(token):
            return view(request, *args, **kwargs)
        name = (request.resolver_match and request.resolver_match.url_name) or ""
        page = name.removeprefix("link-")
        done = "&step=done" if request.GET.get("step") == "done" else ""
        return redirect(f"{reverse('citizen:link-confirm', args=[token])}?to={page}{done}")

    return asked


def remember_link(response: HttpResponse, token: str) -> HttpResponse:
    """Let this browser open a secret link without the question; the cookie goes to that link's pages only."""
    response.set_cookie(
        _name(token),
        signing.dumps(_name(token), salt=SALT),
        max_age=KNOWN_FOR,
        path=f"/r/{token}/",
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )
    return response


def _is_known(request: HttpRequest, token: str) -> bool:
    try:
        kept = signing.loads(request.COOKIES.get(_name(token), ""), salt=SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return False
    return bool(kept == _name(token))


def _name(token: str) -> str:
    # Not of the whole host: it goes to the pages of its link only.
    return f"{'__Secure-' if settings.HTTPS else ''}link-{hashlib.sha256(token.encode()).hexdigest()[:16]}"


def _knows_birth_date(token: str) -> bool:
    """Tell whether there is a whole birth date to ask for; some are known by year or month only.

    One that can no longer be read is asked for all the same: its hash still tells.
    """
    born = reservation(reservation_by_link(token), scope=BY_OWN_SECRET).person.birth_date
    return isinstance(born, date) or born == births.UNREADABLE_DATE
