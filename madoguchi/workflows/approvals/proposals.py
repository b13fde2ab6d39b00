"""Write, approve and apply proposals (案) of rules, texts, announcements (仕様書 9(5), 4(3)ア).

A proposal keeps the content that was in force when it was written (`base`). It is refused, and the other
version named, when that content has changed since or when another proposal changes the same item from the
same instant on. Approval writes the new versions; they take effect at their instant without a job. Outages
need no approval.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from madoguchi.audit.actor import Actor
from madoguchi.common import clock, era
from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.contract import proposals as ledger
from madoguchi.contract.kinds import ProposalKind, ProposalState
from madoguchi.contract.rows import ProposalRow
from madoguchi.contract.rules import (
    RULES,
    format_rule,
    read_rule_value,
    shapes_seats,
    written_rule_value,
)
from madoguchi.contract.selectors import booking_rules, guidance, rule_history
from madoguchi.contract.services import decide_rule
from madoguchi.notifications.announcements import (
    announcement,
    announcement_of,
    end_announcement,
    put_announcement,
)
from madoguchi.notifications.errors import EndsBeforeItStarts
from madoguchi.notifications.kinds import KIND_NAMES, MailKind
from madoguchi.notifications.rules import check_text, same_subject
from madoguchi.notifications.selectors import kind_with_subject, text_in_force, texts
from madoguchi.notifications.services import put_text
from madoguchi.offices.selectors import office, offices
from madoguchi.sealing.shown import refuse_other
from madoguchi.workflows.approvals.wording import LABELS, changed_item, name_proposal, proposal_title
from madoguchi.workflows.capacity.slots import change_offering

LONGEST_NUMBER: Final = 18
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
    ProposalOverlaps and NotOpen; for wrong content RuleNotValid, TextNotValid, EndsBeforeItStarts,
    ForbiddenValue, NotVisible.
    """
    with transaction.atomic(durable=True):
        ledger.lock_proposals()
        base = current_content(kind=kind, scope=scope, language=language, at=_start(effective_from))
        checked = _checked(kind, scope, content, _start(effective_from), language)
        changed = {name: value for name, value in checked.items() if base.get(name) != value}
        if not changed:
            raise NothingChanges
        kept = changed if kind == ProposalKind.RULES else checked
        items = _items(kind, scope, language, kept)
        facts: dict[str, Any] = {
            "kind": kind,
            "scope": scope,
            "language": language,
            "content": kept,
            "base": {name: base[name] for name in kept} if kind == ProposalKind.RULES else base,
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
        case ProposalKind.ANNOUNCEMENT:
            if row.scope:
                end_announcement(announcement_id=int(row.scope), at=row.effective_from, actor=actor)
            shown = {**_announced(row.content), "shows_from": row.effective_from}
            put_announcement(actor=actor, proposal_id=row.id, **shown)
        # A guidance text needs no more: the approved proposal is the version.


def offices_to_refit(row: ProposalRow) -> tuple[str, ...]:
    """Return the codes of the offices whose seats must be rebuilt when a proposal takes effect."""
    if row.kind != ProposalKind.RULES or not any(shapes_seats(key) for key in row.content):
        return ()
    return (row.scope,) if row.scope else tuple(place.code for place in offices())


def current_content(*, kind: str, scope: str, language: str, at: datetime) -> dict[str, Any]:
    """Return the content in force at an instant, in the form of a proposal's content; {} where there is none.

    Raises NotVisible for an unknown office, text or announcement.
    """
    match ProposalKind(kind):
        case ProposalKind.RULES:
            if scope:
                office(scope)
            rules = asdict(booking_rules(at, scope))
            return {
                key: written_rule_value(rules[key])
                for key, rule in RULES.items()
                if rule.by_office or not scope
            }
        case ProposalKind.MAIL:
            if scope not in {*MailKind}:
                raise NotVisible
            text = _mail_text(MailKind(scope), at, language)
            return {"subject": text.subject, "body": _body(text.body)} if text else {}
        case ProposalKind.TEXT:
            with clock.imagine(at):
                found = next((row for row in guidance(scope, language=language) if row.name == scope), None)
            if found is None:
                raise NotVisible
            if found.language != language:
                return {}
            return {"title": found.title, "body": _body(found.body)}
        case ProposalKind.ANNOUNCEMENT:
            if not scope:
                return {}
            row = announcement(_number(scope))
            times = {"shows_from": _written(row.shows_from), "shows_until": _written(row.shows_until)}
            return {"kind": row.kind, "title": row.title, "body": row.body, **times}


def _number(scope: str) -> int:
    if scope.isascii() and scope.isdigit() and len(scope) <= LONGEST_NUMBER:
        return int(scope)
    raise NotVisible


def _body(text: str) -> str:
    return text.replace("\r\n", "\n").strip("\n") + "\n"


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


def _mail_text(kind: MailKind, at: datetime, language: str) -> Any:
    try:
        found = text_in_force(kind=kind, at=at, language=language)
    except NotVisible:
        return None
    return found if found.language == language else None


def _start(effective_from: datetime) -> datetime:
    return max(effective_from, clock.now())


def _checked(
    kind: ProposalKind, scope: str, content: Mapping[str, Any], start: datetime, language: str
) -> dict[str, Any]:
    """Return the content in its stored form. Raises if it could not take effect."""
    for name in {"subject", "title", "body"} & content.keys():
        refuse_forbidden(content[name])
    match kind:
        case ProposalKind.RULES:
            return {
                key: written_rule_value(read_rule_value(key, value, scope=scope))
                for key, value in content.items()
            }
        case ProposalKind.MAIL:
            mail, subject = MailKind(scope), content["subject"]
            check_text(kind=mail, subject=subject, body=content["body"])
            if other := kind_with_subject(subject=subject, language=language, at=start, besides=mail):
                raise same_subject(other)
        case ProposalKind.ANNOUNCEMENT:
            until = datetime.fromisoformat(content["shows_until"])
            if until <= start:
                raise EndsBeforeItStarts
            return {**content, "shows_from": _written(start), "shows_until": _written(until)}
    return {**content, "body": _body(content["body"])}


def _announced(content: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(content[name]) for name in ("shows_from", "shows_until")}
    return {**content, **times}


def _items(kind: ProposalKind, scope: str, language: str, content: Mapping[str, Any]) -> list[str]:
    """Return the name of each item that a proposal changes; none for a new announcement."""
    match kind:
        case ProposalKind.RULES:
            return [f"rule:{key}:{scope}" for key in content]
        case ProposalKind.ANNOUNCEMENT:
            return [f"announcement:{scope}"] if scope else []
        case _:
            return [f"{kind}:{scope}:{language}"]


def _refuse_unfit(row: ProposalRow) -> None:
    _refuse_overlap(row.items, row.scope, row.effective_from, row.id)
    start = _start(row.effective_from)
    in_force = current_content(kind=row.kind, scope=row.scope, language=row.language, at=start)
    changed = [name for name, value in row.base.items() if in_force.get(name) != value]
    # A text that did not exist when the proposal was written.
    changed += [name for name in row.content if name in in_force and name not in row.base]
    if changed:
        name = changed[0]
        what = RULES[name].label if name in RULES else LABELS.get(name, "内容")
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
