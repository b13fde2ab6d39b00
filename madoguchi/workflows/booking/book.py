"""Book one person or a family, the same for every channel (仕様書 4(3)ア, 4(5)ウ).

Each use case is one durable transaction: seats, reservation, audit entry and mail stand or fall together.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from madoguchi.audit.actor import CITIZEN, Actor
from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.services import queue_mail
from madoguchi.reservations import holds, services
from madoguchi.reservations.availability import Run
from madoguchi.reservations.errors import (
    FamilyFull,
    HoldExpired,
    SlotFull,
)
from madoguchi.reservations.holds import HoldRow
from madoguchi.reservations.people import (
    Person,
    person_hash,
)
from madoguchi.reservations.rules import MAX_PARTY_SIZE, STAFF_CHANNELS
from madoguchi.reservations.submissions import Created, created_together, remember_submission
from madoguchi.reservations.waiting import remove_from_waiting_list
from madoguchi.sealing.shown import refuse_other
from madoguchi.workflows.booking.conditions import (
    find_run,
    refuse_closed,
    refuse_day,
    refuse_forbidden_values,
    refuse_paused,
    slot_count,
)
from madoguchi.workflows.booking.offering import WEB


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: the slot that starts the run, the procedures, and who comes."""

    slot: int
    procedures: tuple[str, ...]
    person: Person


@dataclass(frozen=True, slots=True)
class Visitor:
    """One of those who come together, and what for."""

    procedures: tuple[str, ...]
    person: Person


def book_held(
    *,
    token: str,
    procedures: Sequence[str],
    person: Person,
    channel: str = WEB,
    actor: Actor = CITIZEN,
    seen: str | None = None,
) -> Created:
    """Book the seats an attempt holds for one person, as `book_together` books them for several."""
    visitor = Visitor(tuple(procedures), person)
    return book_together(token=token, visitors=[visitor], channel=channel, actor=actor, seen=seen)[0]


def book_together(
    *,
    token: str,
    visitors: Sequence[Visitor],
    joins: uuid.UUID | None = None,
    channel: str = WEB,
    actor: Actor = CITIZEN,
    seen: str | None = None,
) -> list[Created]:
    """Book the seats an attempt holds, for all or for nobody; pressed twice it gives the same answer.

    Each person has a reservation, a key, a link and a mail of their own (仕様書 4(3)ア); `joins` is a
    reservation with which they come along. `seen` is what the page showed that was pressed (`HoldRow.shown`),
    None where it does not matter. Raises ContentChanged, HoldExpired, SlotFull, Paused, DuplicateReservation,
    NotEligible, DeadlinePassed, ForbiddenValue, AlreadyCancelled and FamilyFull; then nothing is written, the
    attempt stays as it was, and `fields["person"]` is the number of the one who is refused.
    """
    with transaction.atomic(durable=True):
        attempt = holds.find_hold(token, lock=True)
        if attempt.reservation:
            refuse_other(seen, attempt.booked_as)
            return created_together(attempt.reservation)
        refuse_other(seen, attempt.shown)
        lengths = [slot_count(visitor.procedures) for visitor in visitors]
        runs = holds.held_runs(attempt, lengths=lengths, slot_minutes=program().slot_minutes)
        if runs is None:
            raise SlotFull
        for run, visitor in zip(runs, visitors, strict=True):
            refuse_paused(run, visitor.procedures)
        # Who holds the seats may finish although the deadline passed meanwhile.
        if not attempt.is_live:
            for run in runs:
                refuse_closed(run, channel=channel)
        party, booked_at = _party(joins, len(visitors), actor), clock.now()
        # In order, so that the same press finds them again in the order in which they were typed.
        keys = sorted(uuid.uuid4() for _ in visitors)
        made: dict[int, Created] = {}
        # Locked in one order by all: the same two people in two windows never wait for each other.
        for place in sorted(range(len(visitors)), key=lambda place: _lock_order(visitors[place].person)):
            try:
                made[place] = _book(
                    reservation_id=keys[place],
                    run=runs[place],
                    codes=visitors[place].procedures,
                    person=visitors[place].person,
                    channel=channel,
                    actor=actor,
                    hold=attempt,
                    may_repeat=False,
                    party=party,
                    booked_at=booked_at,
                )
            except Refusal as refusal:
                refusal.fields = {**refusal.fields, "person": place + 1}
                raise
        holds.close_hold(hold=attempt.id, reservation=keys[0], booked_as=attempt.shown)
        return [made[place] for place in range(len(visitors))]


def _party(joins: uuid.UUID | None, people: int, actor: Actor) -> uuid.UUID | None:
    if joins:
        return services.join_party(reservation_id=joins, newcomers=people, actor=actor)
    if people > MAX_PARTY_SIZE:
        raise FamilyFull
    return uuid.uuid4() if people > 1 else None


def _lock_order(person: Person) -> bytes:
    return person_hash(name=person.name, birth_date=person.birth_date)


def book(
    *,
    request: Request,
    channel: str,
    actor: Actor,
    submission: str,
    fingerprint: str,
    may_repeat: bool = False,
    held_by: str = "",
    joins: uuid.UUID | None = None,
) -> Created:
    """Book for staff and partners; the same submission gives the same answer.

    `held_by` is the token of an attempt that holds the seats; where it no longer does, free ones are taken.
    `may_repeat` books a person who already has a reservation for a procedure (staff only, recorded).
    `joins` is a reservation with which the person comes along.
    Raises as `book_held`, and IdempotencyMismatch when the submission came before with another content.
    """
    with transaction.atomic(durable=True):
        reservation_id = uuid.uuid4()
        before = remember_submission(
            scope=str(actor), key=submission, fingerprint=fingerprint, reservation_id=reservation_id
        )
        if before is not None:
            return before
        run = find_run(request.slot, request.procedures)
        hold = _holding(held_by, run)
        if not (hold and hold.is_live):
            refuse_closed(run, channel=channel)
        created = _book(
            reservation_id=reservation_id,
            run=run,
            codes=request.procedures,
            person=request.person,
            channel=channel,
            actor=actor,
            hold=hold,
            may_repeat=may_repeat,
            party=_party(joins, 1, actor),
        )
        if hold:
            holds.close_hold(hold=hold.id, reservation=created.id)
        return created


def _holding(token: str, run: Run) -> HoldRow | None:
    """Return the attempt of a token, locked, while the seats of a run are its own."""
    try:
        attempt = holds.find_hold(token, lock=True)
    except HoldExpired:
        return None
    return attempt if attempt.slot_ids == run.slot_ids else None


def _book(
    *,
    reservation_id: uuid.UUID,
    run: Run,
    codes: Sequence[str],
    person: Person,
    channel: str,
    actor: Actor,
    hold: HoldRow | None,
    may_repeat: bool,
    party: uuid.UUID | None = None,
    booked_at: datetime | None = None,
) -> Created:
    refuse_forbidden_values(person)
    refuse_day(person, codes, run, booking_rules(clock.now(), run.office))
    remove_from_waiting_list(person=person, actor=actor, booking=hold.id if hold else None)
    created = services.create_reservation(
        reservation_id=reservation_id,
        person=person,
        office=run.office,
        starts_at=run.starts_at,
        minutes=len(run.slot_ids) * program().slot_minutes,
        slot_ids=run.slot_ids,
        procedures=codes,
        channel=channel,
        actor=actor,
        hold=hold.id if hold else None,
        may_repeat=may_repeat,
        most_of_contact=0 if channel in STAFF_CHANNELS else booking_rules(clock.now()).bookings_of_contact,
        party=party,
        booked_at=booked_at,
    )
    if person.email:
        queue_mail(kind=MailKind.CONFIRMATION, target=str(created.id), occasion="once")
    return created
