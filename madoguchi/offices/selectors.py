"""Read offices and what they offer, as frozen rows."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from django.db.models import Q, QuerySet

from madoguchi.common import clock
from madoguchi.common.cache import cached
from madoguchi.common.errors import NotVisible
from madoguchi.common.languages import spoken
from madoguchi.common.places import LatLon
from madoguchi.common.statements import execute_prepared
from madoguchi.offices.kinds import ClosureReason, DayKind
from madoguchi.offices.models import CapacityPreset, Closure, DayHours, Office, WeeklyHours
from madoguchi.offices.rules import Span
from madoguchi.sealing.shown import shown

EARTH_RADIUS_KM = 6371.0
# A city has dozens, and they are remembered together; a country's are read one by one (docs/scale.md).
MAX_CACHED_OFFICES = 300
# What an OfficeRow holds, in its order.
COLUMNS: Final = (
    *("code", "name", "short_name", "kana", "ward_id", "ward__name", "wave_id", "wave__name"),
    *("wave__opens_on", "wave__booking_opens_at", "postal_code", "address", "phone", "access", "facilities"),
    "notes",
    *("latitude", "longitude", "is_demo"),
)


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """An office as every site shows it."""

    code: str
    name: str
    short_name: str
    kana: str
    ward_code: str
    ward_name: str
    wave_code: str
    wave_name: str
    opens_on: date
    booking_opens_at: datetime
    postal_code: str
    address: str
    phone: str
    access: str
    facilities: str
    notes: str
    latitude: float | None
    longitude: float | None
    is_demo: bool

    def takes_bookings(self, now: datetime) -> bool:
        """Tell whether the booking of its wave has opened."""
        return now >= self.booking_opens_at

    @property
    def lat_lon(self) -> LatLon | None:
        """Where the office stands, None when it has no coordinates."""
        return LatLon.of(self.latitude, self.longitude)

    def km_from(self, origin: LatLon) -> float | None:
        """Return the straight-line distance in kilometres, None when the office has no coordinates."""
        here = self.lat_lon
        if here is None:
            return None
        a, b = math.radians(origin.latitude), math.radians(here.latitude)
        longitudes = math.radians(here.longitude - origin.longitude)
        haversine = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(longitudes / 2) ** 2
        return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(haversine))


@cached
def offices() -> tuple[OfficeRow, ...]:
    """Return all offices in the order of their codes, in the language of the reader."""
    few = _cached_rows()
    return few if len(few) <= MAX_CACHED_OFFICES else _rows(_read())


@cached
def _cached_rows() -> tuple[OfficeRow, ...]:
    """Return all offices of a city, at most MAX_CACHED_OFFICES + 1: reading a country's takes seconds."""
    return _rows(_read()[: MAX_CACHED_OFFICES + 1])


@cached
def _by_code() -> Mapping[str, OfficeRow]:
    return MappingProxyType({row.code: row for row in _cached_rows()})


@cached
def _one(code: str) -> OfficeRow:
    found = _rows(execute_prepared(_statement_of_one(), [code]).fetchall())
    if not found:
        raise NotVisible
    return found[0]


@cache
def _statement_of_one() -> str:
    """Return the SQL of one office: Django takes longer to write it than the database to answer."""
    statement, _ = _read().filter(pk="code").query.sql_with_params()
    return str(statement)


def _read() -> QuerySet[Office, tuple[Any, ...]]:
    return Office.objects.order_by("code").values_list(*COLUMNS)


def _rows(found: Iterable[tuple[Any, ...]]) -> tuple[OfficeRow, ...]:
    return tuple(
        spoken(OfficeRow(*values), ("name", "ward_name", "access", "facilities", "notes")) for values in found
    )


def office(code: str) -> OfficeRow:
    """Return one office. Raises NotVisible when there is none of that code."""
    if len(_cached_rows()) > MAX_CACHED_OFFICES:
        return _one(code)
    found = _by_code().get(code)
    if found is None:
        raise NotVisible
    return found


def offices_taking_bookings() -> tuple[OfficeRow, ...]:
    """Return the offices whose wave takes bookings now."""
    now = clock.now()
    return tuple(row for row in offices() if row.takes_bookings(now))


@dataclass(frozen=True, slots=True)
class HoursRow:
    """One span of weekly hours."""

    weekday: int
    span: Span
    since: date
    until: date | None


def weekly_hours(code: str, *, on: date | None = None) -> list[HoursRow]:
    """Return the weekly hours of an office in force on a day, or all of its history."""
    rows = WeeklyHours.objects.filter(office=code).order_by("during", "weekday", "minutes")
    if on is not None:
        rows = rows.filter(during__contains=on)
    return [
        HoursRow(
            row.weekday,
            Span(row.minutes.lower, row.minutes.upper, row.seats),
            row.during.lower,
            row.during.upper,
        )
        for row in rows
    ]


def format_hours(spans: Sequence[Span]) -> str:
    """Return the hours of one day as 「09:00–12:00、13:00–17:00」."""
    return "、".join(f"{format_clock(span.start)}–{format_clock(span.end)}" for span in spans)


def format_clock(minute_of_day: int) -> str:
    """Return minutes after midnight as 「09:00」."""
    return f"{minute_of_day // 60:02d}:{minute_of_day % 60:02d}"


@cached
def usual_hours(on: date) -> dict[str, tuple[Span, ...]]:
    """Return the hours of the first open weekday of every office, for lists of offices; one query."""
    by_office: dict[str, dict[int, list[Span]]] = {}
    for row in WeeklyHours.objects.filter(during__contains=on).order_by("office", "weekday", "minutes"):
        spans = by_office.setdefault(row.office_id, {}).setdefault(row.weekday, [])
        spans.append(Span(row.minutes.lower, row.minutes.upper, row.seats))
    return {code: tuple(days[min(days)]) for code, days in by_office.items()}


@dataclass(frozen=True, slots=True)
class ClosureRow:
    """A closure of an office, or of all; planned, or the one of a pause."""

    id: int
    pause: int | None
    office: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    note: str
    created_at: datetime
    created_by: str
    withdrawn_at: datetime | None


def closures(*, office: str | None = None, since: datetime, until: datetime) -> list[ClosureRow]:
    """Return closures that touch a time: those of an office together with those of all offices."""
    rows = Closure.objects.filter(during__overlap=(since, until)).order_by("during")
    if office is not None:
        rows = rows.filter(office=office) | rows.filter(office=None)
    return [_closure_row(row) for row in rows]


def closure(closure_id: int) -> ClosureRow:
    """Return one closure. Raises NotVisible."""
    row = Closure.objects.filter(pk=closure_id).first()
    if row is None:
        raise NotVisible
    return _closure_row(row)


def _closure_row(row: Closure) -> ClosureRow:
    return ClosureRow(
        id=row.pk,
        pause=row.pause_id,
        office=row.office_id,
        starts_at=row.during.lower,
        ends_at=row.during.upper,
        reason=row.reason,
        note=row.note,
        created_at=row.created_at,
        created_by=row.created_by,
        withdrawn_at=row.withdrawn_at,
    )


def day_hours(code: str, *, first: date, last: date) -> dict[date, list[Span]]:
    """Return the special hours of single days of an office."""
    found: dict[date, list[Span]] = {}
    for row in DayHours.objects.filter(office=code, on__gte=first, on__lte=last).order_by("on", "minutes"):
        found.setdefault(row.on, []).append(Span(row.minutes.lower, row.minutes.upper, row.seats))
    return found


@dataclass(frozen=True, slots=True)
class PresetRow:
    """A preset of an office, or of all."""

    office: str | None
    day_kind: str
    label: str
    keep_one_in: int
    since: date
    until: date | None


def presets(*, office: str | None = None) -> list[PresetRow]:
    """Return the presets of an office and of all offices, with their history."""
    rows = CapacityPreset.objects.order_by("day_kind", "during")
    if office is not None:
        rows = rows.filter(office=office) | rows.filter(office=None)
    return [
        PresetRow(
            row.office_id,
            row.day_kind,
            row.get_day_kind_display(),
            row.keep_one_in,
            row.during.lower,
            row.during.upper,
        )
        for row in rows
    ]


def shown_hours(codes: Collection[str]) -> str:
    """Return the fingerprint of every version of the weekly hours of these offices (docs/adr/0028)."""
    rows = WeeklyHours.objects.filter(office__in=codes)
    return shown(
        "hours", sorted(map(str, rows.values_list("office", "during", "weekday", "minutes", "seats")))
    )


def shown_day(codes: Collection[str], day: date) -> str:
    """Return the fingerprint of a day of these offices: its hours, those of its weekday, and its closures."""
    weekly = WeeklyHours.objects.filter(office__in=codes, during__contains=day, weekday=day.weekday())
    special = DayHours.objects.filter(office__in=codes, on=day)
    closed = Closure.objects.filter(
        Q(office=None) | Q(office__in=codes), during__overlap=day_bounds(day), withdrawn_at=None
    )
    rows = (
        weekly.values_list("office", "minutes", "seats"),
        special.values_list("office", "minutes", "seats"),
        closed.values_list("office", "during", "reason", "note"),
    )
    return shown("day", day.isoformat(), *(sorted(map(str, each)) for each in rows))


def shown_presets(office: str | None) -> str:
    """Return the fingerprint of the presets of an office and of all offices."""
    rows = CapacityPreset.objects.filter(Q(office=None) | Q(office=office))
    return shown("presets", sorted(map(str, rows.values_list("office", "day_kind", "keep_one_in", "during"))))


def closure_reasons() -> list[tuple[str, str]]:
    """Return the reasons of closures, as choices."""
    return list(ClosureReason.choices)


def day_kinds() -> list[tuple[str, str]]:
    """Return the kinds of days that presets know, as choices."""
    return list(DayKind.choices)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the instants at which a day begins and ends in Japan."""
    return clock.at(day, time()), clock.at(day + timedelta(days=1), time())
