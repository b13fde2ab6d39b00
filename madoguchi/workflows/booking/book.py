"""Book: one way for every channel (仕様書 4(3)ア, 4(5)ウ).

A request is checked, its rows are locked, its seats taken and all of it written, in one durable transaction
that waits for the database five times: begin, what is asked for, seats and persons, rows, commit.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from madoguchi.audit.actor import CITIZEN, Actor
from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.common.statements import pipelined
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.services import queue_mail
from madoguchi.reservations import booking_sessions, claims, creation, services
from madoguchi.reservations.availability import Run, ask_run
from madoguchi.reservations.booking_sessions import AskedSession, BookingSessionRow
from madoguchi.reservations.creation import NewReservation
from madoguchi.reservations.errors import DuplicateReservation, FamilyFull, HoldExpired, SlotFull
from madoguchi.reservations.people import Person, person_hash
from madoguchi.reservations.rules import MAX_PARTY_SIZE, STAFF_CHANNELS
from madoguchi.reservations.submissions import Created, answer_before, created_together, remember_submission
from madoguchi.sealing.shown import refuse_other
from madoguchi.workflows.booking.conditions import (
    read_asked_run,
    refuse_closed,
    refuse_day,
    refuse_forbidden_values,
    refuse_paused,
    slot_count,
)
from madoguchi.workflows.booking.offering import WEB, slots_for
from madoguchi.workflows.booking.waiting_offers import offer_free_seats


@dataclass(frozen=True, slots=True)
class Visitor:
    """One of those who come, and what for."""

    procedures: tuple[str, ...]
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequest:
    """What is asked for, by whom.

    `token` is that of a session whose seats are booked; `slot` starts the run of one visitor where there is
    none, or where it no longer holds it. `submission` and `fingerprint` tell the same request sent twice.
    `joins` is a reservation with which they come along. `may_repeat` books a person who already has a
    reservation for a procedure (staff only, recorded). `seen` is what the page showed that was pressed
    (`BookingSessionRow.shown`), None where it does not matter.
    """

    visitors: tuple[Visitor, ...]
    token: str = ""
    slot: int = 0
    channel: str = WEB
    actor: Actor = CITIZEN
    submission: str = ""
    fingerprint: str = ""
    joins: uuid.UUID | None = None
    may_repeat: bool = False
    seen: str | None = None


def book_held(request: BookingRequest) -> list[Created]:
    """Book the seats a session holds, for all or for nobody; pressed twice it gives the same answer.

    Each person has a reservation, a key, a link and a mail of their own (仕様書 4(3)ア). Raises
    ContentChanged, HoldExpired, SlotFull, Paused, DuplicateReservation, NotEligible, DeadlinePassed,
    ForbiddenValue, AlreadyCancelled and FamilyFull; then nothing is written, the session stays as it was, and
    `fields["person"]` is the number of the one who is refused.
    """
    with transaction.atomic(durable=True):
        session = booking_sessions.find_session(request.token, lock=True)
        if session.reservation:
            refuse_other(request.seen, session.booked_as)
            return created_together(session.reservation)
        refuse_other(request.seen, session.shown)
        slot_counts = [slot_count(visitor.procedures) for visitor in request.visitors]
        runs = booking_sessions.held_runs(
            session, slot_counts=slot_counts, slot_minutes=program().slot_minutes
        )
        if runs is None:
            raise SlotFull
        for run, visitor in zip(runs, request.visitors, strict=True):
            refuse_paused(run, visitor.procedures)
        # Who holds the seats may finish although the deadline passed meanwhile.
        if not session.is_live:
            for run in runs:
                refuse_closed(run, channel=request.channel)
        # In order, so that the same press finds them again in the order in which they were typed.
        keys = sorted(uuid.uuid4() for _ in request.visitors)
        return _take_and_write(request, keys=keys, runs=runs, session=session)


def book(request: BookingRequest) -> Created:
    """Book one visitor for staff and partners; the same submission gives the same answer.

    Where the session of `token` no longer holds the seats, free ones are taken. Raises as `book_held`, and
    IdempotencyMismatch when the submission came before with another content.
    """
    [visitor] = request.visitors
    with transaction.atomic(durable=True):
        reservation_id = uuid.uuid4()
        slots, slot_minutes, asked = slots_for(visitor.procedures), program().slot_minutes, None
        with pipelined():
            sent = remember_submission(
                scope=str(request.actor),
                key=request.submission,
                fingerprint=request.fingerprint,
                reservation_id=reservation_id,
            )
            asked_run = ask_run(request.slot, slots=slots, slot_minutes=slot_minutes)
            if request.token:
                asked = booking_sessions.ask_session(request.token)
        if before := answer_before(sent):
            return before
        run = read_asked_run(asked_run, visitor.procedures)
        session = _holding(asked, run)
        if not (session and session.is_live):
            refuse_closed(run, channel=request.channel)
        return _take_and_write(request, keys=[reservation_id], runs=[run], session=session)[0]


def _holding(asked: AskedSession | None, run: Run) -> BookingSessionRow | None:
    """Return the locked session that was asked for while the seats of a run are its own."""
    try:
        session = booking_sessions.read_session(asked) if asked else None
    except HoldExpired:
        return None
    return session if session and session.slot_ids == run.slot_ids else None


def _take_and_write(
    request: BookingRequest,
    *,
    keys: Sequence[uuid.UUID],
    runs: Sequence[Run],
    session: BookingSessionRow | None,
) -> list[Created]:
    booked_at = clock.now()
    for place, (run, visitor) in enumerate(zip(runs, request.visitors, strict=True)):
        with refused_as(place):
            refuse_forbidden_values(visitor.person)
            refuse_day(visitor.person, visitor.procedures, run, booking_rules(booked_at, run.office))
    party, minutes_of_slot = _party(request), program().slot_minutes
    # Nobody counts the bookings of staff: a call centre has one telephone number for many.
    counts = request.channel not in STAFF_CHANNELS
    contact_limit = booking_rules(booked_at).bookings_of_contact if counts else 0
    visits = [
        NewReservation(
            id=key,
            person=visitor.person,
            person_hash=person_hash(name=visitor.person.name, birth_date=visitor.person.birth_date),
            office=run.office,
            starts_at=run.starts_at,
            occupied_minutes=len(run.slot_ids) * minutes_of_slot,
            slot_ids=run.slot_ids,
            procedures=visitor.procedures,
            channel=request.channel,
            actor=request.actor,
            booked_at=booked_at,
            session=session.id if session else None,
            party=party,
            contact_limit=contact_limit,
        )
        for key, run, visitor in zip(keys, runs, request.visitors, strict=True)
    ]
    # Locked in one order by all: the same two people in two windows never wait for each other.
    order = sorted(range(len(visits)), key=lambda place: _lock_order(visits[place]))
    repeats: dict[int, bool] = {}
    taken = creation.take([visits[place] for place in order])
    for place, person in zip(order, taken.persons, strict=True):
        with refused_as(place):
            repeats[place] = bool(claims.claimed_by(person=person, procedures=visits[place].procedures))
            if repeats[place] and not request.may_repeat:
                raise DuplicateReservation
    with creation.unless_paused(), pipelined():
        written = {place: creation.write(visits[place], repeats=repeats[place]) for place in order}
        for visit in visits:
            if visit.person.email:
                queue_mail(kind=MailKind.CONFIRMATION, target=str(visit.id), occasion="once")
        if session:
            booking_sessions.close_session(session=session.id, reservation=keys[0], booked_as=session.shown)
    # Who was written last is counted with all before: one too many is the last.
    for place in reversed(order):
        with refused_as(place):
            creation.refuse_unwritten(written[place])
    if taken.freed:
        offer_free_seats(offices=taken.freed)
    return [written[place].created for place in range(len(visits))]


@contextmanager
def refused_as(place: int) -> Iterator[None]:
    """Say in `fields["person"]` that it is the person of this place, from 0, who is refused."""
    try:
        yield
    except Refusal as refusal:
        refusal.fields = {**refusal.fields, "person": place + 1}
        raise


def _party(request: BookingRequest) -> uuid.UUID | None:
    people = len(request.visitors)
    if request.joins:
        return services.join_party(reservation_id=request.joins, newcomers=people, actor=request.actor)
    if people > MAX_PARTY_SIZE:
        raise FamilyFull
    return uuid.uuid4() if people > 1 else None


def _lock_order(visit: NewReservation) -> bytes:
    return visit.person_hash
