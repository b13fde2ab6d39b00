"""Free times of offices, one query a page; whether a seat is still free is decided by `seats.take_seats`."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any

from django.db import connection
from psycopg import Cursor

from madoguchi.common import clock
from madoguchi.common.statements import execute_prepared
from madoguchi.reservations.rules import sit_together
from madoguchi.reservations.seats import ANY_HOUR, FREE_NOW

# Within so many days most offices have room for a family.
SEARCH_FIRST_DAYS = timedelta(days=10)
# The slots that begin within so many minutes from the start of one, at its office.
RUN_SLOTS = """SELECT slot.id, first.office_id, first.starts_at
           FROM offices_slot AS first
           JOIN offices_slot AS slot ON slot.office_id = first.office_id AND slot.starts_at >= first.starts_at
                AND slot.starts_at < first.starts_at + make_interval(mins => %s)
          WHERE first.id = %s ORDER BY slot.starts_at"""
# An office, and the instants from which and before which a visit there may start.
Window = tuple[str, datetime, datetime]
# Slot, time and free seats.
SeatRow = tuple[int, datetime, int]


@dataclass(frozen=True, slots=True)
class Start:
    """A time at which a visit can start, and its first slot.

    `free` is how many seats are free in every slot of the visit, 0 where the others of a family do not fit;
    `first_free` says 1 for one person, without counting further.
    """

    slot: int
    office: str
    starts_at: datetime
    free: int


@dataclass(frozen=True, slots=True)
class Run:
    """The consecutive slots of one visit, in order."""

    office: str
    starts_at: datetime
    slot_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DayLoad:
    """Seats of an office on a day: offered, free, kept for the telephone, held, booked.

    `free` includes those `kept`; `held` and `booked` include withdrawn seats, `seats` does not.
    """

    office: str
    day: date
    seats: int
    free: int
    kept: int
    held: int
    booked: int

    @property
    def is_full(self) -> bool:
        """Tell whether seats are offered, and none is left; a day without seats is closed, not full."""
        return self.seats > 0 and not self.free


def starts(
    *,
    office: str,
    since: datetime,
    until: datetime,
    slots: int,
    slot_minutes: int,
    others: Sequence[int] = (),
    any_hour: bool = False,
    session: uuid.UUID | None = None,
) -> list[Start]:
    """Return every start of an office between two instants (the second excluded), full ones with free = 0.

    A start needs `slots` slots without a gap; a run never ends after closing time, since there are none.
    `others` are the slot counts of the others (rules.sit_together).
    """
    [rows] = _free_seats([(office, since, until)], any_hour=any_hour, session=session)
    return list(_starts(office, rows, (slots, *others), timedelta(minutes=slot_minutes)))


def _free_seats(
    windows: Sequence[Window], *, any_hour: bool, session: uuid.UUID | None = None
) -> list[list[SeatRow]]:
    """Return the slots of each window with their free seats, in order, in one query; windows may overlap."""
    offices, since, until = zip(*windows, strict=True)
    found: list[list[SeatRow]] = [[] for _ in windows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT wanted.place, slot.id, slot.starts_at, count(seat.slot_id) FILTER (WHERE {FREE_NOW})
              FROM unnest(%(offices)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[])
                   WITH ORDINALITY AS wanted(office, since, until, place)
              JOIN offices_slot AS slot ON slot.office_id = wanted.office AND slot.capacity > 0
                   AND slot.starts_at >= wanted.since AND slot.starts_at < wanted.until
              LEFT JOIN reservations_seat AS seat ON seat.slot_id = slot.id
             GROUP BY wanted.place, slot.id ORDER BY slot.starts_at
            """,  # noqa: S608 - our own words; values are parameters
            {
                "offices": list(offices),
                "since": list(since),
                "until": list(until),
                "now": clock.now(),
                "web_hour": ANY_HOUR if any_hour else clock.now(),
                "session": session,
            },
        )
        for place, *row in cursor.fetchall():
            found[place - 1].append(tuple(row))
    return found


def _starts(
    office: str, rows: Sequence[SeatRow], slot_counts: Sequence[int], slot_length: timedelta
) -> Iterator[Start]:
    """Yield every start in order, lazily: the first free one ends the search."""
    slots, *others = slot_counts
    free_at = {starts_at: free for _, starts_at, free in rows}
    for slot_id, starts_at, seats in rows:
        free = seats
        if slots > 1:
            parts = [starts_at + slot_length * place for place in range(slots)]
            if not all(part in free_at for part in parts):
                continue
            free = min(free_at[part] for part in parts)
        if (
            others
            and free
            and not sit_together(free_at, start=starts_at, slot_counts=slot_counts, slot_length=slot_length)
        ):
            free = 0
        yield Start(slot_id, office, starts_at, free)


def first_free(
    *,
    windows: Sequence[Window],
    slots: int,
    slot_minutes: int,
    others: Sequence[int] = (),
    any_hour: bool = False,
) -> dict[str, Start]:
    """Return the earliest free start of each office within its own windows, for one person in one query.

    The visit may last beyond the end of the window. `others` are the slot counts of the others: for a family
    all free seats are read, not only the first.
    """
    windows = [(office, since, until) for office, since, until in windows if since < until]
    if not windows:
        return {}
    if others:
        return _first_for_several(windows, (slots, *others), timedelta(minutes=slot_minutes), any_hour)
    offices, since, until = zip(*windows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT wanted.office, first.id, first.starts_at
              FROM unnest(%(offices)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[])
                   AS wanted(office, since, until)
             CROSS JOIN LATERAL (
                SELECT slot.id, slot.starts_at FROM offices_slot AS slot
                 WHERE slot.office_id = wanted.office
                   AND slot.starts_at >= wanted.since AND slot.starts_at < wanted.until
                   AND (SELECT count(*) FROM offices_slot AS part
                         WHERE part.office_id = wanted.office AND part.starts_at >= slot.starts_at
                           AND part.starts_at < slot.starts_at + make_interval(mins => %(visit_minutes)s)
                           AND EXISTS (SELECT 1 FROM reservations_seat AS seat
                                        WHERE seat.slot_id = part.id AND {FREE_NOW})) = %(slots)s
                 ORDER BY slot.starts_at LIMIT 1) AS first
            """,  # noqa: S608 - our own words; values are parameters
            {
                "offices": list(offices),
                "since": list(since),
                "until": list(until),
                "visit_minutes": slot_minutes * slots,
                "slots": slots,
                "now": clock.now(),
                "web_hour": ANY_HOUR if any_hour else clock.now(),
                "session": None,
            },
        )
        rows = sorted(cursor.fetchall(), key=itemgetter(2), reverse=True)
    return {office: Start(slot, office, starts_at, 1) for office, slot, starts_at in rows}


def _first_for_several(
    windows: Sequence[Window],
    slot_counts: Sequence[int],
    slot_length: timedelta,
    any_hour: bool,  # noqa: FBT001 - passed on
) -> dict[str, Start]:
    """Search the first SEARCH_FIRST_DAYS of each office; only for offices found full there, the rest."""
    found: dict[str, Start] = {}
    rest_from: dict[str, datetime] = {}
    for office, since, _ in windows:
        rest_from[office] = min(rest_from.get(office, since + SEARCH_FIRST_DAYS), since + SEARCH_FIRST_DAYS)
    soon = [(office, since, min(until, rest_from[office])) for office, since, until in windows]
    rest = [(office, max(since, rest_from[office]), until) for office, since, until in windows]
    for part in (soon, rest):
        wanted = [each for each in part if each[1] < each[2] and each[0] not in found]
        if not wanted:
            continue
        # The last start of a window needs seats beyond its end.
        length = slot_length * sum(slot_counts)
        read = _free_seats(
            [(office, since, until + length) for office, since, until in wanted], any_hour=any_hour
        )
        for (office, _, until), rows in zip(wanted, read, strict=True):
            start = next(
                (each for each in _starts(office, rows, slot_counts, slot_length) if each.free), None
            )
            if start and start.starts_at < until:
                found[office] = min(start, found.get(office, start), key=attrgetter("starts_at"))
    return found


def ask_run(slot_id: int, *, slots: int, slot_minutes: int) -> Cursor[Any]:
    """Query the run of slots that starts with this one, in a pipeline; `read_run` reads the result."""
    return execute_prepared(RUN_SLOTS, [slot_minutes * slots, slot_id])


def read_run(asked: Cursor[Any], *, slots: int) -> Run | None:
    """Return the run that `ask_run` asked for, or None when there is no such slot or a gap."""
    found = asked.fetchall()
    if len(found) != slots:
        return None
    return Run(found[0][1], found[0][2], tuple(row[0] for row in found))


def run_from(slot_id: int, *, slots: int, slot_minutes: int) -> Run | None:
    """Return the run of slots that starts with this one, or None when there is no such slot or a gap."""
    return read_run(ask_run(slot_id, slots=slots, slot_minutes=slot_minutes), slots=slots)


def runs_from(
    first: Run | None,
    *,
    slot_counts: Sequence[int],
    slot_minutes: int,
    any_hour: bool = False,
    session: uuid.UUID | None = None,
) -> list[Run] | None:
    """Return each person's run, given the first person's run; None when the others do not fit."""
    if first is None or len(slot_counts) == 1:
        return None if first is None else [first]
    slot_length = timedelta(minutes=slot_minutes)
    # Nobody starts after all others are done.
    window = (first.office, first.starts_at, first.starts_at + slot_length * sum(slot_counts))
    [rows] = _free_seats([window], any_hour=any_hour, session=session)
    return runs_within(
        {starts_at: (slot, free) for slot, starts_at, free in rows},
        office=first.office,
        start=first.starts_at,
        slot_counts=slot_counts,
        slot_minutes=slot_minutes,
    )


def runs_within(
    seats: Mapping[datetime, tuple[int, int]],
    *,
    office: str,
    start: datetime,
    slot_counts: Sequence[int],
    slot_minutes: int,
) -> list[Run] | None:
    """Return the run of each person within these seats: at each time the slot, and how many it has."""
    slot_length = timedelta(minutes=slot_minutes)
    begins = sit_together(
        {at: free for at, (_, free) in seats.items()},
        start=start,
        slot_counts=slot_counts,
        slot_length=slot_length,
    )
    if begins is None:
        return None
    return [
        Run(office, at, tuple(seats[at + slot_length * place][0] for place in range(slot_count)))
        for at, slot_count in zip(begins, slot_counts, strict=True)
    ]


def day_loads(*, offices: Sequence[str], since: datetime, until: datetime) -> list[DayLoad]:
    """Return the load of offices day by day, in one query; the matrix, its files and its sums use it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT slot.office_id, (slot.starts_at AT TIME ZONE 'Asia/Tokyo')::date AS day,
                   count(seat.slot_id) FILTER (WHERE NOT seat.is_withdrawn),
                   count(seat.slot_id) FILTER (WHERE seat.reservation_id IS NULL AND NOT seat.is_withdrawn
                                                 AND (seat.session_id IS NULL OR seat.held_until <= %(now)s)),
                   count(seat.slot_id) FILTER (WHERE seat.reservation_id IS NULL AND NOT seat.is_withdrawn
                                                 AND (seat.session_id IS NULL OR seat.held_until <= %(now)s)
                                                 AND seat.web_from > %(now)s),
                   count(seat.slot_id) FILTER (WHERE seat.held_until > %(now)s),
                   count(seat.slot_id) FILTER (WHERE seat.reservation_id IS NOT NULL)
              FROM offices_slot AS slot LEFT JOIN reservations_seat AS seat ON seat.slot_id = slot.id
             WHERE slot.office_id = ANY(%(offices)s)
               AND slot.starts_at >= %(since)s AND slot.starts_at < %(until)s
             GROUP BY slot.office_id, day ORDER BY slot.office_id, day
            """,
            {"offices": list(offices), "since": since, "until": until, "now": clock.now()},
        )
        return [DayLoad(*row) for row in cursor.fetchall()]
