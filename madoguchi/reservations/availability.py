"""What is free: one query a page. The truth is decided only when a seat is taken (seats.take_seats)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from madoguchi.common import clock
from madoguchi.common.statements import run
from madoguchi.reservations.seats import ANY_HOUR, FREE_NOW


@dataclass(frozen=True, slots=True)
class Start:
    """An instant at which a visit could start: `slot` begins the run, `free` seats are left throughout."""

    slot: int
    office: str
    starts_at: datetime
    free: int


@dataclass(frozen=True, slots=True)
class Run:
    """The slots a visit fills, in order."""

    office: str
    starts_at: datetime
    slot_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DayLoad:
    """Seats of an office on a day: offered, free, free but kept for the telephone, held."""

    office: str
    day: date
    seats: int
    free: int
    kept: int
    held: int
    booked: int


def starts(
    *,
    office: str,
    since: datetime,
    until: datetime,
    slots: int,
    slot_minutes: int,
    any_hour: bool = False,
    hold: uuid.UUID | None = None,
) -> list[Start]:
    """Return every start of an office between two instants (the second excluded), full ones with free = 0.

    A start needs `slots` slots without a gap; a run never ends after closing time, since there are none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT slot.id, slot.starts_at, count(seat.slot_id) FILTER (WHERE {FREE_NOW})
              FROM offices_slot AS slot LEFT JOIN reservations_seat AS seat ON seat.slot_id = slot.id
             WHERE slot.office_id = %(office)s AND slot.capacity > 0
               AND slot.starts_at >= %(since)s AND slot.starts_at < %(until)s
             GROUP BY slot.id ORDER BY slot.starts_at
            """,  # noqa: S608 - our own words; values are parameters
            {
                "office": office,
                "since": since,
                "until": until,
                "now": clock.now(),
                "web_hour": ANY_HOUR if any_hour else clock.now(),
                "hold": hold,
            },
        )
        rows = cursor.fetchall()
    step = timedelta(minutes=slot_minutes)
    free_at = {starts_at: free for _, starts_at, free in rows}
    return [
        Start(
            slot_id,
            office,
            starts_at,
            free if slots == 1 else min(free_at[starts_at + step * place] for place in range(slots)),
        )
        for slot_id, starts_at, free in rows
        if slots == 1 or all(starts_at + step * place in free_at for place in range(1, slots))
    ]


def first_free(
    *,
    windows: Sequence[tuple[str, datetime, datetime]],
    slots: int,
    slot_minutes: int,
    any_hour: bool = False,
) -> dict[str, Start]:
    """Return the earliest free start of each office within its own window, in one query."""
    if not windows:
        return {}
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
                           AND part.starts_at < slot.starts_at + make_interval(mins => %(length)s)
                           AND EXISTS (SELECT 1 FROM reservations_seat AS seat
                                        WHERE seat.slot_id = part.id AND {FREE_NOW})) = %(slots)s
                 ORDER BY slot.starts_at LIMIT 1) AS first
            """,  # noqa: S608 - our own words; values are parameters
            {
                "offices": list(offices),
                "since": list(since),
                "until": list(until),
                "length": slot_minutes * slots,
                "slots": slots,
                "now": clock.now(),
                "web_hour": ANY_HOUR if any_hour else clock.now(),
                "hold": None,
            },
        )
        return {row[0]: Start(row[1], row[0], row[2], 1) for row in cursor.fetchall()}


def run_from(slot_id: int, *, slots: int, slot_minutes: int) -> Run | None:
    """Return the run of slots that starts with this one, or None when there is no such slot or a gap."""
    first = run("SELECT office_id, starts_at FROM offices_slot WHERE id = %s", [slot_id]).fetchone()
    if first is None:
        return None
    office, starts_at = first
    found = [(slot_id,)]
    if slots > 1:
        until = starts_at + timedelta(minutes=slot_minutes * slots)
        found = run(
            "SELECT id FROM offices_slot WHERE office_id = %s AND starts_at >= %s AND starts_at < %s "
            "ORDER BY starts_at",
            [office, starts_at, until],
        ).fetchall()
    return Run(office, starts_at, tuple(row[0] for row in found)) if len(found) == slots else None


def day_loads(*, offices: Sequence[str], since: datetime, until: datetime) -> list[DayLoad]:
    """Return the load of offices day by day, in one query; the matrix, its files and its sums use it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT slot.office_id, (slot.starts_at AT TIME ZONE 'Asia/Tokyo')::date AS day,
                   count(seat.slot_id) FILTER (WHERE NOT seat.is_withdrawn),
                   count(seat.slot_id) FILTER (WHERE seat.reservation_id IS NULL AND NOT seat.is_withdrawn
                                                 AND (seat.hold_id IS NULL OR seat.held_until <= %(now)s)),
                   count(seat.slot_id) FILTER (WHERE seat.reservation_id IS NULL AND NOT seat.is_withdrawn
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
