"""Write the reservation ledger (仕様書 4(3)ア).

What books, moves and cancels runs in the transaction of its workflow; the rest is whole by itself.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.reservations import claims
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.creation import unless_paused
from madoguchi.reservations.errors import (
    AlreadyCancelled,
    DuplicateReservation,
    FamilyFull,
)
from madoguchi.reservations.kinds import ChangeReason, DisruptionResolution, ReservationStatus
from madoguchi.reservations.locking import LockedReservation, lock_reservation
from madoguchi.reservations.models import (
    AccessCode,
    Applicant,
    DisruptedVisit,
    ReminderCall,
    Reservation,
    ReservedProcedure,
    Submission,
)
from madoguchi.reservations.people import (
    Person,
    person_version,
    sealed_columns,
)
from madoguchi.reservations.rules import MAX_PARTY_SIZE
from madoguchi.reservations.seats import move_seats, release_reservation
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.shown import refuse_other

# What the city compares with its register; a new telephone number is nothing to check again.
IDENTITY = frozenset({"name", "name_kana", "birth_date", "postal_code", "address", "details"})


def join_party(*, reservation_id: uuid.UUID, newcomers: int, actor: Actor) -> uuid.UUID:
    """Return what ties a standing reservation to those who come along, a new tie where there was none.

    Until the caller's transaction ends nobody else comes along. Raises NotVisible, AlreadyCancelled and
    FamilyFull.
    """
    known = Reservation.objects.filter(pk=reservation_id).values_list("party", flat=True).first()
    ours = Q(pk=reservation_id) if known is None else Q(party=known)
    locked = Reservation.objects.select_for_update().filter(ours).order_by("pk")
    mine = next((row for row in locked if row.pk == reservation_id), None)
    if mine is None:
        raise NotVisible
    if mine.status == ReservationStatus.CANCELLED:
        raise AlreadyCancelled
    if mine.party is None:
        mine.party = uuid.uuid4()
        mine.save(update_fields=["party"])
        record(action=ReservationAction.JOINED, actor=actor, target=f"reservation:{mine.id}")
    if (
        Reservation.objects.filter(party=mine.party, status=ReservationStatus.BOOKED).count() + newcomers
        > MAX_PARTY_SIZE
    ):
        raise FamilyFull
    return mine.party


def move_reservation(
    *,
    reservation: LockedReservation,
    office: str,
    starts_at: datetime,
    occupied_minutes: int,
    slot_ids: Sequence[int],
    actor: Actor,
    reason: str = ChangeReason.NOT_GIVEN,
    any_hour: bool = False,
) -> None:
    """Seat a locked reservation elsewhere; its old seats are let go only once the new ones are its own.

    Raises SlotFull and Paused; the caller's transaction must then be rolled back.
    """
    was = {"office": reservation.office, "starts_at": reservation.starts_at.isoformat()}
    move_seats(reservation=reservation.id, slot_ids=slot_ids, any_hour=any_hour)
    with unless_paused():
        Reservation.objects.filter(pk=reservation.id).update(
            office=office,
            starts_at=starts_at,
            minutes=occupied_minutes,
            changed_at=clock.now(),
            changed_by=str(actor),
        )
    _resolve(reservation.id, DisruptionResolution.MOVED, actor)
    record(
        action=ReservationAction.MOVED,
        actor=actor,
        target=f"reservation:{reservation.id}",
        detail={"from": was, "office": office, "starts_at": starts_at.isoformat(), "reason": reason},
    )


def change_procedures(
    *,
    reservation: LockedReservation,
    procedures: Sequence[str],
    occupied_minutes: int,
    slot_ids: Sequence[int],
    actor: Actor,
    any_hour: bool = False,
) -> None:
    """Give a locked reservation other procedures, with the seats these need; the check of it opens again.

    A procedure that is added is claimed for the person, one that is taken away may be booked again. Raises
    SlotFull, Paused and DuplicateReservation; the caller's transaction must then be rolled back.
    """
    added = sorted(set(procedures) - set(reservation.procedures))
    move_seats(reservation=reservation.id, slot_ids=slot_ids, any_hour=any_hour)
    if added and claims.active_claims(person=reservation.person, procedures=added, but=reservation.id):
        raise DuplicateReservation
    rows = ReservedProcedure.objects.filter(reservation=reservation.id)
    with unless_paused():
        claimed = claims.claim_procedures(
            reservation=reservation.id, person=reservation.person_hash, procedures=added
        )
        if not all(claim.rowcount for claim in claimed):
            raise DuplicateReservation
        rows.exclude(procedure__in=list(procedures)).delete()
        Reservation.objects.filter(pk=reservation.id).update(
            minutes=occupied_minutes,
            changed_at=clock.now(),
            changed_by=str(actor),
            checked_at=None,
            checked_by="",
        )
    record(
        action=ReservationAction.PROCEDURES_CHANGED,
        actor=actor,
        target=f"reservation:{reservation.id}",
        detail={"from": sorted(reservation.procedures), "procedures": sorted(procedures)},
    )


def cancel_reservation(
    *, reservation: LockedReservation, actor: Actor, reason: str = ChangeReason.NOT_GIVEN
) -> None:
    """Cancel a locked reservation; its seats are free at once and the person may book again."""
    Reservation.objects.filter(pk=reservation.id).update(
        status=ReservationStatus.CANCELLED,
        cancelled_at=clock.now(),
        cancelled_by=str(actor),
        cancel_reason=reason,
    )
    release_reservation(reservation=reservation.id)
    ReservedProcedure.objects.filter(reservation=reservation.id).update(claim=None)
    _resolve(reservation.id, DisruptionResolution.CANCELLED, actor)
    record(
        action=ReservationAction.CANCELLED,
        actor=actor,
        target=f"reservation:{reservation.id}",
        detail={"reason": reason},
    )


def correct_person(
    *, reservation: LockedReservation, person: Person, columns: Sequence[str], actor: Actor
) -> None:
    """Write a person's corrected details into a locked reservation.

    The completeness check opens again when who or where the person is has changed (仕様書 4(6)ア).

    `columns` names what changed, for the record. Raises DuplicateReservation when the corrected person
    already has a reservation for one of the procedures.
    """
    key = PersonKey.objects.get(pk=reservation.key)
    values = sealed_columns(person=person, key=key, row=reservation.applicant)
    Applicant.objects.filter(pk=reservation.applicant).update(**values)
    # Whoever stays the same person keeps the claims, also beside a repeat that staff booked.
    if values["person_hash"] != reservation.person_hash:
        claimed = ReservedProcedure.objects.filter(reservation=reservation.id, claim__isnull=False)
        codes = list(claimed.values_list("procedure_id", flat=True))
        if claims.active_claims(person=person, procedures=codes, but=reservation.id):
            raise DuplicateReservation
        claimed.update(claim=values["person_hash"])
    unchecked = {"checked_at": None, "checked_by": ""} if IDENTITY & set(columns) else {}
    Reservation.objects.filter(pk=reservation.id).update(
        changed_at=clock.now(), changed_by=str(actor), **unchecked
    )
    record(
        action=ReservationAction.CORRECTED,
        actor=actor,
        target=f"reservation:{reservation.id}",
        detail={"columns": list(columns)},
    )


@transaction.atomic
def check_completeness(*, reservation_id: uuid.UUID, actor: Actor, seen: str | None = None) -> None:
    """Record that the secretariat looked a reservation through (仕様書 4(6)ア 予約情報の確認).

    `seen` is what the page showed of the person: what was corrected meanwhile was not looked through. Raises
    ContentChanged and AlreadyCancelled.
    """
    reservation = lock_reservation(reservation_id)
    if reservation.is_checked:
        return
    if seen is not None:
        refuse_other(seen, person_version(reservation_id=reservation_id, person=reservation.person))
    Reservation.objects.filter(pk=reservation_id).update(checked_at=clock.now(), checked_by=str(actor))
    record(action=ReservationAction.CHECKED, actor=actor, target=f"reservation:{reservation.id}")


@transaction.atomic
def undo_check(*, reservation_id: uuid.UUID, checked_at: datetime, actor: Actor) -> bool:
    """Take back the check that was made at an instant, and return whether it stood (仕様書 4(6)ア).

    A check made since then stays; pressed twice it is taken back once.
    """
    undone = Reservation.objects.filter(pk=reservation_id, checked_at=checked_at).update(
        checked_at=None, checked_by=""
    )
    if undone:
        record(action=ReservationAction.CHECK_UNDONE, actor=actor, target=f"reservation:{reservation_id}")
    return bool(undone)


def _resolve(reservation: uuid.UUID, resolution: DisruptionResolution, actor: Actor) -> None:
    DisruptedVisit.objects.filter(reservation=reservation, resolved_at=None).update(
        resolution=resolution, resolved_at=clock.now(), resolved_by=str(actor)
    )


def record_reminder_call(*, reservation_id: uuid.UUID, reached: bool, after: int, actor: Actor) -> None:
    """Record a reminder call to a person without mail (仕様書 4(5)ウ).

    `after` is how many calls the caller's page showed: pressed twice, it is recorded once.
    """
    reservation = lock_reservation(reservation_id)
    made = ReminderCall.objects.filter(reservation=reservation_id, visit_at=reservation.starts_at).count()
    if made != after:
        return
    ReminderCall.objects.create(
        reservation_id=reservation_id,
        visit_at=reservation.starts_at,
        reached=reached,
        called_at=clock.now(),
        called_by=str(actor),
    )
    record(
        action=ReservationAction.CALLED,
        actor=actor,
        target=f"reservation:{reservation_id}",
        detail={"reached": reached},
    )


def undo_reminder_call(*, reservation_id: uuid.UUID, after: int, actor: Actor) -> None:
    """Take back the latest reminder call, pressed by mistake. Idempotent for one page.

    `after` is how many calls there were with it: pressed twice, one is taken back.
    """
    reservation = lock_reservation(reservation_id)
    made = list(
        ReminderCall.objects.filter(reservation=reservation_id, visit_at=reservation.starts_at).order_by("pk")
    )
    if not made or len(made) != after:
        return
    made[-1].delete()
    record(
        action=ReservationAction.CALL_UNDONE,
        actor=actor,
        target=f"reservation:{reservation_id}",
        detail={"reached": made[-1].reached},
    )


def purge_submissions_and_codes(*, before: datetime) -> Mapping[str, int]:
    """Delete what only served a moment: submissions and access codes older than an instant."""
    return {
        "submissions": Submission.objects.filter(created_at__lt=before).delete()[0],
        "codes": AccessCode.objects.filter(expires_at__lt=before).delete()[0],
    }
