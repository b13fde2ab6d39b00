"""消去: people leave every ledger on the city's order; visits stay as figures (仕様書 6).

`order_erasure` writes down who instructed it, `erase_batch` does a part of it and may be killed in between,
`certify` ends it. A legal hold (保留) keeps one reservation from all that.
"""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Final

from django.db import transaction
from django.db.models import Max

from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.common.statements import execute_prepared
from madoguchi.notifications import personal_data as notifications
from madoguchi.reservations import personal_data as reservations
from madoguchi.reservations.personal_data import Selection
from madoguchi.retention.actions import RetentionAction
from madoguchi.retention.errors import CountDiffers, DayNotOver, NobodySelected, UnderLegalHold, VisitToCome
from madoguchi.retention.kinds import ErasureReason
from madoguchi.retention.models import ErasureOrder, LegalHold
from madoguchi.retention.selectors import Instruction, all_held, held, shown_session
from madoguchi.sealing.shown import refuse_other

BATCH: Final = 200
SERIALIZE: Final = "SELECT pg_advisory_xact_lock(hashtext('retention_erasureorder'))"


@transaction.atomic
def set_legal_hold(*, reservation_id: uuid.UUID, reason: str, actor: Actor, seen: str | None = None) -> None:
    """Keep a reservation from erasure until that is lifted; idempotent.

    `seen` is what the page showed (`selectors.shown_session`). Raises ContentChanged, NotVisible, and
    ForbiddenValue for a reason that must not be stored.
    """
    refuse_forbidden(reason)
    reservations.lock_person(reservation_id)
    if held([reservation_id]).get(reservation_id) == reason:
        return
    refuse_other(seen, shown_session(reservation_id))
    if held([reservation_id]):
        return
    LegalHold.objects.create(
        reservation_id=reservation_id, reason=reason, set_at=clock.now(), set_by=str(actor)
    )
    record(action=RetentionAction.LEGAL_HOLD_SET, actor=actor, target=f"reservation:{reservation_id}")


@transaction.atomic
def lift_legal_hold(*, reservation_id: uuid.UUID, actor: Actor, seen: str | None = None) -> None:
    """Let a reservation be erased again with the others of its day; idempotent.

    Raises NotVisible and ContentChanged.
    """
    reservations.lock_person(reservation_id)
    if not held([reservation_id]):
        return
    refuse_other(seen, shown_session(reservation_id))
    lifted = LegalHold.objects.filter(reservation=reservation_id, lifted_at=None).update(
        lifted_at=clock.now(), lifted_by=str(actor)
    )
    if lifted:
        record(action=RetentionAction.LEGAL_HOLD_LIFTED, actor=actor, target=f"reservation:{reservation_id}")


def order_erasure(
    *, until: date, people: int, reason: str, instruction: Instruction, actor: Actor
) -> uuid.UUID:
    """Write down the order to erase all whose visit was up to a day; the caller queues the work.

    `people` is what whoever ordered it has read. The same instruction is taken once. Raises DayNotOver,
    NobodySelected, CountDiffers and ForbiddenValue.
    """
    if until >= clock.today():
        raise DayNotOver
    selected = reservations.count_people(Selection(until=until, besides=all_held()))
    if not selected:
        raise NobodySelected
    if people != selected:
        raise CountDiffers
    row = ErasureOrder(reason=reason, until=until, counts={"meant": selected})
    return _write(row, instruction=instruction, actor=actor)


def order_erasure_of(
    *,
    reservation_ids: Collection[uuid.UUID],
    waits: Collection[uuid.UUID],
    instruction: Instruction,
    actor: Actor,
) -> uuid.UUID:
    """Write down the order to erase one person: these reservations and entries of the waiting list.

    Raises NobodySelected, VisitToCome, UnderLegalHold and ForbiddenValue.
    """
    named = tuple(reservation_ids)
    selected = reservations.count_people(Selection(reservations=named)) + len(waits)
    if not selected:
        raise NobodySelected
    if reservations.has_visit_to_come(named):
        raise VisitToCome
    if held(named):
        raise UnderLegalHold
    row = ErasureOrder(
        reason=ErasureReason.PERSON,
        reservations=list(named),
        waits=list(waits),
        counts={"meant": selected},
    )
    return _write(row, instruction=instruction, actor=actor)


def _write(row: ErasureOrder, *, instruction: Instruction, actor: Actor) -> uuid.UUID:
    for text in (instruction.document_number, instruction.instructed_by):
        refuse_forbidden(text)
    execute_prepared(SERIALIZE, [])
    same = ErasureOrder.objects.filter(
        reason=row.reason,
        until=row.until,
        reservations=row.reservations,
        waits=row.waits,
        document_number=instruction.document_number,
        document_on=instruction.document_on,
        ended_at=None,
    )
    if pressed_before := same.values_list("pk", flat=True).first():
        return pressed_before
    row.document_number, row.document_on = instruction.document_number, instruction.document_on
    row.instructed_by, row.asked_at, row.asked_by = instruction.instructed_by, clock.now(), str(actor)
    row.save(force_insert=True)
    record(
        action=RetentionAction.ERASURE_ORDERED,
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


def erase_batch(*, order_id: uuid.UUID) -> bool:
    """Erase some of the people an order selects, whole, from every ledger; return whether more are left.

    Who is under a legal hold stays. An order that has ended changes nothing.
    """
    row = ErasureOrder.objects.select_for_update().get(pk=order_id)
    if row.ended_at:
        return False
    actor, order = Actor("staff", row.asked_by.removeprefix("staff:")), str(row.id)
    # Every ledger with people in it, one after the other: a new one is added here.
    waits = reservations.erase_waits(waits=row.waits, order=order, actor=actor)
    found = reservations.lock_people(_selection(row), limit=BATCH)
    # By a statement of its own: a hold set while this one waited for its locks is seen now.
    kept = held(found)
    gone = [each for each in found if each not in kept]
    reservations.erase(reservations=gone, order=order, actor=actor)
    mails = notifications.erase(targets=[str(each) for each in (*gone, *waits)])
    erased = {"people": len(gone), "waits": len(waits), "mails": mails}
    row.counts |= {name: row.counts.get(name, 0) + count for name, count in erased.items()}
    row.save(update_fields=["counts"])
    return reservations.count_people(_selection(row)) > 0


def _selection(row: ErasureOrder) -> Selection:
    return Selection(row.until, tuple(row.reservations), all_held())


@transaction.atomic
def clear_people_without_key() -> None:
    """Take people whose key is gone out of every ledger: older data were restored, or the ring was lost."""
    gone = reservations.clear_people_without_key()
    # An older backup may bring back a hold that was lifted before the person was erased.
    LegalHold.objects.filter(reservation__in=gone, lifted_at=None).update(
        lifted_at=clock.now(), lifted_by=str(SYSTEM)
    )
    notifications.erase(targets=[str(each) for each in gone])


@transaction.atomic
def next_number() -> int:
    """Return the number of the next certificate; whoever asks at the same time waits for this transaction."""
    execute_prepared(SERIALIZE, [])
    return (ErasureOrder.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def certify(*, order_id: uuid.UUID, number: int, certificate: bytes) -> None:
    """End an order with its certificate."""
    row = ErasureOrder.objects.get(pk=order_id)
    row.ended_at, row.number, row.certificate = clock.now(), number, certificate
    row.save(update_fields=["ended_at", "number", "certificate"])
    record(
        action=RetentionAction.ERASURE_ENDED,
        actor=SYSTEM,
        target=f"erasure:{row.id}",
        detail={"number": number, "counts": row.counts},
    )
