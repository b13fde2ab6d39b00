"""What can be booked: windows of days, free starts, nearest and earliest offices (仕様書 4(3)ア, 3)."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from operator import attrgetter

from madoguchi.common import clock
from madoguchi.common.cache import cached
from madoguchi.common.places import LatLon
from madoguchi.contract import rules as contract_rules
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import booking_rules, calendar, procedures, program
from madoguchi.offices.pauses import stops
from madoguchi.offices.selectors import OfficeRow, office, offices_taking_bookings
from madoguchi.reservations.availability import Run, Start, day_loads, first_free, run_from, runs_from, starts
from madoguchi.reservations.rules import STAFF_CHANNELS

MOMENT = timedelta(microseconds=1)
WEB, PHONE = "WEB", "PHONE"
# Roads in Japanese cities are about so much longer than the straight line between two places.
ROAD_FACTOR = 1.3
# Of an office with many free seats so large a part is free, over so many of the days that can be booked next.
ROOMY, ROOMY_DAYS = 0.6, 14
# Up to so many free times a day is 「残りわずか」.
LOW_STOCK_STARTS = 2


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which a visit can be booked now, both included."""

    first: date
    last: date

    def narrowed(self, first: date | None, last: date | None) -> "Window | None":
        """Return what is left of it between two days, None when nothing is."""
        since, until = max(self.first, first or self.first), min(self.last, last or self.last)
        return Window(since, until) if since <= until else None

    @property
    def since(self) -> datetime:
        """The instant at which the first day begins."""
        return clock.at(self.first, time())

    @property
    def until(self) -> datetime:
        """The instant at which the last day ends."""
        return clock.at(self.last + timedelta(days=1), time())


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Until when a citizen may change and cancel a visit alone."""

    change: datetime
    cancel: datetime


def deadlines(starts_at: datetime, office_code: str) -> Deadlines:
    """Return until when a visit may be changed and cancelled on the web; the instants themselves included."""
    day = clock.to_jst(starts_at).date()
    rules, city = booking_rules(clock.now(), office_code), calendar(CalendarCode.CITY)
    return Deadlines(
        change=contract_rules.change_deadline(day, rules, city),
        cancel=contract_rules.cancel_deadline(day, rules, city),
    )


def slots_for(codes: Sequence[str]) -> int:
    """Return how many slots the procedures of one visit fill."""
    chosen = [row for row in procedures(enabled_only=False) if row.code in codes]
    return contract_rules.slots_needed(chosen, program().slot_minutes)


def run_for(slot: int, codes: Sequence[str]) -> Run | None:
    """Return the slots that these procedures fill from this slot on, None where there is no such run."""
    return run_from(slot, slots=slots_for(codes), slot_minutes=program().slot_minutes)


def runs_for(slot: int, visits: Sequence[Sequence[str]], *, any_hour: bool) -> list[Run] | None:
    """Return who of one or several people fills which slots when the first begins with this one.

    None where they do not fit now. `any_hour` counts seats kept for the telephone as free.
    """
    return runs_from(
        run_for(slot, visits[0]),
        slot_counts=[slots_for(codes) for codes in visits],
        slot_minutes=program().slot_minutes,
        any_hour=any_hour,
    )


def window(place: OfficeRow, *, channel: str, moving: bool = False) -> Window | None:
    """Return the first and last open day that can be booked at an office now.

    None before its wave opens, after the term, and where no open day lies between.

    Staff may book closer to the day than citizens, and closer still when `moving` a visit that is booked;
    all else is the same for every channel.
    """
    now = clock.now()
    if not place.takes_bookings(now):
        return None
    rules, city, term = booking_rules(now, place.code), calendar(CalendarCode.CITY), program()
    ways = [(contract_rules.register_deadline, rules.register_days)]
    if channel in STAFF_CHANNELS:
        ways = [(contract_rules.staff_register_deadline, rules.staff_register_days)]
        if moving:
            ways.append((contract_rules.staff_change_deadline, rules.staff_change_days))
    # So many business days back are as many calendar days back at least: no need to try those.
    first = max(
        clock.today() + timedelta(days=min(days_before for _, days_before in ways)),
        place.opens_on,
        term.term_starts_on,
    )
    while all(deadline(first, rules, city) < now for deadline, _ in ways):
        first += timedelta(days=1)
    last = min(clock.today() + timedelta(days=rules.opens_days_before), term.term_ends_on)
    if contract_rules.booking_opens(last, rules) > now:
        last -= timedelta(days=1)
    while first <= last and not is_service_day(first):
        first += timedelta(days=1)
    while first <= last and not is_service_day(last):
        last -= timedelta(days=1)
    return Window(first, last) if first <= last else None


def phone_days(place: OfficeRow, web: Window, *, moving: bool = False) -> Window | None:
    """Return the days before those of a citizen that can still be booked by telephone; None without any."""
    days = window(place, channel=PHONE, moving=moving)
    last = web.first - timedelta(days=1)
    while not is_service_day(last):
        last -= timedelta(days=1)
    return Window(days.first, last) if days and days.first <= last else None


def bookable_days(*, channel: str) -> Window:
    """Return the first and last open day that can be booked now at any office.

    Where no office takes bookings nothing is known about days: nobody is turned away because of them.
    """
    windows = [days for place in offices_taking_bookings() if (days := window(place, channel=channel))]
    if not windows:
        return Window(clock.today(), date.max)
    return Window(min(days.first for days in windows), max(days.last for days in windows))


def web_cutoff() -> tuple[date, datetime] | None:
    """Return the first day that citizens can book now, and until when they can; None where there is none."""
    now, city = clock.now(), calendar(CalendarCode.CITY)
    first = [
        (days.first, contract_rules.register_deadline(days.first, booking_rules(now, place.code), city))
        for place in offices_taking_bookings()
        if (days := window(place, channel=WEB))
    ]
    # Of offices with the same first day, the one that can be booked the longest.
    return min(first, key=lambda each: (each[0], -each[1].timestamp()), default=None)


def open_days(*, channel: str, first: date | None, last: date | None) -> list[date]:
    """Return the open days that can be booked now at any office, between two days."""
    days = bookable_days(channel=channel).narrowed(first, last)
    if days is None or days.last == date.max:
        return []
    every = (days.first + timedelta(days=place) for place in range((days.last - days.first).days + 1))
    return [day for day in every if is_service_day(day)]


def first_visit(not_before: date) -> tuple[date, datetime] | None:
    """Return the first open day from a day on, and from when it can be booked; None after the term."""
    day, term_ends_on = not_before, program().term_ends_on
    while day <= term_ends_on and not is_service_day(day):
        day += timedelta(days=1)
    if day > term_ends_on:
        return None
    return day, contract_rules.booking_opens(day, booking_rules(clock.now()))


def next_day_opens(last: date | None) -> datetime | None:
    """Return when the day after those bookable now opens; None when it lies after `last` or the term."""
    days = bookable_days(channel=WEB)
    if days.last == date.max:
        return None
    found = first_visit(days.last + timedelta(days=1))
    return found[1] if found and (last is None or found[0] <= last) else None


def is_service_day(day: date) -> bool:
    """Tell whether both the post offices and the city work on a day."""
    return all(calendar(code).is_open(day) for code in (CalendarCode.OFFICE, CalendarCode.CITY))


def open_starts(
    *,
    office_code: str,
    slots: int,
    within: Window,
    others: Sequence[int] = (),
    channel: str = WEB,
    session: uuid.UUID | None = None,
    codes: Sequence[str] = (),
) -> list[Start]:
    """Return every start of an office in a window, full ones included with free = 0.

    `others` are the slot counts of the others. With `codes` the starts at which one of these procedures
    is stopped count as full.
    """
    stopped = stops(codes, office_code)
    length = sum((slots, *others)) * timedelta(minutes=program().slot_minutes)
    found = starts(
        office=office_code,
        since=max(within.since, clock.now()),
        until=within.until,
        slots=slots,
        others=others,
        slot_minutes=program().slot_minutes,
        any_hour=channel in STAFF_CHANNELS,
        session=session,
    )
    return [
        replace(start, free=0)
        if any(
            stop.starts_at < start.starts_at + length and start.starts_at < stop.ends_at for stop in stopped
        )
        else start
        for start in found
    ]


def day_marks(starts: Sequence[Start], within: Window) -> dict[date, str]:
    """Return how full each day of a window is: free, few or full. A day that is missing is closed."""
    free: dict[date, int] = defaultdict(int)
    for start in starts:
        free[clock.to_jst(start.starts_at).date()] += bool(start.free)
    return {
        day: "full" if not left else "few" if left <= LOW_STOCK_STARTS else "free"
        for day, left in free.items()
        if within.first <= day <= within.last
    }


@dataclass(frozen=True, slots=True)
class Offer:
    """An office with its earliest free start (None when full) and its distance, where asked from a place."""

    office: OfficeRow
    earliest: Start | None
    km: float | None = None

    @property
    def road_km(self) -> int | None:
        """About how far it is by road, in whole kilometres: the places are known no better than that."""
        return None if self.km is None else max(1, round(self.km * ROAD_FACTOR))


def offers(
    *,
    slots: int,
    others: Sequence[int] = (),
    channel: str = WEB,
    first: date | None = None,
    last: date | None = None,
    origin: LatLon | None = None,
    ward_code: str = "",
    moving: bool = False,
    codes: Sequence[str] = (),
) -> list[Offer]:
    """Return the offices that take bookings, nearest first when asked from a place, else earliest first.

    `first` and `last` bound the visit day: a renewal window, or a day the person chose. `others` are the
    slot counts of the others, `moving` is that of `window`, `codes` that of `open_starts`.
    """
    length = sum((slots, *others)) * timedelta(minutes=program().slot_minutes)
    places = [row for row in offices_taking_bookings() if not ward_code or row.ward_code == ward_code]
    windows = []
    for place in places:
        days = window(place, channel=channel, moving=moving)
        days = days.narrowed(first, last) if days else None
        if days:
            since = max(days.since, clock.now())
            for stop in sorted(stops(codes, place.code), key=attrgetter("starts_at")):
                # A visit that begins a moment later would still run when service stops.
                windows.append((place.code, since, min(stop.starts_at - length + MOMENT, days.until)))
                since = max(since, stop.ends_at)
            windows.append((place.code, since, days.until))
    free = first_free(
        windows=windows,
        slots=slots,
        others=others,
        slot_minutes=program().slot_minutes,
        any_hour=channel in STAFF_CHANNELS,
    )
    found = [
        Offer(place, free.get(place.code), place.km_from(origin) if origin else None) for place in places
    ]
    far_future = clock.now() + timedelta(days=10_000)
    if origin:
        return sorted(found, key=lambda offer: (offer.km is None, offer.km or 0.0, offer.office.code))
    return sorted(
        found,
        key=lambda offer: (offer.earliest.starts_at if offer.earliest else far_future, offer.office.code),
    )


def by_day_then_distance(found: Sequence[Offer]) -> list[Offer]:
    """Return offices with the earliest free day first and, of those with the same day, the nearest."""

    def place(offer: Offer) -> tuple[bool, date, float]:
        day = clock.to_jst(offer.earliest.starts_at).date() if offer.earliest else date.max
        return offer.earliest is None, day, offer.km or 0.0

    return sorted(found, key=place)


@cached
def roomy_offices() -> frozenset[str]:
    """Return the codes of the offices where most seats of the next days are free for everybody."""
    days = bookable_days(channel=WEB)
    if days.last == date.max:
        return frozenset()
    until = clock.at(min(days.last, days.first + timedelta(days=ROOMY_DAYS)), time())
    seats: dict[str, int] = {}
    free: dict[str, int] = {}
    codes = [row.code for row in offices_taking_bookings()]
    for load in day_loads(offices=codes, since=days.since, until=until):
        seats[load.office] = seats.get(load.office, 0) + load.seats
        free[load.office] = free.get(load.office, 0) + load.free - load.kept
    return frozenset(code for code, count in seats.items() if count and free[code] >= count * ROOMY)


def alternatives(
    *,
    office_code: str,
    slots: int,
    channel: str = WEB,
    limit: int = 5,
    moving: bool = False,
    codes: Sequence[str] = (),
) -> list[Start]:
    """Return free starts to offer instead: the next ones at the office, then the earliest of near offices."""
    here = office(office_code)
    days = window(here, channel=channel, moving=moving)
    same = [
        start
        for start in (
            open_starts(office_code=office_code, slots=slots, within=days, channel=channel, codes=codes)
            if days
            else []
        )
        if start.free
    ][: limit - 2]
    others = [
        offer.earliest
        for offer in offers(slots=slots, channel=channel, origin=here.lat_lon, moving=moving, codes=codes)
        if offer.earliest and offer.office.code != office_code
    ]
    return [*same, *others][:limit]


def nearest_starts(
    *, office_code: str, slots: int, around: datetime, channel: str, limit: int = 5, codes: Sequence[str] = ()
) -> list[Start]:
    """Return free starts of an office, those nearest to an instant first: for somebody whose time is gone."""
    days = window(office(office_code), channel=channel, moving=True)
    if days is None:
        return []
    found = open_starts(office_code=office_code, slots=slots, within=days, channel=channel, codes=codes)
    return sorted((start for start in found if start.free), key=lambda start: abs(start.starts_at - around))[
        :limit
    ]
