"""Claims: a person holds each procedure once while a visit stands (仕様書 4(3)ア; docs/adr/0026)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor

from madoguchi.common import clock
from madoguchi.common.statements import execute_prepared, pipelined
from madoguchi.reservations.errors import DuplicateReservation
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.locking import LockedReservation
from madoguchi.reservations.models import ReservedProcedure
from madoguchi.reservations.people import Person, person_hash

# Two who look for a person's reservations at the same instant look one after the other: a repeat that staff
# booked has no claim, so the index knows nothing of it.
SERIALIZE_PERSON = "SELECT pg_advisory_xact_lock(%s)"
# The second barrier, which does not know of the first: one claim in the index.
CLAIM = """INSERT INTO reservations_reservedprocedure (reservation_id, procedure_id, claim)
           VALUES (%s, %s, %s) ON CONFLICT (procedure_id, claim) DO NOTHING"""


@dataclass(frozen=True, slots=True)
class LockedPerson:
    """A name and birth date whose reservations nobody else looks for until the transaction ends."""

    person_hash: bytes
    known: Cursor[Any]


def lock_person(person: bytes) -> LockedPerson:
    """Let everybody else who asks for the same name and birth date wait; for a pipeline."""
    execute_prepared(SERIALIZE_PERSON, [int.from_bytes(person[:8], "big", signed=True)])
    # Nearly always nobody: one look at one index, without planning a join of three tables.
    known = execute_prepared("SELECT 1 FROM reservations_applicant WHERE person_hash = %s LIMIT 1", [person])
    return LockedPerson(person, known)


def claimed_by(
    *, person: LockedPerson, procedures: Sequence[str], but: uuid.UUID | None = None
) -> list[uuid.UUID]:
    """Return the reservations that already stand for a locked person and one of these procedures.

    Same folded name and birth date, whatever the reading. Claims of visits that are over are dropped on the
    way, so that a person may come again.
    """
    if not person.known.fetchone():
        return []
    rows = ReservedProcedure.objects.filter(
        reservation__applicant__person_hash=person.person_hash,
        reservation__status=ReservationStatus.BOOKED,
        procedure_id__in=list(procedures),
    ).values_list("pk", "reservation_id", "reservation__starts_at")
    over, active = [], []
    for pk, reservation_id, starts_at in rows:
        if starts_at <= clock.now():
            over.append(pk)
        elif reservation_id != but:
            active.append(reservation_id)
    if over:
        ReservedProcedure.objects.filter(pk__in=over).update(claim=None)
    return active


def active_claims(
    *, person: Person, procedures: Sequence[str], but: uuid.UUID | None = None
) -> list[uuid.UUID]:
    """Lock a person and return what `claimed_by` does."""
    with pipelined():
        locked = lock_person(person_hash(name=person.name, birth_date=person.birth_date))
    return claimed_by(person=locked, procedures=procedures, but=but)


def claim_again(*, reservation: LockedReservation, person: Person) -> None:
    """Claim the procedures of a locked reservation again, before it moves after its time has passed.

    Raises DuplicateReservation when the person has booked anew meanwhile.
    """
    if active_claims(person=person, procedures=reservation.procedures, but=reservation.id):
        raise DuplicateReservation
    ReservedProcedure.objects.filter(reservation=reservation.id).update(
        claim=person_hash(name=person.name, birth_date=person.birth_date)
    )


def claim_procedures(
    *, reservation: uuid.UUID, person: bytes | None, procedures: Sequence[str]
) -> list[Cursor[Any]]:
    """Claim each procedure for a person, for nobody where it is a repeat; for a pipeline.

    One that somebody has already claimed writes no row.
    """
    # In one order for all: two requests for one person wait for each other and never deadlock.
    return [execute_prepared(CLAIM, [reservation, code, person]) for code in sorted(procedures)]
