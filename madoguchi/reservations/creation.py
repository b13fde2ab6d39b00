"""New reservations: seats and persons locked in one go, everything written in another (仕様書 4(3)ア).

A round trip for each is what the database is waited for; who calls this sends mail in the second one too.
Order of locks for all: rows of the waiting list, seats, persons, claims.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from psycopg import Cursor

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.references import new_reference
from madoguchi.common.statements import execute_prepared, insert_prepared, pipelined
from madoguchi.reservations import claims
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.claims import LockedPerson
from madoguchi.reservations.errors import ContactLimitReached, DuplicateReservation, Paused, SlotFull
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import Applicant, Reservation
from madoguchi.reservations.people import Person, link_hash, new_applicant
from madoguchi.reservations.rules import STAFF_CHANNELS
from madoguchi.reservations.seats import book_held_seats, take_seats, try_seats
from madoguchi.reservations.submissions import Created
from madoguchi.reservations.waiting import end_fulfilled, free_offered, remove_from_waiting_list
from madoguchi.sealing.services import new_key

# Nearly always few: two looks at indexes that go with the rest. Only beyond the limit are visits counted.
COUNT_OF_CONTACT = """SELECT greatest(
    (SELECT count(*) FROM (SELECT FROM reservations_applicant WHERE phone_hash = %s LIMIT %s) AS same),
    (SELECT count(*) FROM (SELECT FROM reservations_applicant WHERE email_hash = %s LIMIT %s) AS same))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReservation:
    """One person's visit that is about to be booked.

    With `session` the seats it holds are used, otherwise seats are taken. `party` ties together who comes
    together, and one `booked_at` who was booked by one press. `contact_limit` is 0 where nothing is counted.
    """

    id: uuid.UUID
    person: Person
    person_hash: bytes
    office: str
    starts_at: datetime
    occupied_minutes: int
    slot_ids: tuple[int, ...]
    procedures: tuple[str, ...]
    channel: str
    actor: Actor
    booked_at: datetime
    session: uuid.UUID | None = None
    party: uuid.UUID | None = None
    contact_limit: int = 0


@dataclass(frozen=True, slots=True)
class WrittenReservation:
    """What was sent of a reservation; `refuse_unwritten` reads what the database said to it."""

    created: Created
    limit: int
    phone_hash: bytes
    email_hash: bytes
    claims: tuple[Cursor[Any], ...]
    of_contact: Cursor[Any] | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The persons locked, in order, and the offices where seats that were offered to them are free again."""

    persons: list[LockedPerson]
    freed: Sequence[str] = ()


def take(visits: Sequence[NewReservation]) -> Taken:
    """Take the persons off the waiting list, give them their seats and lock them; in their order.

    All callers give the visits in one order of persons, so that they never wait for each other in a circle.
    Raises SlotFull; the caller's transaction must then be rolled back.
    """
    with pipelined():
        ended = [remove_from_waiting_list(visit.person_hash) for visit in visits]
        execute_prepared("SAVEPOINT taking", [])
        seats = [_try_seats(visit) for visit in visits]
        persons = [claims.lock_person(visit.person_hash) for visit in visits]
    rows = zip(visits, ended, strict=True)
    gone = [(wait, session, visit) for visit, cursor in rows for wait, session in cursor.fetchall()]
    freed: Sequence[str] = ()
    besides = [session for _, session, visit in gone if session != visit.session]
    if besides or not all(map(_is_complete, visits, seats)):
        # One after the other, as slowly as it must be: seats that were offered besides are free first, and
        # who waits for seats holds no person.
        execute_prepared("ROLLBACK TO SAVEPOINT taking", [])
        freed = free_offered(besides)
        for visit in visits:
            if visit.session is None:
                take_seats(
                    slot_ids=visit.slot_ids,
                    reservation=visit.id,
                    any_hour=visit.channel in STAFF_CHANNELS,
                )
            elif not _is_complete(visit, _try_seats(visit)):
                raise SlotFull
        with pipelined():
            persons = [claims.lock_person(visit.person_hash) for visit in visits]
    if gone:
        end_fulfilled({wait for wait, _, _ in gone}, visits[0].actor)
    return Taken(persons, freed)


def _try_seats(visit: NewReservation) -> Cursor[Any]:
    if visit.session is None:
        return try_seats(
            slot_ids=visit.slot_ids, reservation=visit.id, any_hour=visit.channel in STAFF_CHANNELS
        )
    return book_held_seats(session=visit.session, reservation=visit.id, slot_ids=visit.slot_ids)


def _is_complete(visit: NewReservation, seats: Cursor[Any]) -> bool:
    return seats.rowcount == len(visit.slot_ids)


def write(visit: NewReservation, *, repeats: bool) -> WrittenReservation:
    """Write the reservation, its person and its audit entry; for a pipeline.

    `repeats` is a reservation beside another of the same person, which staff make knowingly: it claims
    nothing.
    """
    key = new_key()
    applicant, token = new_applicant(person=visit.person, key=key)
    reservation = Reservation(
        id=visit.id,
        reference=new_reference(),
        applicant=applicant,
        office_id=visit.office,
        starts_at=visit.starts_at,
        minutes=visit.occupied_minutes,
        channel=visit.channel,
        party=visit.party,
        link_hash=link_hash(token),
        booked_at=visit.booked_at,
        booked_by=str(visit.actor),
    )
    claimed = claims.claim_procedures(
        reservation=visit.id, person=None if repeats else visit.person_hash, procedures=visit.procedures
    )
    insert_prepared(key, applicant, reservation)
    counted = None
    if visit.contact_limit:
        counted = execute_prepared(COUNT_OF_CONTACT, _contact(applicant, visit.contact_limit))
    record(
        action=ReservationAction.BOOKED,
        actor=visit.actor,
        target=f"reservation:{visit.id}",
        detail={
            "office": visit.office,
            "starts_at": visit.starts_at.isoformat(),
            "procedures": list(visit.procedures),
            "channel": visit.channel,
            "repeats": repeats,
            **({"party": str(visit.party)} if visit.party else {}),
        },
    )
    created = Created(
        id=visit.id,
        reference=reservation.reference,
        link_token=token,
        office=visit.office,
        starts_at=visit.starts_at,
        occupied_minutes=visit.occupied_minutes,
    )
    return WrittenReservation(
        created,
        visit.contact_limit,
        bytes(applicant.phone_hash),
        bytes(applicant.email_hash),
        tuple(claimed),
        counted,
    )


def refuse_unwritten(written: WrittenReservation) -> None:
    """Read what the database said, after the pipeline. Raises DuplicateReservation and ContactLimitReached.

    The caller's transaction must then be rolled back.
    """
    if not all(claim.rowcount for claim in written.claims):
        raise DuplicateReservation
    if written.of_contact is None:
        return
    (counted,) = written.of_contact.fetchone() or (0,)
    if written.limit < counted and written.limit < _visits_of_contact(written):
        raise ContactLimitReached


@contextmanager
def unless_paused() -> Iterator[None]:
    """Say in words what the trigger refuses: the time was stopped a moment ago."""
    try:
        yield
    except IntegrityError as error:
        if "offices_pause" not in str(error):
            raise
        raise Paused from error


def _contact(applicant: Applicant, contact_limit: int) -> list[object]:
    """Return the values of COUNT_OF_CONTACT: counting ends beyond the limit, no address is not asked for."""
    far = contact_limit + 1
    return [applicant.phone_hash, far, applicant.email_hash, far if applicant.has_email else 0]


def _visits_of_contact(written: WrittenReservation) -> int:
    """Return how many standing visits to come have the telephone number or the address of an applicant."""
    rows = Reservation.objects.filter(status=ReservationStatus.BOOKED, starts_at__gt=clock.now())
    counts = [rows.filter(applicant__phone_hash=written.phone_hash).count()]
    if written.email_hash:
        counts.append(rows.filter(applicant__email_hash=written.email_hash).count())
    return max(counts)
