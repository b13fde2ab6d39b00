"""Every citizen page in its frame: the city, whom to call and when, announcements, the training ribbon."""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madoguchi.common import clock
from madoguchi.common.cache import cached_page
from madoguchi.common.era import citizen_datetime
from madoguchi.common.errors import Refusal
from madoguchi.common.languages import MAIN
from madoguchi.contract.errors import NoProgramLoaded
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.rows import GuidanceRow, ProgramRow
from madoguchi.contract.selectors import calendar, guidance, program
from madoguchi.notifications.announcements import AnnouncementRow, shown_announcements
from madoguchi.reservations.errors import HighDemand
from madoguchi.web.kept import keep_press, say_sentences
from madoguchi.web.shown import is_shown_anew

FORM_TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*')
BANNERS: Mapping[str, str] = {"OUTAGE": "error", "MAINTENANCE": "warning"}


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement on top of every page."""

    kind: str
    title: str
    body: str
    # The language of the body where it is not the reader's.
    language: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the content of every page: text only."""

    city: str
    city_url: str
    call_centre: str
    phone: str
    hours: str
    next_opening: str
    lost_card_line: str
    lost_card_phone: str
    notices: tuple[Notice, ...]
    training: bool
    languages: tuple[tuple[str, str], ...]


def frame() -> Frame:
    """Return the frame as it is now. Raises NoProgramLoaded on an empty database."""
    row = program()
    return Frame(
        city=row.city_name,
        city_url=row.city_url,
        call_centre=row.call_centre_name,
        phone=row.call_centre_phone,
        hours=row.call_centre_hours,
        next_opening=_next_opening(row, clock.now()),
        lost_card_line=row.lost_card_line,
        lost_card_phone=row.lost_card_phone,
        notices=tuple(map(_notice, shown_announcements())),
        training=settings.TRAINING,
        languages=tuple(settings.LANGUAGES),
    )


def texts(name: str) -> tuple[GuidanceRow, ...]:
    """Return the texts of the city under a name, in the reader's language."""
    return guidance(name, language=get_language() or MAIN)


def _notice(row: AnnouncementRow) -> Notice:
    """Return an announcement; who reads another language is told what the Japanese words below it are."""
    kind = BANNERS.get(row.kind, "information")
    if get_language() == MAIN:
        return Notice(kind, row.title, row.body)
    title = (
        _("郵便局での手続きについて、大切なお知らせがあります（日本語）")
        if row.kind == "OUTAGE"
        else _("お知らせがあります（日本語）")
    )
    return Notice(kind, title, f"{row.title}\n\n{row.body}", MAIN)


def _next_opening(row: ProgramRow, now: datetime) -> str:
    """Return when somebody answers the telephone again, "" while somebody does."""
    days = calendar(CalendarCode.CALL_CENTRE)
    today = clock.to_jst(now).date()
    opens, closes = clock.at(today, row.call_centre_opens), clock.at(today, row.call_centre_closes)
    if days.is_open(today) and opens <= now < closes:
        return ""
    if not days.is_open(today) or now >= closes:
        opens = clock.at(days.next_open(today + timedelta(days=1)), row.call_centre_opens)
    return citizen_datetime(opens)


def frame_context(_request: HttpRequest) -> dict[str, object]:
    """Offer the frame to every template; it is read only by those that show it."""
    return {"frame": SimpleLazyObject(_frame_if_loaded)}


def _frame_if_loaded() -> Frame | None:
    try:
        return frame()
    except NoProgramLoaded:
        return None


def too_many(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page for somebody who tried too often, or others of the same address: with another way."""
    facts = {"message": refusal.message, "needs_script": isinstance(refusal, HighDemand)}
    return render(request, "429.html", facts, status=429)


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Return a citizen page; neither browser nor proxy keeps it, for it may show a person's data.

    A press that it answers is led to the same address, which shows what was typed and what is said to it.
    """
    form = (context or {}).get("form")
    if request.method == "POST" and status == HttpResponse.status_code and (led := keep_press(request, form)):
        return led
    if form is not None:
        say_sentences(request, form)
    response = render(request, f"citizen/{template}.html", dict(context or {}), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def shared_page(request: HttpRequest, facts: Hashable, render: Callable[[], HttpResponse]) -> HttpResponse:
    """Return a page that holds nothing of one visitor, rendered at most once within two seconds.

    `facts` is what it shows besides its address. The token of its forms is each browser's own.
    """
    if is_shown_anew(request):
        return render()
    key = (request.get_full_path(), get_language(), facts)
    content = cached_page(key, lambda: render().content)
    if FORM_TOKEN.search(content):
        content = FORM_TOKEN.sub(rf"\g<1>{get_token(request)}".encode(), content)
    response = HttpResponse(content)
    response.headers["Cache-Control"] = "no-store"
    return response
