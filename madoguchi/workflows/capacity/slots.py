"""Build slots and seats, and change capacity without dropping a booking (仕様書 4(3)ア)."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.db import connection, transaction

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.contract import rules as contract_rules
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import booking_rules, calendar, program
from madoguchi.offices.selectors import offices
from madoguchi.offices.services import lay_out_slots, lock_offering
from madoguchi.reservations.disruption_lists import latest_unresolved_disruption_id
from madoguchi.reservations.disruptions import create_disruption
from madoguchi.reservations.search import ListRow, list_of
from madoguchi.reservations.seats import ALWAYS, fit_seats, keep_for_telephone
from madoguchi.reservations.selectors import disrupted
from madoguchi.sealing.shown import refuse_other
from madoguchi.workflows.outage.disruptions import mail_reinstated

# Slots reach two weeks beyond the booking window, so that a stopped job for a week is no outage.
SPARE_DAYS = 14
OFFICES_AT_ONCE = 50
# The service runs where both the office and the city are open (domain: calendars).
CALENDARS = (CalendarCode.OFFICE, CalendarCode.CITY)


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a change: the number of changed slots and the affected visits."""

    slots: int
    affected: list[ListRow]
    disruption: int | None = None
    was_done: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a form says that its page showed (`seen`), and how the same is read again (docs/adr/0028)."""

    seen: str
    read: Callable[[], str]


def extend_slots(places: Sequence[str] = ()) -> int:
    """Build all slots and seats of the booking window and return how many changed. Idempotent.

    For every office, unless some are given. A few offices in each transaction: a pause waits for it
    (`lock_offering`).
    """
    codes = places or [row.code for row in offices()]
    return sum(
        len(lay_out(codes[first : first + OFFICES_AT_ONCE]))
        for first in range(0, len(codes), OFFICES_AT_ONCE)
    )


def change_offering(
    *,
    change: Callable[[], object],
    places: Sequence[str],
    title: str,
    actor: Actor,
    shown: Shown | None = None,
) -> Effect:
    """Apply a change of hours, closures or presets, refit the seats, and list the affected people.

    `change` calls services of `offices`. No booking is dropped: an affected person keeps the seat, which is
    offered to nobody else, and is listed until resolved. A visit whose time is served again is resolved, and
    the person notified by mail if the disruption was notified by mail. Raises ContentChanged unless the page
    showed what stands. A change that was made already, by the same press, is not made again: `was_done`.
    """
    try:
        with transaction.atomic(durable=True):
            lock_offering()
            changed, affected = _apply(partial(_change_shown, change, shown) if shown else change, places)
            rows = list_of(affected, scope=EVERYWHERE)
            mail_reinstated(actor=actor)
            listed = create_disruption(title=title, reservations=affected, actor=actor)
            return Effect(len(changed), rows, listed)
    except _DoneAlready:
        return Effect(0, [], latest_unresolved_disruption_id(title=title, actor=actor), was_done=True)


def preview_offering(
    *, change: Callable[[], object], places: Sequence[str], shown: Shown | None = None
) -> Effect:
    """Return the effect of a change without writing anything. Raises ContentChanged."""
    with transaction.atomic(durable=True):
        lock_offering()
        if shown:
            refuse_other(shown.seen, shown.read())
        changed, affected = _apply(change, places)
        effect = Effect(len(changed), list_of(affected, scope=EVERYWHERE))
        transaction.set_rollback(True)
    return effect


def _change_shown(change: Callable[[], object], shown: Shown) -> None:
    """Apply a change to what its page showed, under the lock. Raises ContentChanged and _DoneAlready."""
    stands = shown.read()
    change()
    if shown.read() == stands:
        raise _DoneAlready
    refuse_other(shown.seen, stands)


class _DoneAlready(Exception):
    """Everything is as the change wants it: the same press came before."""


def _apply(change: Callable[[], object], places: Sequence[str]) -> tuple[list[int], list[uuid.UUID]]:
    """Apply a change and return the changed slots and the newly affected reservations.

    People affected before are on a list already. A visit that staff decided to keep is affected anew when the
    capacity at its time shrinks further, or one more closure covers it.
    """
    before = _misfits(places)
    change()
    changed, after = lay_out(places), _misfits(places)
    listed = disrupted(before)
    return changed, [
        row
        for row, (closures, capacity) in after.items()
        if row not in before
        or (row not in listed and (closures > before[row][0] or capacity < before[row][1]))
    ]


def _misfits(places: Sequence[str]) -> dict[uuid.UUID, tuple[int, int]]:
    """Return the reservations of offices, from now on, that sit on a withdrawn seat.

    With each how many closures cover its slots, and how many seats these offer: what its fate depends on.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT seat.reservation_id, sum(closed.count)::int, sum(slot.capacity)::int
              FROM reservations_seat AS seat JOIN offices_slot AS slot ON slot.id = seat.slot_id
             CROSS JOIN LATERAL (
                   SELECT count(*) FROM offices_closure AS closure
                    WHERE closure.withdrawn_at IS NULL
                      AND (closure.office_id IS NULL OR closure.office_id = slot.office_id)
                      AND closure.during && tstzrange(slot.starts_at, slot.ends_at)) AS closed
             WHERE slot.office_id = ANY(%s) AND slot.starts_at > %s AND seat.reservation_id IS NOT NULL
             GROUP BY seat.reservation_id HAVING bool_or(seat.is_withdrawn)
            """,
            [list(places), clock.now()],
        )
        return {row: (closures, capacity) for row, closures, capacity in cursor.fetchall()}


@transaction.atomic
def lay_out(places: Sequence[str], *, since: date = date.min, until: date = date.max) -> list[int]:
    """Make slots and seats of offices follow the plan, on the days told only, and return what changed."""
    term = program()
    first = max(clock.today(), term.term_starts_on, since)
    last = min(laid_out_until(places), until)
    if first > last:
        return []
    changed = lay_out_slots(
        offices=places,
        first=first,
        last=last,
        slot_minutes=term.slot_minutes,
        calendars=[calendar(code) for code in CALENDARS],
    )
    fit_seats(slot_ids=changed)
    _reserve_for_telephone(places, since=first, until=last)
    return changed


def laid_out_until(places: Sequence[str]) -> date:
    """Return the last day of the term on which offices have slots: some days beyond the booking window."""
    now = clock.now()
    reach = max(booking_rules(now, code).opens_days_before for code in places) if places else 0
    return min(clock.today() + timedelta(days=reach + SPARE_DAYS), program().term_ends_on)


def _reserve_for_telephone(places: Sequence[str], *, since: date, until: date) -> None:
    """Keep a share of each day's seats for callers, evenly spread, until the rules release them.

    Every day that was laid out, not only those whose slots changed: the share may have been decided anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT slot.office_id, (slot.starts_at AT TIME ZONE 'Asia/Tokyo')::date,
                   seat.slot_id, seat.seat_no
              FROM offices_slot AS slot JOIN reservations_seat AS seat ON seat.slot_id = slot.id
             WHERE slot.office_id = ANY(%s) AND NOT seat.is_withdrawn
               AND slot.starts_at >= %s AND slot.starts_at < %s
             ORDER BY slot.office_id, slot.starts_at, seat.seat_no
            """,
            [list(places), clock.at(since, clock.MIDNIGHT), clock.at(until, clock.MIDNIGHT) + clock.DAY],
        )
        days: dict[tuple[str, date], list[tuple[int, int]]] = defaultdict(list)
        for office_code, day, slot_id, seat_no in cursor.fetchall():
            days[office_code, day].append((slot_id, seat_no))
    now, city = clock.now(), calendar(CalendarCode.CITY)
    wanted = []
    for (office_code, day), seats in days.items():
        rules = booking_rules(now, office_code)
        release = contract_rules.telephone_release(day, rules, city)
        for place, (slot_id, seat_no) in enumerate(seats):
            kept = contract_rules.is_kept_for_telephone(place, rules)
            wanted.append((slot_id, seat_no, release if kept else ALWAYS))
    if wanted:
        slot_ids, seat_numbers, web_from = zip(*wanted, strict=True)
        keep_for_telephone(slot_ids=slot_ids, seat_numbers=seat_numbers, web_from=web_from)
