"""The days and times of an office: for a new booking and for a change alike."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from madoguchi.common import clock
from madoguchi.common.era import citizen_datetime, citizen_day, citizen_time
from madoguchi.contract.rules import booking_opens, hold_minutes
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.offices.selectors import OfficeRow
from madoguchi.reservations.availability import Start
from madoguchi.sites.citizen.presenters import calendar, offices, procedures
from madoguchi.sites.citizen.presenters.calendar import OfficeOption, TimeChoices
from madoguchi.sites.citizen.presenters.offices import OfficeChoice, mark_where_it_helps
from madoguchi.sites.citizen.presenters.procedures import Link
from madoguchi.web.kept import is_press
from madoguchi.web.shown import typed_in
from madoguchi.workflows.booking.offering import (
    WEB,
    Window,
    offers,
    open_starts,
    phone_days,
    slots_for,
    window,
)

NEAREST = 3


@dataclass(frozen=True, slots=True)
class TimeChange:
    """A booking that is moved: when it is now, in words, the page of the change, whose seats it may take.

    `place` says whether the office changes, "" to whoever may not know it.
    """

    current: str
    href: str
    channel: str = WEB
    place: str = ""


def times_page(
    request: HttpRequest,
    place: OfficeRow,
    *,
    codes: Sequence[Sequence[str]],
    bounds: tuple[date | None, date | None],
    back: str,
    session: uuid.UUID | None = None,
    change: TimeChange | None = None,
    beside: datetime | None = None,
) -> TimeChoices:
    """Return what the page of an office shows; `bounds` are the first and last day that make sense.

    `codes` are the procedures of each person who comes. `beside` is when those start with whom somebody comes
    along: the time nearest to it is shown first.
    """
    slots, *others = (slots_for(each) for each in codes)
    channel = change.channel if change else WEB
    every = window(place, channel=channel, moving=change is not None)
    days = every.narrowed(*bounds) if every else None
    by_phone = phone_days(place, every, moving=change is not None) if every else None
    by_phone = by_phone.narrowed(*bounds) if by_phone else None
    # One search for both: those days are shown, but nothing on them can be chosen here.
    found = (
        open_starts(
            office_code=place.code,
            slots=slots,
            others=others,
            within=Window(by_phone.first, days.last) if by_phone else days,
            session=session,
            channel=channel,
            codes=list(chain.from_iterable(codes)),
        )
        if days
        else []
    )
    starts = [start for start in found if days and clock.to_jst(start.starts_at).date() >= days.first]
    free = [start for start in starts if start.free]
    first = min(free, key=lambda start: abs(start.starts_at - beside), default=None) if beside else None
    first = first or next(iter(free), None)
    choice = _choice(request, days, first, since=by_phone or days)
    shown = days or Window(clock.today(), clock.today())
    # Whoever finds nothing, loses a race or wants another office anyway is offered the nearest.
    is_offered = not free or is_press(request) or change is not None
    nearest = _nearest(place, codes, bounds, change) if is_offered else []
    return TimeChoices(
        office=place.name,
        summary=procedures.summary(codes),
        people=len(codes),
        view=choice.view,
        other_view=choice.href(view="" if choice.view == "list" else "list"),
        month=calendar.month_of(found, within=shown, choice=choice, by_phone=by_phone),
        notes=calendar.closing_notes(place, shown, choice.month),
        day=citizen_day(choice.day) if choice.day else "",
        groups=calendar.time_groups(
            starts, choice.day, slot=(typed_in(request) or QueryDict()).get("slot", "")
        ),
        legend=("free", "full"),
        earliest=_earliest(first, choice),
        is_beside=beside is not None,
        nearest=nearest,
        # Of a family less could still find room: what to do then is said on the page.
        full=offices.all_full(codes[0], bounds[1]) if not (free or nearest or change or others) else None,
        opens=_next_opening(place, bounds),
        hold_minutes=hold_minutes(booking_rules(clock.now(), place.code), len(codes)),
        back=back,
        change_office="" if change else back,
        wait="" if change or days is None else f"{reverse('citizen:reserve-wait')}?office={place.code}",
        current=change.current if change else "",
        wait_for=[] if change else _waits(place, starts, choice.day),
        place=change.place if change else "",
        all_offices=f"{change.href}?office=all" if change else "",
    )


def _waits(place: OfficeRow, starts: Sequence[Start], day: date | None) -> list[Link]:
    """Return the ways to wait for a day that is full and for each of its times that are."""
    times = [(clock.to_jst(start.starts_at), start.free) for start in starts]
    times = [(at, free) for at, free in times if at.date() == day]
    full = [at for at, free in times if not free]
    if day is None or not full:
        return []
    address = f"{reverse('citizen:reserve-wait')}?office={place.code}&day={day.isoformat()}"
    whole = Link(_("%(day)sの空きを待つ") % {"day": citizen_day(day)}, address)
    return [whole] * (len(full) == len(times)) + [
        Link(_("%(time)sの空きを待つ") % {"time": citizen_time(at.time())}, f"{address}&at={at:%H:%M}")
        for at in full
    ]


def _choice(
    request: HttpRequest, days: Window | None, first: Start | None, *, since: Window | None
) -> OfficeOption:
    """Read the month and the day from the address; without them, show the month of the first free time."""
    day = _day(request.GET.get("day", ""))
    if day and not (days and days.first <= day <= days.last):
        day = None
    month = _day(f"{request.GET.get('month', '')}-01") or day
    if month is None:
        month = clock.to_jst(first.starts_at).date() if first else clock.today()
    if days and since:
        month = min(max(month, since.first.replace(day=1)), days.last)
    office = request.GET.get("office", "")
    return OfficeOption(
        month.replace(day=1), day, "list" if request.GET.get("view") == "list" else "calendar", office
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _earliest(first: Start | None, choice: OfficeOption) -> Link | None:
    if first is None:
        return None
    at = clock.to_jst(first.starts_at)
    href = choice.href(month=f"{at:%Y-%m}", day=at.date().isoformat())
    return Link(citizen_datetime(at), href)


def _nearest(
    place: OfficeRow,
    codes: Sequence[Sequence[str]],
    bounds: tuple[date | None, date | None],
    change: TimeChange | None,
) -> list[OfficeChoice]:
    """Return the nearest offices with a free time."""
    found = offers(
        slots=slots_for(codes[0]),
        others=[slots_for(each) for each in codes[1:]],
        codes=list(chain.from_iterable(codes)),
        channel=change.channel if change else WEB,
        moving=change is not None,
        first=bounds[0],
        last=bounds[1],
        origin=place.lat_lon,
    )
    choices = [
        OfficeChoice.of(
            offer,
            f"{change.href}?office={offer.office.code}"
            if change
            else reverse("citizen:reserve-times", args=[offer.office.code]),
        )
        for offer in found
        if offer.earliest and offer.office.code != place.code
    ]
    return mark_where_it_helps(choices[:NEAREST])


def _next_opening(place: OfficeRow, bounds: tuple[date | None, date | None]) -> str:
    """Return when the next day that makes sense can be booked at an office, "" when none comes any more."""
    rules, now = booking_rules(clock.now(), place.code), clock.now()
    last = min(bounds[1] or date.max, program().term_ends_on)
    if not place.takes_bookings(now):
        return citizen_datetime(place.booking_opens_at) if place.opens_on <= last else ""
    day = max(clock.today(), bounds[0] or clock.today())
    while booking_opens(day, rules) <= now:
        day += timedelta(days=1)
    return citizen_datetime(booking_opens(day, rules)) if day <= last else ""
