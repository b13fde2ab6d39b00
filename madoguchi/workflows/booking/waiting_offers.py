"""Offer free seats to who waits for them, in the order in which they entered (仕様書 4(3)ア).

Runs in the transaction that frees a seat, so that nobody else sees it before them, and every minute for all
other ways in which seats come free.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import TypeAlias

from django.db import transaction

from madoguchi.common import clock
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.rules import Hours
from madoguchi.contract.selectors import booking_rules, calendar, program
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.services import queue_mail
from madoguchi.offices.selectors import office
from madoguchi.reservations import waiting
from madoguchi.reservations.availability import Start
from madoguchi.reservations.errors import SlotFull
from madoguchi.reservations.rules import STAFF_CHANNELS
from madoguchi.reservations.waiting_entries import WaitingEntry
from madoguchi.workflows.booking.offering import Window, open_starts, runs_for, slots_for, window

# Visits for the procedures of one or several people at an office, by channel: what is free for them is asked
# once for all in line.
Kind: TypeAlias = tuple[str, tuple[tuple[str, ...], ...], str]


def offer_seats() -> int:
    """End what ran out, then offer what is free; return how many got an offer. Idempotent."""
    with transaction.atomic(durable=True):
        for row in [*waiting.lapse_offers(), *waiting.end_past_wishes()]:
            _tell(MailKind.WAIT_OVER, row)
        return offer_free_seats()


def offer_free_seats(*, offices: Sequence[str] = ()) -> int:
    """Offer free seats, of some offices only where told, in the caller's transaction; returns how many."""
    seen: dict[Kind, list[Start]] = {}
    served = 0
    in_line = waiting.lock_waiting_in_order(offices=offices)
    wished = _days_wished_for(in_line)
    for row in in_line:
        start = _earliest(row, wished, seen)
        if start is None:
            continue
        any_hour = row.channel in STAFF_CHANNELS
        runs = runs_for(start.slot, row.visits, any_hour=any_hour)
        if runs is None:
            continue
        for key in [key for key in seen if key[0] == start.office]:
            del seen[key]
        try:
            with transaction.atomic():
                waiting.offer(
                    wait_id=row.id,
                    slot_ids=[slot for run in runs for slot in run.slot_ids],
                    until=_hours(row).after(
                        clock.now(), open_minutes=booking_rules(clock.now()).offer_minutes
                    ),
                    any_hour=any_hour,
                )
        except SlotFull:  # somebody was quicker; the next minute tries again
            continue
        served += 1
        _tell(MailKind.WAIT_OFFER, row)
    return served


def _days_wished_for(rows: Sequence[WaitingEntry]) -> dict[Kind, list[Window]]:
    """Return the days on which somebody in line would come, as windows that do not touch each other."""
    wished: dict[Kind, list[Window]] = {}
    for row in sorted(rows, key=lambda row: row.wish.first_day):
        for code in row.wish.offices:
            windows = wished.setdefault((code, row.visits, row.channel), [])
            if windows and row.wish.first_day <= windows[-1].last + timedelta(days=1):
                windows[-1] = replace(windows[-1], last=max(windows[-1].last, row.wish.last_day))
            else:
                windows.append(Window(row.wish.first_day, row.wish.last_day))
    return wished


def _free_starts(kind: Kind, wished: Sequence[Window]) -> list[Start]:
    code, visits, channel = kind
    slots, *others = map(slots_for, visits)
    days = window(office(code), channel=channel)
    narrowed = [days.narrowed(each.first, each.last) for each in wished] if days else []
    return [
        start
        for within in narrowed
        if within
        for start in open_starts(
            office_code=code,
            slots=slots,
            others=others,
            within=within,
            channel=channel,
            codes=list(chain.from_iterable(visits)),
        )
        if start.free
    ]


def _earliest(
    row: WaitingEntry, wished: Mapping[Kind, Sequence[Window]], seen: dict[Kind, list[Start]]
) -> Start | None:
    fitting = []
    for code in row.wish.offices:
        kind = code, row.visits, row.channel
        if kind not in seen:
            seen[kind] = _free_starts(kind, wished[kind])
        fitting += [
            start for start in seen[kind] if row.wish.fits(start.starts_at) and start.slot not in row.passed
        ]
    return min(
        fitting, key=lambda start: (start.starts_at, row.wish.offices.index(start.office)), default=None
    )


def _tell(kind: MailKind, row: WaitingEntry) -> None:
    if row.has_email:
        now = clock.now()
        # An offer may be taken back by a pause: the next one is news again.
        occasion = now.isoformat() if kind == MailKind.WAIT_OFFER else "once"
        queue_mail(kind=kind, target=str(row.id), occasion=occasion, due_at=_hours(row).next(now))


def _hours(row: WaitingEntry) -> Hours:
    """Return when somebody in line can be told: those without mail, when somebody is there to call them."""
    rules, staff = booking_rules(clock.now()), program()
    if row.has_email:
        return Hours(rules.offer_from, rules.offer_to)
    return Hours(staff.call_centre_opens, staff.call_centre_closes, calendar(CalendarCode.CALL_CENTRE))
