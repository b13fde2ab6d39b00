"""Locked reservation rows for workflows, as frozen rows (仕様書 4(3)ア)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from madoguchi.common.errors import NotVisible
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.reservations.errors import AlreadyCancelled
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import Reservation, Seat
from madoguchi.reservations.people import Person, is_damaged, show_person


@dataclass(frozen=True, slots=True)
class LockedReservation:
    """A standing reservation as it was when its row was locked; the lock ends with the transaction.

    `shown_person` may have values that cannot be read: decide by `person`.
    """

    id: uuid.UUID
    applicant: uuid.UUID
    key: uuid.UUID
    person_hash: bytes
    has_email: bool
    office: str
    starts_at: datetime
    procedures: tuple[str, ...]
    is_checked: bool
    shown_person: Person

    @property
    def person(self) -> Person:
        """The whole person, to decide by. Raises ValueUnreadable."""
        if is_damaged(self.shown_person):
            raise ValueUnreadable
        return self.shown_person


def lock_reservation(reservation_id: uuid.UUID) -> LockedReservation:
    """Return a standing reservation, locked. Raises NotVisible and AlreadyCancelled."""
    row = (
        Reservation.objects.select_for_update(of=("self",))
        .select_related("applicant__key")
        .filter(pk=reservation_id)
        .first()
    )
    # Who waited for the lock has the row as it is now, but the person as before: nothing of them comes back.
    if row is None or row.erased_at:
        raise NotVisible
    if row.status == ReservationStatus.CANCELLED:
        raise AlreadyCancelled
    return _locked(row)


def _locked(row: Reservation) -> LockedReservation:
    applicant = row.applicant
    return LockedReservation(
        id=row.id,
        applicant=applicant.id,
        key=applicant.key_id,
        person_hash=bytes(applicant.person_hash),
        has_email=applicant.has_email,
        office=row.office_id,
        starts_at=row.starts_at,
        procedures=tuple(row.procedures.values_list("procedure_id", flat=True)),
        is_checked=row.checked_at is not None,
        shown_person=show_person(applicant),
    )


def first_slot(reservation_id: uuid.UUID) -> int:
    """Return the slot with which a standing visit begins. Raises NotVisible."""
    seats = Seat.objects.filter(reservation=reservation_id).order_by("slot__starts_at")
    found = seats.values_list("slot_id", flat=True).first()
    if found is None:
        raise NotVisible
    return found
