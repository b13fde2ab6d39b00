"""The next free times as a page of a few lines, for the city's own website (仕様書 4(3)ア)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import conditional_page, require_safe

from madoguchi.common import clock
from madoguchi.common.cache import cached_page
from madoguchi.common.era import citizen_datetime, citizen_day
from madoguchi.contract.rows import PostalAreaRow
from madoguchi.contract.selectors import postal_area
from madoguchi.offices.selectors import OfficeRow, offices_taking_bookings
from madoguchi.offices.selectors import office as office_row
from madoguchi.sites.citizen.pages import frame
from madoguchi.web.languages import html_name
from madoguchi.web.lists import typed_text
from madoguchi.web.policies import open_to_everyone
from madoguchi.workflows.booking.offering import WEB, offers, open_starts, phone_days, window

SLOTS = 1
TIMES, OFFICES = 5, 3
# Seats go by the minute; the page says when it was made.
SHORTLY = "public, max-age=60"
View = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class EmbeddedOffice:
    """An office with its next free times, and where to book there."""

    name: str
    times: tuple[str, ...]
    href: str


def in_listed_frames(view: View) -> View:
    """Let the origins of EMBED_ORIGINS show a page inside their own; everybody else may only link to it."""

    @wraps(view)
    def shown(request: HttpRequest) -> HttpResponse:
        if not settings.EMBED_ORIGINS:
            return view(request)
        listed = csp_replace({"frame-ancestors": settings.EMBED_ORIGINS})(view)
        return xframe_options_exempt(listed)(request)  # type: ignore[return-value]  # csp answers with any response

    return shown


@open_to_everyone
@require_safe
@in_listed_frames
@conditional_page
def show_times(request: HttpRequest) -> HttpResponse:
    """Show the next free times of an office, or the first one at the nearest or earliest few.

    Nothing of the visitor is read but the address: no cookie, no language of the browser. Raises NotVisible.
    """
    code, language = request.GET.get("office", ""), request.GET.get("lang", "")
    area = postal_area(typed_text(request.GET, "near").replace("-", ""))
    # The visitor reads the page around it, whose language the city has chosen.
    with override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        key = ("embed", code, area and area.postal_code, get_language())
        content = cached_page(key, lambda: _page(request, code, area))
        response = HttpResponse(content)
        response["Content-Language"] = html_name(get_language())
    response["Cache-Control"] = SHORTLY
    return response


def _page(request: HttpRequest, code: str, area: PostalAreaRow | None) -> bytes:
    places = [_place(office_row(code), _next_times(code))] if code else _first_times(area)
    context = {
        "places": places,
        "phone_until": _phone_until(code),
        "now": citizen_datetime(clock.now()),
        "frame": frame(),
    }
    return render(request, "citizen/embed/times.html", context).content


def _phone_until(code: str) -> str:
    """Return the last day that can be booked by telephone only, at an office or at any, "" for none."""
    rows = [office_row(code)] if code else offices_taking_bookings()
    found = [
        days.last for row in rows if (web := window(row, channel=WEB)) and (days := phone_days(row, web))
    ]
    return citizen_day(min(found)) if found else ""


def _next_times(code: str) -> list[str]:
    days = window(office_row(code), channel=WEB)
    found = open_starts(office_code=code, slots=SLOTS, within=days) if days else []
    return [citizen_datetime(start.starts_at) for start in found if start.free][:TIMES]


def _first_times(area: PostalAreaRow | None) -> list[EmbeddedOffice]:
    origin = area.lat_lon if area else None
    found = [offer for offer in offers(slots=SLOTS, origin=origin) if offer.earliest]
    return [
        _place(offer.office, [citizen_datetime(offer.earliest.starts_at)])
        for offer in found[:OFFICES]
        if offer.earliest
    ]


def _place(row: OfficeRow, times: list[str]) -> EmbeddedOffice:
    return EmbeddedOffice(
        row.name, tuple(times), f"{reverse('citizen:reserve-procedures')}?office={row.code}"
    )
