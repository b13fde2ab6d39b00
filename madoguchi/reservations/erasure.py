"""消去: people leave the ledger on the city's instruction; visits stay as figures (仕様書 6, R193).

`order_erasure` writes down who instructed it, `erase_some` does a part of it and may be killed in between,
`certify` ends it. 保留 keeps one reservation from all that.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.contrib.postgres.functions import RandomUUID
from django.db import transaction
from django.db.models import BinaryField, Exists, Func, Max, Min, OuterRef, QuerySet

from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.services import record, record_each
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.common.statements import execute_prepared
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.errors import CountDiffers, DayNotOver, NobodySelected, Preserved, StillStanding
from madoguchi.reservations.kinds import ErasureReason, ReservationStatus
from madoguchi.reservations.models import (
    AccessCode,
    Applicant,
    Erasure,
    Hold,
    Preservation,
    Reservation,
    ReservedProcedure,
    Submission,
)
from madoguchi.reservations.waiting import erase_waits
from madoguchi.sealing.services import destroy_keys

BATCH: Final = 200
SERIALIZE: Final = "SELECT pg_advisory_xact_lock(hashtext('reservations_erasure'))"
TERM_OVER: Final = ErasureReason.TERM_OVER.value
# Why all up to a day are erased; one person is at their own request.
REASONS: Final = [choice for choice in ErasureReason.choices if choice[0] != ErasureReason.PERSON]
EMPTY: Final[Mapping[str, object]] = {
    **dict.fromkeys(("name", "name_kana", "birth_date", "postal_code", "address", "phone", "email"), b""),
    **dict.fromkeys(("details", "link_token", "person_hash", "birth_hash", "phone_hash"), b""),
    **dict.fromkeys(("phone_end_hash", "email_hash"), b""),
    "has_email": False,
    "name_tokens": [],
}


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the city wrote: number and day of its document, and which section."""

    document_number: str
    document_on: date
    instructed_by: str


@dataclass(frozen=True, slots=True)
class Extent:
    """How many people would go, how many of those are within their term, and how many are kept back."""

    people: int
    within_term: int
    preserved: int


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """An instruction of the city, and how far it has come."""

    id: uuid.UUID
    reason: str
    reason_name: str
    until: date | None
    instruction: Instruction
    asked_at: datetime
    asked_by: str
    counts: Mapping[str, int]
    ended_at: datetime | None
    number: int | None


@dataclass(frozen=True, slots=True)
class PreservedRow:
    """A reservation that is kept from erasure."""

    reservation: uuid.UUID
    reference: str
    starts_at: datetime
    reason: str
    set_at: datetime
    set_by: str


def extent(*, until: date, expired_before: date) -> Extent:
    """Return who would be erased by an instruction for all visits up to a day."""
    up_to = _up_to(until)
    meant = _unpreserved(up_to)
    within = meant.filter(starts_at__gte=clock.at(expired_before, clock.MIDNIGHT))
    return Extent(meant.count(), within.count(), up_to.count() - meant.count())


@transaction.atomic
def preserve(*, reservation_id: uuid.UUID, reason: str, actor: Actor) -> None:
    """Keep a reservation from erasure until that is lifted; twice changes nothing.

    Raises NotVisible, and ForbiddenValue for a reason that must not be stored.
    """
    refuse_forbidden(reason)
    _lock(reservation_id)
    if _kept([reservation_id]):
        return
    Preservation.objects.create(
        reservation_id=reservation_id, reason=reason, set_at=clock.now(), set_by=str(actor)
    )
    record(action=ReservationAction.PRESERVED, actor=actor, target=f"reservation:{reservation_id}")


@transaction.atomic
def release(*, reservation_id: uuid.UUID, actor: Actor) -> None:
    """Let a reservation be erased again with the others of its day. Raises NotVisible."""
    _lock(reservation_id)
    lifted = Preservation.objects.filter(reservation=reservation_id, lifted_at=None).update(
        lifted_at=clock.now(), lifted_by=str(actor)
    )
    if lifted:
        record(action=ReservationAction.RELEASED, actor=actor, target=f"reservation:{reservation_id}")


def order_erasure(
    *, until: date, people: int, reason: str, instruction: Instruction, actor: Actor
) -> uuid.UUID:
    """Write down the instruction to erase all whose visit was up to a day; the caller queues the work.

    `people` is what whoever ordered it has read. Raises DayNotOver, NobodyMeant, CountDiffers and
    ForbiddenValue.
    """
    if until >= clock.today():
        raise DayNotOver
    meant = _unpreserved(_up_to(until)).count()
    if not meant:
        raise NobodySelected
    if people != meant:
        raise CountDiffers
    return _write(
        Erasure(reason=reason, until=until, counts={"meant": meant}), instruction=instruction, actor=actor
    )


def order_erasure_of(
    *,
    reservations: Collection[uuid.UUID],
    waits: Collection[uuid.UUID],
    instruction: Instruction,
    actor: Actor,
) -> uuid.UUID:
    """Write down the instruction to erase one person: these reservations and entries of the waiting list.

    Raises NobodyMeant, StillStanding, Preserved and ForbiddenValue.
    """
    mine = Reservation.objects.filter(pk__in=list(reservations), erased_at=None)
    if not mine and not waits:
        raise NobodySelected
    if mine.filter(status=ReservationStatus.BOOKED, starts_at__gt=clock.now()):
        raise StillStanding
    if _kept(reservations):
        raise Preserved
    return _write(
        Erasure(
            reason=ErasureReason.PERSON,
            reservations=list(reservations),
            waits=list(waits),
            counts={"meant": len(mine) + len(waits)},
        ),
        instruction=instruction,
        actor=actor,
    )


def _write(row: Erasure, *, instruction: Instruction, actor: Actor) -> uuid.UUID:
    for text in (instruction.document_number, instruction.instructed_by):
        refuse_forbidden(text)
    row.document_number, row.document_on = instruction.document_number, instruction.document_on
    row.instructed_by, row.asked_at, row.asked_by = instruction.instructed_by, clock.now(), str(actor)
    row.save(force_insert=True)
    record(
        action=ReservationAction.ERASURE_ORDERED,
        actor=actor,
        target=f"erasure:{row.id}",
        detail={
            "reason": row.reason,
            "until": row.until and row.until.isoformat(),
            "document": row.document_number,
            "meant": row.counts["meant"],
        },
    )
    return row.id


def erase_batch(*, erasure_id: uuid.UUID) -> tuple[list[str], bool]:
    """Erase some of those an instruction means; return whom mail was for, and whether more are left.

    Whole people only: the caller forgets the mail of those returned in the same transaction. What is
    preserved stays. An instruction that has ended changes nothing.
    """
    row = Erasure.objects.select_for_update().get(pk=erasure_id)
    if row.ended_at:
        return [], False
    waits = erase_waits(wait_ids=row.waits)
    locked = _meant(row).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)
    found = list(locked[:BATCH])
    # By a statement of its own: what was preserved while this one waited for its locks is seen now.
    kept = _kept(found)
    gone = [each for each in found if each not in kept]
    _empty(gone)
    actor = Actor("staff", row.asked_by.removeprefix("staff:"))
    for action, kind, ids in (
        (ReservationAction.ERASED, "reservation", gone),
        (ReservationAction.WAIT_ERASED, "wait", waits),
    ):
        targets = [f"{kind}:{each}" for each in ids]
        record_each(action=action, actor=actor, targets=targets, detail={"erasure": str(row.id)})
    add_erased_counts(erasure_id=row.id, people=len(gone), waits=len(waits))
    return [str(each) for each in (*gone, *waits)], _meant(row).exists()


def add_erased_counts(*, erasure_id: uuid.UUID, **more: int) -> None:
    """Add to what has gone, in the transaction in which it goes."""
    row = Erasure.objects.select_for_update().get(pk=erasure_id)
    row.counts |= {name: row.counts.get(name, 0) + count for name, count in more.items()}
    row.save(update_fields=["counts"])


def clear_people_without_key() -> list[str]:
    """Empty the rows of people whose key is destroyed, and return whom mail was for.

    There are some when an older backup was restored with newer keys (their hashes came back with it), and
    when the ring was lost.
    """
    found = Reservation.objects.filter(erased_at=None, applicant__key__wrapped=None)
    ids = list(found.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    _empty(ids)
    targets = [f"reservation:{each}" for each in ids]
    record_each(
        action=ReservationAction.ERASED, actor=SYSTEM, targets=targets, detail={"erasure": "restored"}
    )
    return [str(each) for each in ids]


@transaction.atomic
def next_number() -> int:
    """Return the number of the next certificate; whoever asks at the same time waits for this transaction."""
    execute_prepared(SERIALIZE, [])
    return (Erasure.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def certify(*, erasure_id: uuid.UUID, number: int, certificate: bytes) -> None:
    """End an instruction with its certificate."""
    row = Erasure.objects.get(pk=erasure_id)
    row.ended_at, row.number, row.certificate = clock.now(), number, certificate
    row.save(update_fields=["ended_at", "number", "certificate"])
    record(
        action=ReservationAction.ERASURE_ENDED,
        actor=SYSTEM,
        target=f"erasure:{row.id}",
        detail={"number": number, "counts": row.counts},
    )


def erasure(erasure_id: uuid.UUID) -> ErasureRow:
    """Return one instruction. Raises NotVisible."""
    row = Erasure.objects.defer("certificate").filter(pk=erasure_id).first()
    if row is None:
        raise NotVisible
    return _row(row)


def erasures() -> list[ErasureRow]:
    """Return every instruction, latest first."""
    return [_row(row) for row in Erasure.objects.defer("certificate").order_by("-asked_at", "pk")]


def unfinished_since() -> datetime | None:
    """Return when the oldest instruction was given that has not been carried out, None without one."""
    oldest: datetime | None = Erasure.objects.filter(ended_at=None).aggregate(at=Min("asked_at"))["at"]
    return oldest


def certificate(erasure_id: uuid.UUID) -> tuple[int, bytes]:
    """Return number and PDF of a certificate. Raises NotVisible before the erasure has ended."""
    row = Erasure.objects.filter(pk=erasure_id, ended_at__isnull=False).first()
    if row is None or row.number is None:
        raise NotVisible
    return row.number, bytes(row.certificate)


def preserved_of(reservations: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the reason for each of these reservations that is kept from erasure."""
    rows = Preservation.objects.filter(lifted_at=None, reservation__in=list(reservations))
    return dict(rows.values_list("reservation", "reason"))


def preserved() -> list[PreservedRow]:
    """Return what is kept from erasure, latest first; no person is opened."""
    rows = Preservation.objects.filter(lifted_at=None).select_related("reservation").order_by("-set_at", "pk")
    return [
        PreservedRow(
            row.reservation_id,
            row.reservation.reference,
            row.reservation.starts_at,
            row.reason,
            row.set_at,
            row.set_by,
        )
        for row in rows
    ]


def _row(row: Erasure) -> ErasureRow:
    return ErasureRow(
        id=row.id,
        reason=row.reason,
        reason_name=row.get_reason_display(),
        until=row.until,
        instruction=Instruction(row.document_number, row.document_on, row.instructed_by),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        counts=row.counts,
        ended_at=row.ended_at,
        number=row.number,
    )


def _lock(reservation_id: uuid.UUID) -> None:
    if not Reservation.objects.select_for_update().filter(pk=reservation_id, erased_at=None):
        raise NotVisible


def _kept(ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    kept = Preservation.objects.filter(lifted_at=None, reservation__in=list(ids))
    return set(kept.values_list("reservation", flat=True))


def _up_to(day: date) -> QuerySet[Reservation]:
    return Reservation.objects.filter(
        erased_at=None, starts_at__lt=clock.at(day + timedelta(days=1), clock.MIDNIGHT)
    )


def _unpreserved(rows: QuerySet[Reservation]) -> QuerySet[Reservation]:
    return rows.exclude(Exists(Preservation.objects.filter(reservation=OuterRef("pk"), lifted_at=None)))


def _meant(row: Erasure) -> QuerySet[Reservation]:
    named = Reservation.objects.filter(erased_at=None, pk__in=row.reservations)
    return _unpreserved(_up_to(row.until) if row.until else named)


def _empty(ids: Collection[uuid.UUID]) -> None:
    """Empty what tells who came; where, when and for what stays. The rows are locked."""
    people = Applicant.objects.filter(reservation__in=list(ids))
    keys = list(people.values_list("key", flat=True))
    people.update(**EMPTY)
    ReservedProcedure.objects.filter(reservation__in=list(ids)).update(claim=None)
    AccessCode.objects.filter(reservation__in=list(ids)).delete()
    Submission.objects.filter(reservation__in=list(ids)).delete()
    attempts = dict(Hold.objects.filter(reservation__in=list(ids), wait=None).values_list("pk", "key"))
    Hold.objects.filter(pk__in=list(attempts)).delete()
    # Nobody's link any more, and still nobody else's; nor is it told with whom they came.
    Reservation.objects.filter(pk__in=list(ids)).update(
        erased_at=clock.now(),
        party=None,
        link_hash=Func(RandomUUID(), function="uuid_send", output_field=BinaryField()),
    )
    destroy_keys(key_ids=[*keys, *attempts.values()])
