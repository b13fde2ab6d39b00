"""What a resident reads about days and times, and how long a time is held (仕様書 4(3)ア)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from madoguchi.common import clock
from madoguchi.common.calendar import add_months
from madoguchi.common.era import (
    citizen_datetime,
    citizen_day,
    citizen_month,
    citizen_time,
    month_name,
    weekday_name,
    weekday_sign,
)
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import calendar
from madoguchi.offices.selectors import OfficeRow, closures
from madoguchi.reservations.availability import Run, Start
from madoguchi.sites.citizen.presenters.offices import AllFull, OfficeChoice
from madoguchi.sites.citizen.presenters.procedures import MARGIN, Link, person_label
from madoguchi.workflows.booking.offering import Window, day_marks

NOON = time(12)


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of the calendar."""

    number: int
    full: str
    state: str
    href: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class DayMonth:
    """A month of days, as a table of weeks and as a list."""

    title: str
    weekdays: list[tuple[str, str]]
    weeks: list[list[DayCell | None]]
    days: list[DayCell]
    previous: Link
    next: Link
    legend: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """A time of the day; `slot` is "" when it is full."""

    anchor: str
    slot: str
    label: str
    full: str
    state: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class TimeGroup:
    """Morning or afternoon."""

    name: str
    times: list[TimeChoice]


@dataclass(frozen=True, slots=True)
class TimeChoices:
    """The days and times of one office."""

    office: str
    summary: list[str]
    people: int
    view: str
    other_view: str
    month: DayMonth
    notes: list[str]
    day: str
    groups: list[TimeGroup]
    legend: tuple[str, ...]
    earliest: Link | None
    # `earliest` is the time nearest to that of those with whom somebody comes along.
    is_beside: bool
    nearest: list[OfficeChoice]
    # What there is to do where no office has a free time.
    full: "AllFull | None"
    opens: str
    hold_minutes: int
    back: str
    change_office: str
    # Where to wait for a seat; "" for a booking that is moved.
    wait: str
    # The time of a booking that is moved, whether its office changes, and the list of all offices.
    current: str = ""
    place: str = ""
    all_offices: str = ""
    # Where to wait for the chosen day when it is full, and for each of its times that are.
    wait_for: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class OfficeOption:
    """What the reader of a calendar has chosen so far, as the address says it."""

    month: date
    day: date | None
    view: str
    # Another office, for a change.
    office: str = ""

    def href(self, **changes: str) -> str:
        """Return the address with changes."""
        query = {
            "office": self.office,
            "month": f"{self.month:%Y-%m}",
            **({"day": self.day.isoformat()} if self.day else {}),
            **({"view": self.view} if self.view == "list" else {}),
            **changes,
        }
        return "?" + urlencode({name: value for name, value in query.items() if value})


def month_of(
    starts: Sequence[Start], *, within: Window, choice: OfficeOption, by_phone: Window | None = None
) -> DayMonth:
    """Describe a month of an office; days outside both windows or without slots are closed.

    Those of `by_phone` can be booked by telephone only.
    """
    marks = day_marks(starts, within)
    if by_phone:
        marks |= dict.fromkeys(day_marks(starts, by_phone), "phone")
    first = choice.month
    days = [first + timedelta(days=place) for place in range((add_months(first, 1) - first).days)]
    cells = [_cell(day, marks.get(day, "closed"), choice) for day in days]
    blank = (first.weekday() + 1) % 7
    padded: list[DayCell | None] = [*[None] * blank, *cells, *[None] * (-(blank + len(cells)) % 7)]
    before, after = add_months(first, -1), add_months(first, 1)
    return DayMonth(
        title=citizen_month(first),
        weekdays=[(weekday_sign(day), weekday_name(day)) for day in (6, *range(6))],
        weeks=[padded[place : place + 7] for place in range(0, len(padded), 7)],
        days=[cell for cell in cells if cell.state != "closed"],
        legend=("free", "few", "full", *(["phone"] if "phone" in {c.state for c in cells} else []), "closed"),
        previous=_month_link(before, choice, is_open=first > (by_phone or within).first),
        next=_month_link(after, choice, is_open=after <= within.last),
    )


def _month_link(month: date, choice: OfficeOption, *, is_open: bool) -> Link:
    href = choice.href(month=f"{month:%Y-%m}", day="") if is_open else ""
    return Link(month_name(month), href)


def _cell(day: date, state: str, choice: OfficeOption) -> DayCell:
    is_free = state in {"free", "few"}
    return DayCell(
        number=day.day,
        full=citizen_day(day),
        state=state,
        href=choice.href(day=day.isoformat()) + "#times" if is_free else "",
        is_selected=day == choice.day and is_free,
    )


def time_groups(starts: Sequence[Start], day: date | None, *, slot: str = "") -> list[TimeGroup]:
    """Describe the times of a day, morning and afternoon."""
    times = [
        (clock.to_jst(start.starts_at), start)
        for start in starts
        if clock.to_jst(start.starts_at).date() == day
    ]
    first_free = next((start for _at, start in times if start.free), None)
    return [
        TimeGroup(
            name=_("午後") if is_afternoon else _("午前"),
            times=[
                TimeChoice(
                    anchor="id_slot" if start is first_free else f"id_slot_{start.slot}",
                    slot=str(start.slot) if start.free else "",
                    label=citizen_time(at.time()).removeprefix("午前").removeprefix("午後"),
                    full=citizen_datetime(at),
                    state="free" if start.free else "full",
                    is_selected=str(start.slot) == slot,
                )
                for at, start in group
            ],
        )
        for is_afternoon, group in groupby(times, key=lambda pair: pair[0].time() >= NOON)
    ]


def closing_notes(office: OfficeRow, within: Window, month: date) -> list[str]:
    """Say why days of a month are closed besides weekends: holidays, closures of the office."""
    calendars = (calendar(CalendarCode.CITY), calendar(CalendarCode.OFFICE))
    end = add_months(month, 1)
    # A closure over the end of the month is named whole.
    days = [month + timedelta(days=place) for place in range(-MARGIN, (end - month).days + MARGIN)]
    reasons = [
        (day, next((each.closed[day] for each in calendars if day in each.closed), "")) for day in days
    ]
    spans = [
        (group[0][0], group[-1][0], reason)
        for reason, pairs in groupby(reasons, key=lambda pair: pair[1])
        for group in [list(pairs)]
        if reason
    ]
    notes = [
        _closed(first, last, reason)
        for first, last, reason in spans
        if max(first, month, within.first) <= min(last, end - timedelta(days=1), within.last)
    ]
    found = closures(office=office.code, since=within.since, until=within.until)
    return notes + [
        _("%(since)sから%(until)sまでは、受け付けていません。")
        % {"since": citizen_datetime(row.starts_at), "until": citizen_datetime(row.ends_at)}
        for row in found
        if row.withdrawn_at is None
    ]


def _closed(first: date, last: date, reason: str) -> str:
    if first == last:
        return _("%(day)sは、%(reason)sのため受け付けていません。") % {
            "day": citizen_day(first),
            "reason": reason,
        }
    return _("%(first)sから%(last)sまでは、%(reason)sのため受け付けていません。") % {
        "first": citizen_day(first),
        "last": citizen_day(last),
        "reason": reason,
    }


@dataclass(frozen=True, slots=True)
class HoldBox:
    """Until when the time is held."""

    office: str
    when: str
    until: str
    seconds: int
    # How often it was extended, and until when that can be done at most, "" once it cannot.
    extensions: int
    latest: str
    # Who comes when, where several come.
    who: list[str]


def hold_box(
    *, runs: Sequence[Run], office: str, held_until: datetime, extensions: int, latest: datetime
) -> HoldBox:
    """Describe the time that is held."""
    starts_at = runs[0].starts_at
    return HoldBox(
        who=who_when(runs) if len(runs) > 1 else [],
        office=office,
        when=citizen_datetime(starts_at),
        until=citizen_time(clock.to_jst(held_until).time()),
        seconds=max(0, int((held_until - clock.now()).total_seconds())),
        extensions=extensions,
        latest=citizen_time(clock.to_jst(latest).time()) if latest > held_until else "",
    )


def who_when(runs: Sequence[Run]) -> list[str]:
    """Return when each of several people comes."""
    return [
        f"{person_label(number)}　{citizen_time(clock.to_jst(run.starts_at).time())}"
        for number, run in enumerate(runs, start=1)
    ]
