"""Move, cancel and correct a booking, the same for every channel (仕様書 4(3)ア, 4(5)ウ)."""

import uuid
from dataclasses import fields, replace
from datetime import datetime

from django.db import transaction

from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.notifications.kinds import REMINDERS, MailKind
from madoguchi.notifications.services import queue_mail, withdraw_mail
from madoguchi.reservations import claims, locking, services
from madoguchi.reservations.errors import (
    ChangedMeanwhile,
    DeadlinePassed,
)
from madoguchi.reservations.people import (
    Person,
    person_version,
)
from madoguchi.reservations.rules import OUR_REASONS, STAFF_CHANNELS
from madoguchi.reservations.selectors import (
    disrupted,
    version,
)
from madoguchi.sealing.shown import refuse_other
from madoguchi.workflows.booking.conditions import (
    find_run,
    refuse_closed,
    refuse_day,
    refuse_forbidden_values,
    refuse_person,
)
from madoguchi.workflows.booking.offering import PHONE, deadlines
from madoguchi.workflows.booking.waiting_offers import offer_free_seats


def move(
    *,
    reservation_id: uuid.UUID,
    slot: int,
    actor: Actor,
    channel: str,
    reason: str = "NOT_GIVEN",
    seen: str | None = None,
) -> None:
    """Move a visit to another time or office; the old seats are kept until the new ones are taken.

    Whose time is no longer served goes first: without deadlines, even after that time, and on seats kept for
    the telephone too. Pressed twice it moves once, even when a deadline passes in between. The check of who
    comes stays as it is: a day on which age, renewal window or closure would come out differently is refused.
    `seen` is the version of the visit that the caller saw, None where it does not matter. Raises
    DeadlinePassed, NotYetOpen, SlotFull, Paused, NotEligible, AlreadyCancelled and ChangedMeanwhile; then the
    visit stays where it was.
    """
    with transaction.atomic(durable=True):
        reservation = locking.lock_reservation(reservation_id)
        codes = reservation.procedures
        run = find_run(slot, codes)
        if (reservation.office, reservation.starts_at) == (run.office, run.starts_at):
            return
        refuse_other_than_seen(reservation, seen)
        is_first = bool(disrupted([reservation_id]))
        if is_first:
            channel = PHONE
        else:
            refuse_late_change(reservation.starts_at, reservation.office, channel)
        refuse_closed(run, channel=channel, moving=True)
        person = reservation.person
        refuse_day(person, codes, run, booking_rules(clock.now(), run.office))
        if is_first and reservation.starts_at <= clock.now():
            # The claim of a time that has passed may have been dropped for another booking.
            claims.claim_again(reservation=reservation, person=person)
        left = reservation.office
        services.move_reservation(
            reservation=reservation,
            office=run.office,
            starts_at=run.starts_at,
            occupied_minutes=len(run.slot_ids) * program().slot_minutes,
            slot_ids=run.slot_ids,
            actor=actor,
            reason=reason,
            any_hour=channel in STAFF_CHANNELS,
        )
        withdraw_mail(target=str(reservation.id), kinds=REMINDERS)
        if reservation.has_email:
            queue_mail(
                kind=MailKind.CHANGED, target=str(reservation.id), occasion=f"{clock.now().isoformat()}"
            )
        offer_free_seats(offices=[left])


def cancel(
    *,
    reservation_id: uuid.UUID,
    actor: Actor,
    channel: str,
    reason: str = "NOT_GIVEN",
    seen: str | None = None,
) -> None:
    """Cancel a visit; its seats are free at once and the person may book again.

    Where the reason is ours (closure, our error) the mail says so and apologises. Pressed twice it cancels
    once. Raises DeadlinePassed on the web after the deadline, and for staff once the visit has begun,
    but for one whose time is no longer served: it never took place, and its list must come to an end. Raises
    AlreadyCancelled, and ChangedMeanwhile as `move` does.
    """
    with transaction.atomic(durable=True):
        reservation = locking.lock_reservation(reservation_id)
        refuse_other_than_seen(reservation, seen)
        _refuse_late_cancellation(reservation_id, reservation.starts_at, reservation.office, channel)
        services.cancel_reservation(reservation=reservation, actor=actor, reason=reason)
        withdraw_mail(target=str(reservation.id))
        if reservation.has_email:
            kind = MailKind.OFFICE_CANCELLED if reason in OUR_REASONS else MailKind.CANCELLED
            queue_mail(kind=kind, target=str(reservation.id), occasion="once")
        offer_free_seats(offices=[reservation.office])


def correct(*, reservation_id: uuid.UUID, person: Person, actor: Actor, seen: str | None = None) -> None:
    """Correct a person's details (仕様書 4(6)ア).

    A new mail address gets the confirmation anew, and the one before is told that it is no longer used.
    `seen` is what the page showed of the person (`ReservationRow.shown_person`), None where it does not
    matter. Raises ContentChanged, DuplicateReservation, ForbiddenValue and NotEligible; then nothing is
    changed.
    """
    refuse_forbidden_values(person)
    with transaction.atomic(durable=True):
        reservation = locking.lock_reservation(reservation_id)
        before = reservation.person
        changed = [
            item.name for item in fields(Person) if getattr(before, item.name) != getattr(person, item.name)
        ]
        if not changed:
            return
        refuse_other(seen, person_version(reservation_id=reservation_id, person=before))
        # Help wanted at the counter is kept with the details, but says nothing about who comes.
        if replace(before.details, needs=()) == replace(person.details, needs=()):
            changed = ["needs" if name == "details" else name for name in changed]
        codes = reservation.procedures
        day = clock.to_jst(reservation.starts_at).date()
        refuse_person(person, codes, day, booking_rules(clock.now(), reservation.office))
        services.correct_person(reservation=reservation, person=person, columns=changed, actor=actor)
        if "email" in changed and before.email:
            queue_mail(
                kind=MailKind.CONTACT_CHANGED,
                target=str(reservation.id),
                occasion=clock.now().isoformat(),
                key_id=reservation.key,
                recipient=before.email,
            )
        if "email" in changed and person.email:
            queue_mail(
                kind=MailKind.CONFIRMATION, target=str(reservation.id), occasion=clock.now().isoformat()
            )


def refuse_late_change(starts_at: datetime, office_code: str, channel: str) -> None:
    """Raise DeadlinePassed on the web after the deadline, and for staff once the visit has begun."""
    now = clock.now()
    if now >= starts_at or (channel not in STAFF_CHANNELS and now > deadlines(starts_at, office_code).change):
        raise DeadlinePassed


def _refuse_late_cancellation(
    reservation_id: uuid.UUID, starts_at: datetime, office_code: str, channel: str
) -> None:
    now = clock.now()
    is_late = now >= starts_at or (
        channel not in STAFF_CHANNELS and now > deadlines(starts_at, office_code).cancel
    )
    if is_late and not disrupted([reservation_id]):
        raise DeadlinePassed


def refuse_other_than_seen(reservation: locking.LockedReservation, seen: str | None) -> None:
    """Raise ChangedMeanwhile where a standing visit, locked, is no longer what the caller saw."""
    now = version(
        reservation_id=reservation.id,
        office=reservation.office,
        starts_at=reservation.starts_at,
        is_booked=True,
        procedures=reservation.procedures,
    )
    if seen is not None and seen != now:
        raise ChangedMeanwhile
