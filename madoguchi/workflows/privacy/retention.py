"""保存期間と消去: how long everything about people is kept, and how it goes (仕様書 6, docs/adr/0024).

What only served a moment goes by itself. People with a reservation go when the city says so: a job erases
them in parts, each a transaction, and ends with a certificate.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from madoguchi.accounts.lockouts import forget_failures
from madoguchi.audit.actor import Actor
from madoguchi.audit.seals import last_seal, seal_entries
from madoguchi.common import clock
from madoguchi.contract.rules import expired_before
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.notifications.services import forget_old_mails
from madoguchi.rendering.documents import ErasureCertificate, erasure_certificate
from madoguchi.reservations.personal_data import held_on, lock_person
from madoguchi.reservations.selectors import person_hash_of
from madoguchi.retention import selectors, services
from madoguchi.retention.errors import WithinTerm
from madoguchi.retention.kinds import ErasureReason
from madoguchi.retention.selectors import ErasureOrderRow, Extent, Instruction
from madoguchi.sealing.shown import refuse_other


def purge(*, now: datetime) -> None:
    """Forget what may go unasked: recipients and texts of old mails, failed sign-ins, people without key."""
    rules = booking_rules(now)
    forget_old_mails(before=now - timedelta(days=rules.keep_mail_days))
    forget_failures(before=now - timedelta(days=rules.keep_sign_in_days))
    services.clear_people_without_key()


def term() -> date:
    """Return the day before which all visits are past their term today."""
    return expired_before(clock.today(), booking_rules(clock.now()))


def extent(*, until: date) -> Extent:
    """Return who would be erased by an order for all visits up to a day."""
    return selectors.extent(until=until, expired_before=term())


def order_erasure(*, until: date, people: int, reason: str, instruction: Instruction, actor: Actor) -> None:
    """Take the city's order to erase all whose visit was up to a day; a job does it.

    Raises WithinTerm, DayNotOver, NobodySelected, CountDiffers and ForbiddenValue; then nothing happens.
    """
    if reason == ErasureReason.TERM_OVER and until >= term():
        raise WithinTerm
    with transaction.atomic(durable=True):
        _defer(
            services.order_erasure(
                until=until, people=people, reason=reason, instruction=instruction, actor=actor
            )
        )


def order_erasure_of(
    *,
    reservations: Collection[uuid.UUID],
    waits: Collection[uuid.UUID],
    instruction: Instruction,
    actor: Actor,
    seen: str | None = None,
) -> None:
    """Take the city's order to erase one person; a job does it.

    `seen` is what the page showed of them (`Records.shown`). Raises ContentChanged, NobodySelected,
    VisitToCome, UnderLegalHold and ForbiddenValue; then nothing happens.
    """
    with transaction.atomic(durable=True):
        for each in reservations:
            lock_person(each)
        if seen is not None and (named := next(iter((*reservations, *waits)), None)):
            refuse_other(seen, held_on(person_hash_of(named)).shown)
        _defer(
            services.order_erasure_of(
                reservation_ids=reservations, waits=waits, instruction=instruction, actor=actor
            )
        )


def _defer(order_id: uuid.UUID) -> None:
    # By name, since the tasks import their workflows; the job is written in this transaction.
    app.configure_task("madoguchi.workflows.tasks.erase").defer(erasure_id=str(order_id))


def carry_out(*, order_id: uuid.UUID) -> None:
    """Erase everybody an order selects and certify it; killed half way, the next run goes on."""
    while _erase_batch(order_id):
        pass
    # The certificate bears the root that covers what has just been written down.
    seal_entries()
    with transaction.atomic(durable=True):
        number = services.next_number()
        row = selectors.erasure_order(order_id)
        if row.ended_at is None:
            services.certify(order_id=order_id, number=number, certificate=_paper(row, number))


def _erase_batch(order_id: uuid.UUID) -> bool:
    with transaction.atomic(durable=True):
        return services.erase_batch(order_id=order_id)


def _paper(row: ErasureOrderRow, number: int) -> bytes:
    seal = last_seal()
    return erasure_certificate(
        ErasureCertificate(
            issuer=program().contractor_name,
            city=program().city_name,
            program=program().title,
            number=number,
            reason=row.reason_name,
            until=row.until,
            document_number=row.instruction.document_number,
            document_on=row.instruction.document_on,
            instructed_by=row.instruction.instructed_by,
            began_at=row.asked_at,
            counts=_counts(row.counts),
            seal=f"第{seal.number}号 {seal.root}" if seal else "",
        )
    )


def _counts(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    return [
        ("予約した方の情報（氏名、連絡先、住所、生年月日など）", f"{counts.get('people', 0):,}人分"),
        ("空き待ちをした方の情報", f"{counts.get('waits', 0):,}人分"),
        ("送ったメールの宛先と本文", f"{counts.get('mails', 0):,}通"),
        ("個人ごとの暗号鍵", f"{counts.get('people', 0) + counts.get('waits', 0):,}本"),
    ]
