"""Add procedures to a booking and take them away: length, seats and checks follow (仕様書 4(3)ア, 4(5)ウ)."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.contract.selectors import booking_rules, procedures, program
from madoguchi.notifications.kinds import REMINDERS, MailKind
from madoguchi.notifications.services import queue_mail, withdraw_mail
from madoguchi.reservations import locking, services, waiting
from madoguchi.reservations.availability import Start, starts
from madoguchi.reservations.errors import NotEligible, Paused, RenewalOver, SlotFull
from madoguchi.reservations.people import Details, Person, only_asked, refuse_unclear_change
from madoguchi.reservations.rules import STAFF_CHANNELS, Conditions, advise
from madoguchi.reservations.selectors import ReservationRow, disrupted
from madoguchi.workflows.booking.changes import refuse_late_change, refuse_other_than_seen
from madoguchi.workflows.booking.conditions import (
    as_day,
    fitting_days,
    refuse_closed,
    refuse_day,
    refuse_forbidden_values,
    refuse_paused,
)
from madoguchi.workflows.booking.offering import alternatives, nearest_starts, run_for, slots_for
from madoguchi.workflows.booking.waiting_offers import offer_free_seats


def change_procedures(
    *,
    reservation_id: uuid.UUID,
    codes: Sequence[str],
    actor: Actor,
    channel: str,
    details: Details | None = None,
    slot: int | None = None,
    seen: str | None = None,
) -> None:
    """Give a visit these procedures, all or nothing; the mail of the change says what to bring.

    It stays at its time, with as many seats as it needs now, or moves to `slot`. `details` are the answers
    that the procedures ask for; those of a procedure that goes are dropped, and the check of the booking
    opens again. Pressed twice it changes once. Raises DeadlinePassed, SlotFull, Paused, NotEligible,
    DuplicateReservation, ChangeUnclear, ForbiddenValue, AlreadyCancelled and ChangedMeanwhile; then the visit
    stays as it was.
    """
    with transaction.atomic(durable=True):
        reservation = locking.lock_reservation(reservation_id)
        if set(codes) == set(reservation.procedures):
            return
        refuse_other_than_seen(reservation, seen)
        refuse_late_change(reservation.starts_at, reservation.office, channel)
        if disrupted([reservation_id]):
            raise Paused
        added = set(codes) - set(reservation.procedures)
        if not codes or not added <= {row.code for row in procedures()}:
            raise NotEligible(guidance="ward.WARD_GUIDANCE")
        person = reservation.person
        person = replace(person, details=only_asked(details or person.details, codes))
        run = run_for(slot or locking.first_slot(reservation_id), codes)
        if run is None:
            raise SlotFull
        refuse_paused(run, codes)
        moves = (run.office, run.starts_at) != (reservation.office, reservation.starts_at)
        if moves:
            refuse_closed(run, channel=channel, moving=True)
        rules = booking_rules(clock.now(), run.office)
        _refuse_person(person, codes, added)
        refuse_day(person, codes, run, rules)
        freed = waiting.end_waiting_for(person=reservation.person_hash, procedures=sorted(added), actor=actor)
        occupied_minutes = len(run.slot_ids) * program().slot_minutes
        any_hour = channel in STAFF_CHANNELS
        if moves:
            services.move_reservation(
                reservation=reservation,
                office=run.office,
                starts_at=run.starts_at,
                occupied_minutes=occupied_minutes,
                slot_ids=run.slot_ids,
                actor=actor,
                any_hour=any_hour,
            )
            withdraw_mail(target=str(reservation_id), kinds=REMINDERS)
        services.change_procedures(
            reservation=reservation,
            procedures=codes,
            occupied_minutes=occupied_minutes,
            slot_ids=run.slot_ids,
            actor=actor,
            any_hour=any_hour,
        )
        if person != reservation.person:
            services.correct_person(reservation=reservation, person=person, columns=["details"], actor=actor)
        if reservation.has_email:
            queue_mail(kind=MailKind.CHANGED, target=str(reservation_id), occasion=clock.now().isoformat())
        offer_free_seats(offices=[reservation.office, *freed])


def fits_at_its_time(row: ReservationRow, codes: Sequence[str], *, channel: str) -> bool:
    """Tell whether a visit with these procedures can stay at its time, as far as one can see now."""
    slot_minutes = program().slot_minutes
    more = slots_for(codes) - row.occupied_minutes // slot_minutes
    if more <= 0:
        return True
    since = row.starts_at + timedelta(minutes=row.occupied_minutes)
    found = starts(
        office=row.office,
        since=since,
        until=since + timedelta(minutes=more * slot_minutes),
        slots=1,
        slot_minutes=slot_minutes,
        any_hour=channel in STAFF_CHANNELS,
    )
    return len(found) == more and all(start.free for start in found)


def other_times(row: ReservationRow, codes: Sequence[str], *, channel: str) -> list[Start]:
    """Return free times for a visit with these procedures: near its time, then at offices nearby."""
    slots = slots_for(codes)
    first, last = fitting_days(row.person, codes, booking_rules(clock.now(), row.office))
    near = nearest_starts(
        office_code=row.office, slots=slots, around=row.starts_at, channel=channel, codes=codes
    )
    elsewhere = alternatives(office_code=row.office, slots=slots, channel=channel, moving=True, codes=codes)
    found, here = {}, (row.office, row.starts_at)
    for start in (*near, *(start for start in elsewhere if start.office != row.office)):
        day = clock.to_jst(start.starts_at).date()
        if (first or day) <= day <= (last or day) and (start.office, start.starts_at) != here:
            found[start.slot] = start
    return list(found.values())


def _refuse_person(person: Person, codes: Sequence[str], added: set[str]) -> None:
    """Refuse answers with which a procedure that is added leads to nothing.

    Raises RenewalOver, NotEligible, ChangeUnclear and what `refuse_forbidden_values` does.
    """
    refuse_forbidden_values(person)
    details, rules = person.details, booking_rules(clock.now())
    if "FACE_CHANGE" in added:
        refuse_unclear_change(
            changes=details.changes, old_address=details.old_address, new_address=details.new_address
        )
    if "CERT_RENEW" in added:
        asked = Conditions(
            procedures=tuple(codes),
            card_expires_on=as_day(details.card_expires_on),
            cert_expires_on=as_day(details.cert_expires_on),
        )
        advice = advise(
            asked,
            today=clock.today(),
            first=clock.today(),
            last=program().term_ends_on,
            window_months=rules.renewal_window_months,
        )
        if advice and advice.instead:
            raise RenewalOver
        if advice and advice.guidance:
            raise NotEligible(guidance=advice.guidance)
