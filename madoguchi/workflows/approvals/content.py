"""What a proposal may say, and what stands in its place at an instant (仕様書 9(5), 4(3)ア)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from madoguchi.common import clock
from madoguchi.common.errors import NotVisible, StaffRefusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.common.languages import MAIN
from madoguchi.contract import proposals as ledger
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.rules import RULES, read_rule_value, written_rule_value
from madoguchi.contract.selectors import booking_rules, guidance, own_rules, removed_guidance
from madoguchi.notifications.announcements import announcement
from madoguchi.notifications.errors import EndsBeforeItStarts
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.rules import check_text, same_subject
from madoguchi.notifications.selectors import kind_with_subject, text_in_force
from madoguchi.offices.selectors import office
from madoguchi.workflows.approvals.master import MASTERS, checked_master, master_content
from madoguchi.workflows.pack.checks import EXPECTED_TEXTS

# Pages, scripts and banners show these by name.
NEEDED_TEXTS: Final = frozenset({*EXPECTED_TEXTS, "pause.OTHER"})
LONGEST_NUMBER: Final = 18


class TextNeeded(StaffRefusal):
    """A page or a script always shows this text, so that it cannot be removed."""

    code = "text_needed"
    message = "この案内文は、画面か電話の台本が必ず使うため、取り除けません。"


def current_content(*, kind: str, scope: str, language: str, at: datetime) -> dict[str, Any]:
    """Return the content in force at an instant, in the form of a proposal's content; {} where there is none.

    Raises NotVisible for an unknown office, text or announcement.
    """
    if kind in MASTERS:
        return _master_content(ProposalKind(kind), scope, at)
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
            return _guidance_content(scope, language, at)
        case _:  # an announcement
            if not scope:
                return {}
            row = announcement(_number(scope))
            times = {"shows_from": _written(row.shows_from), "shows_until": _written(row.shows_until)}
            return {"kind": row.kind, "title": row.title, "body": row.body, **times}


def _master_content(kind: ProposalKind, scope: str, at: datetime) -> dict[str, Any]:
    """Return what stands, with what approved proposals change until an instant."""
    content = master_content(kind, scope)
    for row in ledger.due_proposals(kinds=[kind], at=at):
        if row.scope == scope:
            content |= row.content
    return content


def _guidance_content(name: str, language: str, at: datetime) -> dict[str, Any]:
    with clock.imagine(at):
        stands = [row for row in guidance(name, language=language) if row.name == name]
        removed = [row for row in removed_guidance(name, language=language) if row.name == name]
    if not (stands or removed):
        raise NotVisible
    [found] = stands or removed
    if found.language != language:
        return {}
    content: dict[str, Any] = {"title": found.title, "body": _body(found.body)}
    return content | ({"is_removed": True} if removed else {})


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


def checked_content(
    kind: ProposalKind, scope: str, content: Mapping[str, Any], start: datetime, language: str
) -> dict[str, Any]:
    """Return the content of a proposal in its stored form.

    Raises RuleNotValid, TextNotValid, TextNeeded, MasterNotValid, EndsBeforeItStarts, ForbiddenValue and
    NotVisible for what could not take effect.
    """
    for name in {"subject", "title", "body"} & content.keys():
        refuse_forbidden(content[name])
    match kind:
        case ProposalKind.RULES:
            own = own_rules(start, scope) if scope else frozenset()
            return {
                key: None if value is None else written_rule_value(read_rule_value(key, value, scope=scope))
                for key, value in content.items()
                # Only what an office has can it give back.
                if value is not None or key in own
            }
        case master if master in MASTERS:
            return checked_master(master, scope, content)
        case ProposalKind.TEXT if content.get("is_removed"):
            if scope in NEEDED_TEXTS and language == MAIN:
                raise TextNeeded(field="is_removed")
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
    kept = {name: value for name, value in content.items() if name != "is_removed" or value}
    return {**kept, "body": _body(content["body"])}
