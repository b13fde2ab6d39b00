"""Sessions in which somebody books: begun, holding seats, extended, given back, purged (仕様書 4(3)ア)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction

from madoguchi.common import clock
from madoguchi.common.statements import pipelined
from madoguchi.contract.rules import hold_minutes
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.kept_forms.services import purge_forms
from madoguchi.rate_limits.services import hit_rate_limit, purge_counters
from madoguchi.reservations import booking_sessions, services
from madoguchi.reservations.availability import ask_run, read_run, runs_from
from madoguchi.reservations.errors import (
    HoldExpired,
    SlotFull,
)
from madoguchi.reservations.rules import STAFF_CHANNELS
from madoguchi.reservations.waiting_removal import purge_ended
from madoguchi.workflows.booking.conditions import find_run, refuse_closed, refuse_paused, slot_count
from madoguchi.workflows.booking.offering import WEB

# So many sessions of one source in a window (仕様書 4(3)ア): as many as the whole city begins when it is
# busy, for a telephone company sends thousands of people by one address. A session holds no seats yet.
HOLDS_PER_SOURCE = 300
WINDOW_MINUTES = 15


def start_session(*, source: str, form_data: Mapping[str, object]) -> str:
    """Begin a booking session and return the token for the browser. Raises TooManyTries."""
    hit_rate_limit(scope="hold", source=source, limit=HOLDS_PER_SOURCE, window_minutes=WINDOW_MINUTES)
    with transaction.atomic(durable=True):
        return booking_sessions.start_session(source=source, form_data=form_data)


def hold_slot(
    *,
    token: str,
    slot: int,
    codes: Sequence[str],
    others: Sequence[Sequence[str]] = (),
    channel: str = WEB,
) -> datetime:
    """Hold a run of seats for a session and return until when; pressed twice it holds them once.

    `others` are the procedures of those who come along: all get their seats, or nobody. An operator holds
    seats kept for the telephone too, while the caller is spoken to (仕様書 4(5)ウ).
    Raises HoldExpired, SlotFull, Paused, DeadlinePassed and NotYetOpen; then what was held before still is.
    """
    with transaction.atomic(durable=True):
        slot_counts, slot_minutes = [slot_count(each) for each in (codes, *others)], program().slot_minutes
        with pipelined():
            asked, asked_run = (
                booking_sessions.ask_session(token),
                ask_run(slot, slots=slot_counts[0], slot_minutes=slot_minutes),
            )
        session, first = booking_sessions.read_session(asked), read_run(asked_run, slots=slot_counts[0])
        if session.reservation:
            raise HoldExpired
        held = booking_sessions.held_runs(session, slot_counts=slot_counts, slot_minutes=slot_minutes)
        if held and held[0].slot_ids[0] == slot and session.is_live and session.held_until:
            return session.held_until
        runs = runs_from(
            first,
            slot_counts=slot_counts,
            slot_minutes=slot_minutes,
            any_hour=channel in STAFF_CHANNELS,
            session=session.id,
        )
        if runs is None:
            find_run(slot, codes)  # which says so where the time is stopped
            raise SlotFull
        for run, each in zip(runs, (codes, *others), strict=True):
            refuse_paused(run, each)
            refuse_closed(run, channel=channel)
        rules = booking_rules(clock.now(), runs[0].office)
        return booking_sessions.hold_run(
            session=session.id,
            slot_ids=[each for run in runs for each in run.slot_ids],
            hold_minutes=hold_minutes(rules, len(runs)),
            any_hour=channel in STAFF_CHANNELS,
        )


def extend_hold(*, token: str, extensions: int, people: int = 1) -> datetime:
    """Hold the seats of a session longer by its time and return until when.

    `extensions` is how often that had been done on the page that was pressed; pressed twice it is done once.
    Raises NoMoreExtensions and HoldExpired.
    """
    with transaction.atomic(durable=True):
        session = booking_sessions.find_session(token, lock=True)
        rules = booking_rules(clock.now(), session.office)
        return booking_sessions.extend_hold(
            session=session,
            hold_minutes=hold_minutes(rules, people),
            max_extensions=rules.hold_extensions,
            extensions=extensions,
        )


def release_hold(*, token: str) -> None:
    """Give back the seats of a session nobody goes on with; without one nothing happens."""
    with transaction.atomic(durable=True), suppress(HoldExpired):
        booking_sessions.end_hold(booking_sessions.find_session(token, lock=True))


def purge(*, now: datetime) -> None:
    """Delete sessions and forms nobody goes on with, who has left the waiting list, counters of yesterday."""
    rules = booking_rules(now)
    while booking_sessions.purge_sessions(now=now, unused_since=now - timedelta(minutes=rules.draft_minutes)):
        pass
    # So long the last mail and its link still say how the waiting ended.
    purge_ended(before=now - timedelta(days=rules.keep_wait_days))
    services.purge_submissions_and_codes(before=now - timedelta(days=2))
    purge_counters(before=now - timedelta(days=2))
    purge_forms(now=now)
