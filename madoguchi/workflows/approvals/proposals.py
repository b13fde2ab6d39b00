"""Write, approve and apply proposals (案) of rules, texts, announcements, master data (仕様書 9(5), 4(3)ア).

A proposal keeps the content that was in force when it was written (`base`). It is refused, and the other
version named, when that content has changed since or when another proposal changes the same item from the
same instant on. Approval writes the new versions; they take effect at their instant without a job. Master
data has no versions: the job just after midnight writes what is due (`apply_due`). Outages need no approval.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import transaction

from madoguchi.audit.actor import Actor
from madoguchi.common import clock, era
from madoguchi.common.errors import Refusal
from madoguchi.contract import proposals as ledger
from madoguchi.contract.kinds import ProposalKind, ProposalState
from madoguchi.contract.rows import ProposalRow
from madoguchi.contract.rules import (
    RULES,
    format_rule,
    shapes_seats,
)
from madoguchi.contract.selectors import (
    rule_history,
)
from madoguchi.contract.services import decide_rule
from madoguchi.notifications.announcements import (
    announcement,
    announcement_of,
    end_announcement,
    put_announcement,
)
from madoguchi.notifications.kinds import KIND_NAMES, MailKind
from madoguchi.notifications.selectors import texts
from madoguchi.notifications.services import put_text
from madoguchi.offices.selectors import offices
from madoguchi.sealing.shown import refuse_other
from madoguchi.workflows.approvals.content import checked_content, current_content
from madoguchi.workflows.approvals.master import (
    MASTERS,
    places_of,
    write_master,
)
from madoguchi.workflows.approvals.wording import changed_item, label_of, name_proposal, proposal_title
from madoguchi.workflows.capacity.slots import change_offering

logger = logging.getLogger(__name__)

# Proposals of these kinds hold only what they change, item by item.
BY_FIELD: Final = frozenset({ProposalKind.RULES, *MASTERS})
# Who writes master data that is due.
CLOCK: Final = Actor("system", "apply_due")
SIMULATOR: Final = Actor("system", "simulator")
SAME_PRESS: Final = timedelta(minutes=1)


class NothingChanges(Refusal):
    """The proposal is equal to the content in force."""

    code = "proposal_changes_nothing"
    message = "いまの内容と同じです。変えるところを入力してください。"


class ProposalOverlaps(Refusal):
    """Another proposal, or a decided version, changes the same item from the same instant on."""

    code = "proposal_overlaps"
    message = "ほかの案と重なっています。"


class ProposalOutdated(Refusal):
    """The content on which the proposal was based has changed since."""

    code = "proposal_outdated"
    message = "この案を書いたあとに、もとの内容が変わりました。"


def save_proposal(
    *,
    kind: ProposalKind,
    scope: str = "",
    language: str = "ja",
    content: Mapping[str, Any],
    effective_from: datetime,
    reason: str,
    actor: Actor,
    proposal_id: int | None = None,
    seen: str | None = None,
) -> int:
    """Create a proposal, or edit one that is open, and return its id. Idempotent.

    Raises ContentChanged unless `seen` is None or what `shown_proposal` returns, NothingChanges,
    ProposalOverlaps and NotOpen; for wrong content RuleNotValid, TextNotValid, TextNeeded, MasterNotValid,
    EndsBeforeItStarts, ForbiddenValue, NotVisible.
    """
    with transaction.atomic(durable=True):
        ledger.lock_proposals()
        base = current_content(kind=kind, scope=scope, language=language, at=_start(effective_from))
        checked = checked_content(kind, scope, content, _start(effective_from), language)
        changed = {name: value for name, value in checked.items() if base.get(name) != value}
        if not changed and (kind in BY_FIELD or checked.keys() == base.keys()):
            raise NothingChanges
        kept = changed if kind in BY_FIELD else checked
        items = _items(kind, scope, language, kept)
        facts: dict[str, Any] = {
            "kind": kind,
            "scope": scope,
            "language": language,
            "content": kept,
            "base": {name: base[name] for name in kept} if kind in BY_FIELD else base,
            "effective_from": effective_from,
            "reason": reason,
        }
        if proposal_id is not None:
            row = ledger.proposal(proposal_id)
            is_same = all(getattr(row, name) == value for name, value in facts.items())
            if is_same and (row.state, row.written_by) == (ProposalState.WRITTEN, str(actor)):
                return proposal_id
            refuse_other(seen, ledger.shown_proposal(row))
        elif pressed_before := _same_proposal(facts, actor):
            return pressed_before
        _refuse_overlap(items, scope, effective_from, proposal_id)
        return ledger.put_proposal(proposal_id=proposal_id, actor=actor, items=items, **facts)


def _same_proposal(facts: Mapping[str, Any], actor: Actor) -> int | None:
    """Return the proposal that the same press has written just before, None without one."""

    def said(each: Mapping[str, Any]) -> dict[str, Any]:
        # What begins at once begins at the instant of its press.
        content = {name: value for name, value in each["content"].items() if name != "shows_from"}
        return {**each, "content": content, "effective_from": None}

    for row in ledger.proposals(states=[ProposalState.WRITTEN]):
        same = said({name: getattr(row, name) for name in facts}) == said(facts)
        apart = abs(row.effective_from - facts["effective_from"])
        if same and apart < SAME_PRESS and row.written_by == str(actor):
            return row.id
    return None


def send_proposal(*, proposal_id: int, actor: Actor, seen: str | None = None) -> None:
    """Send a proposal to the city for approval.

    Raises ContentChanged, NotOpen, ProposalOverlaps, ProposalOutdated.
    """
    with transaction.atomic(durable=True):
        ledger.lock_proposals()
        refuse_other(seen, ledger.shown_proposal(ledger.proposal(proposal_id)))
        _refuse_unfit(ledger.proposal(proposal_id))
        ledger.send_proposal(proposal_id=proposal_id, actor=actor)


def approve_proposal(*, proposal_id: int, actor: Actor, seen: str | None = None) -> None:
    """Approve a proposal for the city: it takes effect at its instant, or now if that has passed.

    `seen` is what the page showed (`shown_proposal`). Raises ContentChanged, NotOpen, SameAuthor,
    ProposalOverlaps, ProposalOutdated; then nothing has changed.
    """
    row = ledger.proposal(proposal_id)
    if ledger.is_same_decision(row, ProposalState.APPROVED, actor=actor, seen=seen):
        return
    start = _start(row.effective_from)

    def change() -> None:
        ledger.lock_proposals()
        # Somebody edited it since it was read above, or since the city read it.
        refuse_other(
            ledger.shown_proposal(row) if seen is None else seen,
            ledger.shown_proposal(ledger.proposal(proposal_id)),
        )
        _refuse_unfit(row)
        ledger.approve_proposal(proposal_id=proposal_id, actor=actor, effective_from=start)
        apply(replace(row, effective_from=start), actor=actor)

    change_offering(
        change=change,
        places=offices_to_refit(row) if start <= clock.now() else (),
        title=proposal_title(row),
        actor=actor,
    )


def return_proposal(*, proposal_id: int, answer: str, actor: Actor, seen: str | None = None) -> None:
    """Return a proposal with a reason. Raises ContentChanged, NotOpen, SameAuthor, ForbiddenValue."""
    with transaction.atomic(durable=True):
        ledger.lock_proposals()
        row = ledger.proposal(proposal_id)
        if (
            ledger.is_same_decision(row, ProposalState.RETURNED, actor=actor, seen=seen)
            and row.answer == answer
        ):
            return
        refuse_other(seen, ledger.shown_proposal(row))
        ledger.return_proposal(proposal_id=proposal_id, answer=answer, actor=actor)


def withdraw_proposal(*, proposal_id: int, actor: Actor, seen: str | None = None) -> None:
    """Withdraw a proposal, an approved one only before it takes effect: nothing changes then.

    `seen` is what the page showed (`shown_proposal`). Raises ContentChanged, NotOpen, InForce.
    """
    _withdraw(proposal_id, actor=actor, seen=seen)


def take_back_approval(*, proposal_id: int, reason: str, actor: Actor, seen: str | None = None) -> None:
    """Take the city's approval back before it takes effect: nothing changes then, and the reason stays.

    `seen` is what the page showed (`shown_proposal`). Raises ContentChanged, NotOpen, InForce and
    ForbiddenValue.
    """
    row = ledger.proposal(proposal_id)
    if (row.taken_back, row.withdrawn_by, ledger.shown_proposal(row)) == (reason, str(actor), seen):
        return
    _withdraw(proposal_id, actor=actor, seen=seen, taken_back=reason)


def _withdraw(proposal_id: int, *, actor: Actor, seen: str | None, taken_back: str = "") -> None:
    with transaction.atomic(durable=True):
        ledger.lock_proposals()
        row = ledger.proposal(proposal_id)
        refuse_other(seen, ledger.shown_proposal(row))
        ledger.withdraw_proposal(proposal_id=proposal_id, actor=actor, taken_back=taken_back)
        if made := announcement_of(proposal_id):
            end_announcement(announcement_id=made, actor=actor)
        # The announcement it would have replaced is shown as long as before, unless somebody ended it since.
        if made and row.scope and announcement(int(row.scope)).shows_until == row.effective_from:
            put_announcement(announcement_id=int(row.scope), actor=actor, **_announced(row.base))


def assume_applied(row: ProposalRow, start: datetime) -> None:
    """Put a proposal into force from an instant on, in a transaction that the caller rolls back."""
    ledger.assume_approved(proposal_id=row.id, actor=SIMULATOR, effective_from=start)
    apply(replace(row, effective_from=start), actor=SIMULATOR)


def apply(row: ProposalRow, *, actor: Actor) -> None:
    """Write the versions of an approved proposal where the citizen site reads them, from its instant on."""
    match row.kind:
        case ProposalKind.RULES:
            for key, value in row.content.items():
                decide_rule(
                    key=key,
                    scope=row.scope,
                    value=value,
                    effective_from=row.effective_from,
                    note=row.reason,
                    actor=actor,
                    proposal_id=row.id,
                )
        case ProposalKind.MAIL:
            put_text(
                kind=MailKind(row.scope),
                language=row.language,
                effective_from=row.effective_from,
                actor=actor,
                proposal_id=row.id,
                **row.content,
            )
        case kind if kind in MASTERS:
            if row.effective_from <= clock.now():
                write_master(ProposalKind(kind), row.scope, row.content, actor=actor)
                ledger.mark_applied(row.id)
        case ProposalKind.ANNOUNCEMENT:
            if row.scope:
                end_announcement(announcement_id=int(row.scope), at=row.effective_from, actor=actor)
            shown = {**_announced(row.content), "shows_from": row.effective_from}
            put_announcement(actor=actor, proposal_id=row.id, **shown)
        # A guidance text needs no more: the approved proposal is the version.


def apply_due() -> int:
    """Write the master data whose instant has come, and return how many proposals were applied. Idempotent.

    Each in a transaction of its own, with the list of the people affected. One that no longer fits what
    stands is left as it is and logged; its page says that it could not be applied.
    """
    applied = 0
    for row in ledger.due_proposals(kinds=MASTERS, at=clock.now()):
        try:
            change_offering(
                change=partial(_apply_due, row.id),
                places=offices_to_refit(row),
                title=proposal_title(row),
                actor=CLOCK,
            )
        except Refusal as refusal:
            logger.warning("Proposal %s could not be applied: %s", row.id, refusal.code)
        else:
            applied += 1
    return applied


def _apply_due(proposal_id: int) -> None:
    ledger.lock_proposals()
    row = ledger.proposal(proposal_id)
    # Unless another run of the job came first, or somebody who withdrew it.
    if row.state == ProposalState.APPROVED and row.applied_at is None:
        apply(row, actor=CLOCK)


def offices_to_refit(row: ProposalRow) -> tuple[str, ...]:
    """Return the codes of the offices whose seats must be rebuilt when a proposal takes effect."""
    if row.kind in MASTERS:
        return places_of(ProposalKind(row.kind), row.scope)
    if row.kind != ProposalKind.RULES or not any(shapes_seats(key) for key in row.content):
        return ()
    return (row.scope,) if row.scope else tuple(place.code for place in offices())


def _start(effective_from: datetime) -> datetime:
    return max(effective_from, clock.now())


def _announced(content: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(content[name]) for name in ("shows_from", "shows_until")}
    return {**content, **times}


def _items(kind: ProposalKind, scope: str, language: str, content: Mapping[str, Any]) -> list[str]:
    """Return the name of each item that a proposal changes; none for a new announcement."""
    match kind:
        case ProposalKind.RULES:
            return [f"rule:{key}:{scope}" for key in content]
        case master if master in MASTERS:
            return [f"{kind}:{name}:{scope}" for name in content]
        case ProposalKind.ANNOUNCEMENT:
            return [f"announcement:{scope}"] if scope else []
        case _:
            return [f"{kind}:{scope}:{language}"]


def _refuse_unfit(row: ProposalRow) -> None:
    _refuse_overlap(row.items, row.scope, row.effective_from, row.id)
    start = _start(row.effective_from)
    in_force = current_content(kind=row.kind, scope=row.scope, language=row.language, at=start)
    # Of a text also what did not exist when the proposal was written.
    names = row.base if row.kind in BY_FIELD else {**row.base, **in_force}
    if changed := [name for name in names if in_force.get(name) != row.base.get(name)]:
        what = label_of(row.kind, changed[0])
        raise ProposalOutdated(
            f"「{what}」は、この案を書いたあとに変わりました{_changed_by(row)}。"
            "案を開いて保存し直すと、いまの内容との違いを確かめられます。"
        )


def _changed_by(row: ProposalRow) -> str:
    """Return how a sentence names the proposal that changed the content since, or an empty text."""
    others = [
        other
        for other in ledger.proposals_of(row.items)
        if other.id != row.id
        and other.state == ProposalState.APPROVED
        and (other.decided_at or row.written_at) >= row.written_at
    ]
    return f"（{name_proposal(max(others, key=lambda other: other.id))}）" if others else ""


def _refuse_overlap(items: Any, scope: str, effective_from: datetime, proposal_id: int | None) -> None:
    """Raise ProposalOverlaps, naming the other, when two change the same item from the same instant on."""
    start = _start(effective_from)
    for other in ledger.proposals_of(items):
        if other.id != proposal_id and _start(other.effective_from) == start and not _is_over(other):
            raise ProposalOverlaps(
                f"{changed_item(other, items)}は、{name_proposal(other)}でも"
                "同じ日時から変えることになっています。"
                "そちらを直すか取り下げるか、別の適用日にしてください。"
            )
    for version in rule_history(scope):
        if f"rule:{version.key}:{version.scope}" in items and version.effective_from == start:
            becomes = format_rule(version.key, version.value)
            raise ProposalOverlaps(
                f"「{RULES[version.key].label}」は、{era.staff_datetime(start)}から{becomes}に"
                "変わることが決まっています。別の適用日にしてください。"
            )
    for text in texts() if any(item.startswith("mail:") for item in items) else ():
        if f"mail:{text.kind}:{text.language}" in items and text.effective_from == start:
            raise ProposalOverlaps(
                f"「{KIND_NAMES[text.kind]}」の文面は、{era.staff_datetime(start)}からの"
                f"第{text.version}版が決まっています。別の適用日にしてください。"
            )


def _is_over(row: ProposalRow) -> bool:
    """Tell whether a proposal has taken effect; it overlaps no other any more."""
    return row.state == ProposalState.APPROVED and row.effective_from <= clock.now()
