"""What this ledger holds on a person, and how it erases one: asked by `retention` alone (仕様書 6)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.contrib.postgres.functions import RandomUUID
from django.db.models import BinaryField, Func, QuerySet

from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.services import record_each
from madoguchi.common import births, clock
from madoguchi.common.errors import NotVisible
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import (
    AccessCode,
    Applicant,
    BookingSession,
    Reservation,
    ReservedProcedure,
    Submission,
)
from madoguchi.reservations.people import Person
from madoguchi.reservations.selectors import ReservationRow, reservations_of_person
from madoguchi.reservations.waiting import waiting_entries_of_person
from madoguchi.reservations.waiting_entries import WaitRow
from madoguchi.reservations.waiting_removal import delete_waits, delete_waits_without_key
from madoguchi.sealing.services import destroy_keys
from madoguchi.sealing.shown import shown

EMPTY: Final[Mapping[str, object]] = {
    **dict.fromkeys(("name", "name_kana", "birth_date", "postal_code", "address", "phone", "email"), b""),
    **dict.fromkeys(("details", "link_token", "person_hash", "birth_hash", "phone_hash"), b""),
    **dict.fromkeys(("phone_end_hash", "email_hash"), b""),
    "has_email": False,
    "name_tokens": [],
}


@dataclass(frozen=True, slots=True)
class Records:
    """What is held under one name and birth date."""

    reservations: Sequence[ReservationRow]
    waits: Sequence[WaitRow]

    @property
    def all(self) -> list[ReservationRow | WaitRow]:
        """Reservations first, each kind the latest first."""
        return [*self.reservations, *self.waits]

    @property
    def person(self) -> Person:
        """The person as typed last."""
        return self.all[0].person

    @property
    def shown(self) -> str:
        """The fingerprint of whose records these are, and of which there are."""
        person = self.person
        ids = sorted(str(row.id) for row in self.all)
        return shown("records", ids, person.name, births.format_birth_date(person.birth_date))


@dataclass(frozen=True, slots=True)
class Selection:
    """Reservations to be erased: all up to a day of visit, else those named; `besides` is left out."""

    until: date | None = None
    reservations: tuple[uuid.UUID, ...] = ()
    besides: frozenset[uuid.UUID] = frozenset()


def held_on(person: bytes) -> Records:
    """Return everything held on one name and birth date (`people.person_hash`)."""
    return Records(reservations_of_person(person), waiting_entries_of_person(person))


def count_people(selection: Selection, *, since: date | None = None) -> int:
    """Return how many people would be erased, or how many of those whose visit was on a day or later."""
    rows = _selected(selection)
    return (rows.filter(starts_at__gte=clock.at(since, clock.MIDNIGHT)) if since else rows).count()


def has_visit_to_come(reservations: Collection[uuid.UUID]) -> bool:
    """Tell whether any of these people is still expected."""
    rows = Reservation.objects.filter(pk__in=list(reservations), erased_at=None)
    return rows.filter(status=ReservationStatus.BOOKED, starts_at__gt=clock.now()).exists()


def lock_person(reservation_id: uuid.UUID) -> None:
    """Lock a reservation with its person. Raises NotVisible when there is none or the person was erased."""
    if not Reservation.objects.select_for_update().filter(pk=reservation_id, erased_at=None):
        raise NotVisible


def lock_people(selection: Selection, *, limit: int) -> list[uuid.UUID]:
    """Return some of the people to be erased, locked."""
    rows = _selected(selection).select_for_update(of=("self",)).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def erase(*, reservations: Collection[uuid.UUID], order: str, actor: Actor) -> None:
    """Empty what tells who came, and destroy the keys; where, when and for what stays. The rows are locked.

    The caller has the order of the city on record, and erases the same people in every other ledger.
    """
    people = Applicant.objects.filter(reservation__in=list(reservations))
    keys = list(people.values_list("key", flat=True))
    people.update(**EMPTY)
    ReservedProcedure.objects.filter(reservation__in=list(reservations)).update(claim=None)
    AccessCode.objects.filter(reservation__in=list(reservations)).delete()
    Submission.objects.filter(reservation__in=list(reservations)).delete()
    sessions = BookingSession.objects.filter(reservation__in=list(reservations), wait=None)
    session_keys = dict(sessions.values_list("pk", "key"))
    BookingSession.objects.filter(pk__in=list(session_keys)).delete()
    # The link is nobody's any more, and still nobody else's; nor does anything say with whom they came.
    Reservation.objects.filter(pk__in=list(reservations)).update(
        erased_at=clock.now(),
        party=None,
        link_hash=Func(RandomUUID(), function="uuid_send", output_field=BinaryField()),
    )
    destroy_keys(key_ids=[*keys, *session_keys.values()])
    targets = [f"reservation:{each}" for each in reservations]
    record_each(action=ReservationAction.ERASED, actor=actor, targets=targets, detail={"erasure": order})


def erase_waits(*, waits: Collection[uuid.UUID], order: str, actor: Actor) -> list[uuid.UUID]:
    """Delete people from the waiting list, in line or not, and return who was still there.

    Seats offered to them are free again.
    """
    gone = delete_waits(wait_ids=waits)
    targets = [f"wait:{each}" for each in gone]
    record_each(action=ReservationAction.WAIT_ERASED, actor=actor, targets=targets, detail={"erasure": order})
    return gone


def clear_people_without_key() -> list[uuid.UUID]:
    """Empty the rows of people whose key is destroyed, and return whom.

    There are some when an older backup was restored with newer keys (their hashes came back with it), and
    when the ring was lost.
    """
    found = Reservation.objects.filter(erased_at=None, applicant__key__wrapped=None)
    ids = list(found.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    erase(reservations=ids, order="restored", actor=SYSTEM)
    return [*ids, *delete_waits_without_key()]


def _selected(selection: Selection) -> QuerySet[Reservation]:
    rows = Reservation.objects.filter(erased_at=None).exclude(pk__in=list(selection.besides))
    if selection.until is None:
        return rows.filter(pk__in=selection.reservations)
    return rows.filter(starts_at__lt=clock.at(selection.until + timedelta(days=1), clock.MIDNIGHT))
