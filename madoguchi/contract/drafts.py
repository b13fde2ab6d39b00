"""Drafts of rules, texts and announcements, from hand to hand: written, sent, decided, withdrawn.

Written and sent by the secretariat, approved or returned by the city; what an approved one puts into force
stands in `workflows.approvals.drafts`, the only caller.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F

from madoguchi.audit.actor import Actor
from madoguchi.audit.selectors import entries_about
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.contract.actions import ContractAction
from madoguchi.contract.kinds import DraftState
from madoguchi.contract.models import Draft
from madoguchi.contract.rows import DraftRow
from madoguchi.contract.services import forget_reads
from madoguchi.sealing.shown import shown

# What may still be written on, and what is not over: another draft of the same thing has to take care of it.
OPEN: Final = (DraftState.WRITTEN, DraftState.RETURNED)
ALIVE: Final = (*OPEN, DraftState.SENT, DraftState.APPROVED)


class NotOpen(Refusal):
    """The draft is not in the state in which this can be done to it: somebody was quicker."""

    code = "draft_not_open"
    message = "この案は、ほかの人が先に進めました。いまの状態を確かめてください。"


class SameAuthor(Refusal):
    """Who wrote or sent a draft does not decide on it."""

    code = "draft_same_hand"
    message = "案を書いた人・送った人は、承認も差戻しもできません。本市のほかの担当者が決めてください。"


class InForce(Refusal):
    """What is in force already is changed by another draft, never taken back."""

    code = "draft_in_force"
    message = "もう適用されているため、取り下げられません。元に戻すときは、新しい案を作ってください。"


def draft(draft_id: int) -> DraftRow:
    """Return one draft; raises NotVisible when there is none."""
    found = Draft.objects.filter(pk=draft_id).first()
    if found is None:
        raise NotVisible
    return _row(found)


def shown_draft(row: DraftRow) -> str:
    """Return what a page shows that shows a draft: another word once somebody has written on it."""
    return shown("draft", row.id, row.written_at.astimezone(UTC).isoformat())


def is_same_decision(row: DraftRow, state: DraftState, *, actor: Actor, seen: str | None) -> bool:
    """Tell whether a decision about what was shown came before: the same press, sent twice."""
    return (row.state, row.decided_by, shown_draft(row)) == (state, str(actor), seen)


def drafts(*, states: Collection[str] = (), limit: int = 200) -> list[DraftRow]:
    """Return drafts, the one worked on last first."""
    found = Draft.objects.filter(state__in=list(states)) if states else Draft.objects.all()
    return [_row(row) for row in found.order_by("-pk")[:limit]]


def drafts_of(items: Collection[str]) -> list[DraftRow]:
    """Return the drafts of any of these things that are not withdrawn, the latest first."""
    found = Draft.objects.filter(items__overlap=list(items), state__in=ALIVE)
    return [_row(row) for row in found.order_by("-pk")]


def approved_items() -> frozenset[str]:
    """Return everything that an approved draft has changed."""
    approved = Draft.objects.filter(state=DraftState.APPROVED).values_list("items", flat=True)
    return frozenset(chain.from_iterable(approved))


def lock_proposals() -> None:
    """Let no other draft be written or decided until the caller's transaction ends, so that none overlaps."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE contract_draft IN SHARE ROW EXCLUSIVE MODE")


@transaction.atomic
def put_draft(*, draft_id: int | None, actor: Actor, **facts: Any) -> int:
    """Write a draft, or write on one that is open, and return its id. Raises NotOpen, ForbiddenValue."""
    refuse_forbidden(facts["reason"])
    now = clock.now()
    if draft_id is None:
        row_id = Draft.objects.create(**facts, written_at=now, written_by=str(actor)).pk
    else:
        row_id = draft_id
        changed = Draft.objects.filter(pk=row_id, state__in=OPEN).update(
            **facts, state=DraftState.WRITTEN, written_at=now, written_by=str(actor),
            sent_at=None, sent_by="", decided_at=None, decided_by="", answer="",
        )  # fmt: skip
        if not changed:
            raise NotOpen
    _record(ContractAction.DRAFT_WRITTEN, row_id, actor, content=facts["content"])
    return row_id


@transaction.atomic
def send_draft(*, draft_id: int, actor: Actor) -> None:
    """Send a draft to the city. Raises NotOpen."""
    sent = Draft.objects.filter(pk=draft_id, state=DraftState.WRITTEN)
    if not sent.update(state=DraftState.SENT, sent_at=clock.now(), sent_by=str(actor)):
        raise NotOpen
    _record(ContractAction.DRAFT_SENT, draft_id, actor)


@transaction.atomic
def approve_draft(*, draft_id: int, actor: Actor, effective_from: datetime) -> None:
    """Approve what was sent, in force from an instant on. Raises NotOpen, SameHand."""
    _decide(draft_id, actor, state=DraftState.APPROVED, effective_from=effective_from)
    _record(ContractAction.DRAFT_APPROVED, draft_id, actor, effective_from=effective_from.isoformat())
    forget_reads()


def assume_approved(*, draft_id: int, actor: Actor, effective_from: datetime) -> None:
    """Take a draft for approved, for a look in a transaction that the caller undoes."""
    Draft.objects.filter(pk=draft_id).update(
        state=DraftState.APPROVED, effective_from=effective_from, sent_at=F("written_at"),
        sent_by=F("written_by"), decided_at=clock.now(), decided_by=str(actor), answer="",
        withdrawn_at=None, withdrawn_by="",
    )  # fmt: skip


@transaction.atomic
def return_draft(*, draft_id: int, answer: str, actor: Actor) -> None:
    """Give back what was sent, and say why. Raises NotOpen, SameHand, ForbiddenValue."""
    refuse_forbidden(answer)
    _decide(draft_id, actor, state=DraftState.RETURNED, answer=answer)
    _record(ContractAction.DRAFT_RETURNED, draft_id, actor, answer=answer)


def _decide(draft_id: int, actor: Actor, **changes: object) -> None:
    # Whoever ever wrote on it, as the trail knows; the table knows the last hand.
    target, hands = f"draft:{draft_id}", (ContractAction.DRAFT_WRITTEN, ContractAction.DRAFT_SENT)
    if str(actor) in {entry.actor for entry in entries_about(target, actions=hands)}:
        raise SameAuthor
    waiting = Draft.objects.filter(pk=draft_id, state=DraftState.SENT)
    if not waiting.update(**changes, decided_at=clock.now(), decided_by=str(actor)):
        raise NotOpen


@transaction.atomic
def withdraw_draft(*, draft_id: int, actor: Actor) -> None:
    """Withdraw a draft, an approved one only before its instant. Raises NotOpen, InForce."""
    now, found = clock.now(), draft(draft_id)
    if found.state == DraftState.APPROVED and found.effective_from <= now:
        raise InForce
    alive = Draft.objects.filter(pk=draft_id, state=found.state).exclude(state=DraftState.WITHDRAWN)
    if not alive.update(state=DraftState.WITHDRAWN, withdrawn_at=now, withdrawn_by=str(actor)):
        raise NotOpen
    _record(ContractAction.DRAFT_WITHDRAWN, draft_id, actor)
    forget_reads()


def _record(action: ContractAction, draft_id: int, actor: Actor, **detail: object) -> None:
    record(action=action, actor=actor, target=f"draft:{draft_id}", detail=detail)


def _row(row: Draft) -> DraftRow:
    facts: Mapping[str, Any] = {name: getattr(row, name) for name in DraftRow.__slots__}
    return DraftRow(**{**facts, "items": tuple(row.items)})
