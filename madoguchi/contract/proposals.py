"""The ledger of proposals (案): rules, texts, announcements, master data, written, sent, decided, withdrawn.

The secretariat writes and sends a proposal, the city approves or returns it. `workflows.approvals.proposals`,
the only caller, applies what was approved.
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
from madoguchi.common.cache import clear_caches_on_commit
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.contract.actions import ContractAction
from madoguchi.contract.errors import InForce, NotOpen, SameAuthor
from madoguchi.contract.kinds import ProposalState
from madoguchi.contract.models import Proposal
from madoguchi.contract.rows import ProposalRow
from madoguchi.sealing.shown import shown

# States in which a proposal may be edited, and states with which another must not overlap.
OPEN: Final = (ProposalState.WRITTEN, ProposalState.RETURNED)
ALIVE: Final = (*OPEN, ProposalState.SENT, ProposalState.APPROVED)


def proposal(proposal_id: int) -> ProposalRow:
    """Return one proposal; raises NotVisible when there is none."""
    found = Proposal.objects.filter(pk=proposal_id).first()
    if found is None:
        raise NotVisible
    return _row(found)


def shown_proposal(row: ProposalRow) -> str:
    """Return the fingerprint of a proposal as a page shows it; it changes with every edit."""
    return shown("proposal", row.id, row.written_at.astimezone(UTC).isoformat())


def audit_target(proposal_id: int) -> str:
    """Return the name of a proposal in the audit trail; `draft` is the stored code."""
    return f"draft:{proposal_id}"


def is_same_decision(row: ProposalRow, state: ProposalState, *, actor: Actor, seen: str | None) -> bool:
    """Tell whether this actor already made this decision about the shown version: the form was sent twice."""
    return (row.state, row.decided_by, shown_proposal(row)) == (state, str(actor), seen)


def proposals(*, states: Collection[str] = (), limit: int = 200) -> list[ProposalRow]:
    """Return proposals, the newest first."""
    found = Proposal.objects.filter(state__in=list(states)) if states else Proposal.objects.all()
    return [_row(row) for row in found.order_by("-pk")[:limit]]


def proposals_of(items: Collection[str]) -> list[ProposalRow]:
    """Return the proposals that change any of these items and are not withdrawn, the newest first."""
    found = Proposal.objects.filter(items__overlap=list(items), state__in=ALIVE)
    return [_row(row) for row in found.order_by("-pk")]


def approved_items() -> frozenset[str]:
    """Return every item that an approved proposal changes."""
    approved = Proposal.objects.filter(state=ProposalState.APPROVED).values_list("items", flat=True)
    return frozenset(chain.from_iterable(approved))


def due_proposals(*, kinds: Collection[str], at: datetime | None = None) -> list[ProposalRow]:
    """Return the approved proposals of these kinds still to apply, by an instant or ever, first due first."""
    found = Proposal.objects.filter(kind__in=list(kinds), state=ProposalState.APPROVED, applied_at=None)
    if at:
        found = found.filter(effective_from__lte=at)
    return [_row(row) for row in found.order_by("effective_from", "pk")]


def mark_applied(proposal_id: int) -> None:
    """Note that the content of an approved proposal has been written; it is written once."""
    Proposal.objects.filter(pk=proposal_id, applied_at=None).update(applied_at=clock.now())


def lock_proposals() -> None:
    """Lock the proposals until the caller's transaction ends, so that two of them never overlap."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE contract_proposal IN SHARE ROW EXCLUSIVE MODE")


@transaction.atomic
def put_proposal(*, proposal_id: int | None, actor: Actor, **facts: Any) -> int:
    """Create a proposal, or edit one that is open, and return its id. Raises NotOpen, ForbiddenValue."""
    refuse_forbidden(facts["reason"])
    now = clock.now()
    if proposal_id is None:
        row_id = Proposal.objects.create(**facts, written_at=now, written_by=str(actor)).pk
    else:
        row_id = proposal_id
        changed = Proposal.objects.filter(pk=row_id, state__in=OPEN).update(
            **facts, state=ProposalState.WRITTEN, written_at=now, written_by=str(actor),
            sent_at=None, sent_by="", decided_at=None, decided_by="", answer="",
        )  # fmt: skip
        if not changed:
            raise NotOpen
    _record(ContractAction.PROPOSAL_WRITTEN, row_id, actor, content=facts["content"])
    return row_id


@transaction.atomic
def send_proposal(*, proposal_id: int, actor: Actor) -> None:
    """Send a proposal to the city. Raises NotOpen."""
    sent = Proposal.objects.filter(pk=proposal_id, state=ProposalState.WRITTEN)
    if not sent.update(state=ProposalState.SENT, sent_at=clock.now(), sent_by=str(actor)):
        raise NotOpen
    _record(ContractAction.PROPOSAL_SENT, proposal_id, actor)


@transaction.atomic
def approve_proposal(*, proposal_id: int, actor: Actor, effective_from: datetime) -> None:
    """Approve a sent proposal, in force from an instant on. Raises NotOpen, SameAuthor."""
    _decide(proposal_id, actor, state=ProposalState.APPROVED, effective_from=effective_from)
    _record(ContractAction.PROPOSAL_APPROVED, proposal_id, actor, effective_from=effective_from.isoformat())
    clear_caches_on_commit()


def assume_approved(*, proposal_id: int, actor: Actor, effective_from: datetime) -> None:
    """Mark a proposal as approved in a transaction that the caller rolls back (the simulator)."""
    Proposal.objects.filter(pk=proposal_id).update(
        state=ProposalState.APPROVED, effective_from=effective_from, sent_at=F("written_at"),
        sent_by=F("written_by"), decided_at=clock.now(), decided_by=str(actor), answer="",
        withdrawn_at=None, withdrawn_by="", taken_back="", applied_at=None,
    )  # fmt: skip


@transaction.atomic
def return_proposal(*, proposal_id: int, answer: str, actor: Actor) -> None:
    """Return a sent proposal with a reason. Raises NotOpen, SameAuthor, ForbiddenValue."""
    refuse_forbidden(answer)
    _decide(proposal_id, actor, state=ProposalState.RETURNED, answer=answer)
    _record(ContractAction.PROPOSAL_RETURNED, proposal_id, actor, answer=answer)


def _decide(proposal_id: int, actor: Actor, **changes: object) -> None:
    # The audit trail names every author; the table only the last.
    authorship = (ContractAction.PROPOSAL_WRITTEN, ContractAction.PROPOSAL_SENT)
    if str(actor) in {entry.actor for entry in entries_about(audit_target(proposal_id), actions=authorship)}:
        raise SameAuthor
    waiting = Proposal.objects.filter(pk=proposal_id, state=ProposalState.SENT)
    if not waiting.update(**changes, decided_at=clock.now(), decided_by=str(actor)):
        raise NotOpen


@transaction.atomic
def withdraw_proposal(*, proposal_id: int, actor: Actor, taken_back: str = "") -> None:
    """Withdraw a proposal, an approved one only before its instant. Raises NotOpen, InForce, ForbiddenValue.

    `taken_back` is the reason with which the city takes its approval back: then it must be approved.
    """
    refuse_forbidden(taken_back)
    now, found = clock.now(), proposal(proposal_id)
    if taken_back and found.state != ProposalState.APPROVED:
        raise NotOpen
    if found.state == ProposalState.APPROVED and found.effective_from <= now:
        raise InForce
    alive = Proposal.objects.filter(pk=proposal_id, state=found.state).exclude(state=ProposalState.WITHDRAWN)
    changes = {"withdrawn_at": now, "withdrawn_by": str(actor), "taken_back": taken_back}
    if not alive.update(state=ProposalState.WITHDRAWN, **changes):
        raise NotOpen
    if taken_back:
        _record(ContractAction.APPROVAL_TAKEN_BACK, proposal_id, actor, answer=taken_back)
    else:
        _record(ContractAction.PROPOSAL_WITHDRAWN, proposal_id, actor)
    clear_caches_on_commit()


def _record(action: ContractAction, proposal_id: int, actor: Actor, **detail: object) -> None:
    record(action=action, actor=actor, target=audit_target(proposal_id), detail=detail)


def _row(row: Proposal) -> ProposalRow:
    facts: Mapping[str, Any] = {name: getattr(row, name) for name in ProposalRow.__slots__}
    return ProposalRow(**{**facts, "items": tuple(row.items)})
