"""Rules, texts, announcements as drafts: written, approved by the city, in force by themselves (R160, R204).

One way for all of them. A draft keeps what stood when it was written; if that changes meanwhile, or another
draft changes the same thing from the same instant on, it is refused and the other one is named. Approved, its
versions wait for their instant. Outages do not come this way: they cannot wait (仕様書 4(3)ア, 9(5)).
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction

from madoguchi.accounts.selectors import names_of
from madoguchi.audit.actor import Actor
from madoguchi.common import clock, era
from madoguchi.common.differences import Piece, word_difference
from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.contract import drafts as ledger
from madoguchi.contract.kinds import DraftKind, DraftState
from madoguchi.contract.rows import DraftRow
from madoguchi.contract.rules import (
    RULES,
    read_rule_value,
    rule_in_words,
    shapes_seats,
    written_rule_value,
)
from madoguchi.contract.selectors import booking_rules, guidance, rule_history
from madoguchi.contract.services import decide_rule
from madoguchi.notifications.announcements import (
    KINDS,
    EndsBeforeItStarts,
    announcement,
    announcement_of,
    end_announcement,
    put_announcement,
)
from madoguchi.notifications.kinds import KIND_NAMES, MailKind
from madoguchi.notifications.rules import check_text, same_subject
from madoguchi.notifications.selectors import kind_with_subject, text_in_force, texts
from madoguchi.notifications.services import put_text
from madoguchi.offices.selectors import office, offices
from madoguchi.sealing.shown import refuse_other
from madoguchi.workflows.capacity.slots import change_offering

ALL_OFFICES: Final = "すべての郵便局"
LABELS: Final[Mapping[str, str]] = {
    "kind": "種類",
    "shows_from": "表示を始める日時",
    "shows_until": "表示を終える日時",
    "subject": "件名",
    "title": "題",
    "body": "本文",
}
# What is one word or an instant is not compared word by word.
SHORT: Final = frozenset({"kind", "shows_from", "shows_until"})


class NothingChanges(Refusal):
    """The draft says what holds anyway."""

    code = "draft_changes_nothing"
    message = "いまの内容と同じです。変えるところを入力してください。"


class DraftOverlaps(Refusal):
    """Another draft, or a version that is decided, changes the same thing from the same instant on."""

    code = "draft_overlaps"
    message = "ほかの案と重なっています。"


class DraftOutdated(Refusal):
    """What the draft was written against has changed since."""

    code = "draft_outdated"
    message = "この案を書いたあとに、もとの内容が変わりました。"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a draft changes: before, after, and both in one where it is a text."""

    label: str
    before: str
    after: str
    pieces: tuple[Piece, ...] = ()


def save_draft(
    *,
    kind: DraftKind,
    scope: str = "",
    language: str = "ja",
    content: Mapping[str, Any],
    effective_from: datetime,
    reason: str,
    actor: Actor,
    draft_id: int | None = None,
    seen: str | None = None,
) -> int:
    """Write a draft, or write on one that is open, and return its id; the same words twice are written once.

    Raises ContentChanged unless `seen` is None or what `shown_draft` returns, NothingChanges, DraftOverlaps,
    NotOpen, and whatever is wrong with the content: RuleNotValid, TextNotValid, EndsBeforeItStarts,
    ForbiddenValue, NotVisible.
    """
    with transaction.atomic(durable=True):
        ledger.lock_proposals()
        base = current_content(kind=kind, scope=scope, language=language, at=_start(effective_from))
        checked = _checked(kind, scope, content, _start(effective_from), language)
        changed = {name: value for name, value in checked.items() if base.get(name) != value}
        if not changed:
            raise NothingChanges
        kept = changed if kind == DraftKind.RULES else checked
        items = _items(kind, scope, language, kept)
        _refuse_overlap(items, scope, effective_from, draft_id)
        facts: dict[str, Any] = {
            "kind": kind,
            "scope": scope,
            "language": language,
            "content": kept,
            "base": {name: base[name] for name in kept} if kind == DraftKind.RULES else base,
            "effective_from": effective_from,
            "reason": reason,
        }
        if draft_id is not None:
            row = ledger.draft(draft_id)
            is_same = all(getattr(row, name) == value for name, value in facts.items())
            if is_same and (row.state, row.written_by) == (DraftState.WRITTEN, str(actor)):
                return draft_id
            refuse_other(seen, ledger.shown_draft(row))
        return ledger.put_draft(draft_id=draft_id, actor=actor, items=items, **facts)


def send_draft(*, draft_id: int, actor: Actor, seen: str | None = None) -> None:
    """Send a draft to the city for approval. Raises ContentChanged, NotOpen, DraftOverlaps, DraftOutdated."""
    with transaction.atomic(durable=True):
        ledger.lock_proposals()
        refuse_other(seen, ledger.shown_draft(ledger.draft(draft_id)))
        _refuse_unfit(ledger.draft(draft_id))
        ledger.send_draft(draft_id=draft_id, actor=actor)


def approve_draft(*, draft_id: int, actor: Actor, seen: str | None = None) -> None:
    """Approve a draft for the city: from its instant on it holds, from now if that has passed.

    `seen` is what the page showed (`shown_draft`). Raises ContentChanged, NotOpen, SameHand,
    DraftOverlaps, DraftOutdated; then nothing has changed.
    """
    row = ledger.draft(draft_id)
    if ledger.is_same_decision(row, DraftState.APPROVED, actor=actor, seen=seen):
        return
    start = _start(row.effective_from)

    def change() -> None:
        ledger.lock_proposals()
        # Written on since it was read above, or since the city read it.
        refuse_other(
            ledger.shown_draft(row) if seen is None else seen, ledger.shown_draft(ledger.draft(draft_id))
        )
        _refuse_unfit(row)
        ledger.approve_draft(draft_id=draft_id, actor=actor, effective_from=start)
        apply(replace(row, effective_from=start), actor=actor)

    change_offering(
        change=change,
        places=offices_to_refit(row) if start <= clock.now() else (),
        title=draft_title(row),
        actor=actor,
    )


def return_draft(*, draft_id: int, answer: str, actor: Actor, seen: str | None = None) -> None:
    """Give a draft back, and say why. Raises ContentChanged, NotOpen, SameHand, ForbiddenValue."""
    with transaction.atomic(durable=True):
        ledger.lock_proposals()
        row = ledger.draft(draft_id)
        if ledger.is_same_decision(row, DraftState.RETURNED, actor=actor, seen=seen) and row.answer == answer:
            return
        refuse_other(seen, ledger.shown_draft(row))
        ledger.return_draft(draft_id=draft_id, answer=answer, actor=actor)


def withdraw_draft(*, draft_id: int, actor: Actor, seen: str | None = None) -> None:
    """Withdraw a draft, an approved one only before its instant: then all stays as it was.

    `seen` is what the page showed (`shown_draft`). Raises ContentChanged, NotOpen, InForce.
    """
    with transaction.atomic(durable=True):
        ledger.lock_proposals()
        row = ledger.draft(draft_id)
        refuse_other(seen, ledger.shown_draft(row))
        ledger.withdraw_draft(draft_id=draft_id, actor=actor)
        if made := announcement_of(draft_id):
            end_announcement(announcement_id=made, actor=actor)
        # What was to give way to it is shown as long as before, unless somebody ended it since.
        if made and row.scope and announcement(int(row.scope)).shows_until == row.effective_from:
            put_announcement(announcement_id=int(row.scope), actor=actor, **_announced(row.base))


def apply(row: DraftRow, *, actor: Actor) -> None:
    """Put what an approved draft says where citizens' pages read it, from its instant on."""
    match row.kind:
        case DraftKind.RULES:
            for key, value in row.content.items():
                decide_rule(
                    key=key,
                    scope=row.scope,
                    value=value,
                    effective_from=row.effective_from,
                    note=row.reason,
                    actor=actor,
                    draft_id=row.id,
                )
        case DraftKind.MAIL:
            put_text(
                kind=MailKind(row.scope),
                language=row.language,
                effective_from=row.effective_from,
                actor=actor,
                draft_id=row.id,
                **row.content,
            )
        case DraftKind.ANNOUNCEMENT:
            if row.scope:
                end_announcement(announcement_id=int(row.scope), at=row.effective_from, actor=actor)
            shown = {**_announced(row.content), "shows_from": row.effective_from}
            put_announcement(actor=actor, draft_id=row.id, **shown)
        # A guidance text needs no more: the approved draft is the version.


def offices_to_refit(row: DraftRow) -> tuple[str, ...]:
    """Return the offices whose seats have to be laid out anew when a draft comes into force."""
    if row.kind != DraftKind.RULES or not any(shapes_seats(key) for key in row.content):
        return ()
    return (row.scope,) if row.scope else tuple(place.code for place in offices())


def current_content(*, kind: str, scope: str, language: str, at: datetime) -> dict[str, Any]:
    """Return what holds at an instant, in the form of a draft's content; {} where nothing does.

    Raises NotVisible for an office, a text or an announcement that there is not.
    """
    match DraftKind(kind):
        case DraftKind.RULES:
            if scope:
                office(scope)
            rules = asdict(booking_rules(at, scope))
            return {
                key: written_rule_value(rules[key])
                for key, rule in RULES.items()
                if rule.by_office or not scope
            }
        case DraftKind.MAIL:
            if scope not in {*MailKind}:
                raise NotVisible
            text = _mail_text(MailKind(scope), at, language)
            return {"subject": text.subject, "body": _body(text.body)} if text else {}
        case DraftKind.TEXT:
            with clock.imagine(at):
                found = next((row for row in guidance(scope, language=language) if row.name == scope), None)
            if found is None:
                raise NotVisible
            if found.language != language:
                return {}
            return {"title": found.title, "body": _body(found.body)}
        case DraftKind.ANNOUNCEMENT:
            if not scope:
                return {}
            row = announcement(int(scope))
            times = {"shows_from": _written(row.shows_from), "shows_until": _written(row.shows_until)}
            return {"kind": row.kind, "title": row.title, "body": row.body, **times}


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


def differences(row: DraftRow) -> list[Difference]:
    """Return what a draft changes, against what stood when it was written."""
    if row.kind == DraftKind.RULES:
        return [
            Difference(
                RULES[key].label, rule_in_words(key, row.base[key]), rule_in_words(key, row.content[key])
            )
            for key in _keys(row)
        ]
    return [
        Difference(label, before, after, () if name in SHORT else word_difference(before, after))
        for name, label in LABELS.items()
        if name in row.content
        for before, after in [(_shown(name, row.base.get(name)), _shown(name, row.content[name]))]
        if before != after
    ]


def _keys(row: DraftRow) -> list[str]:
    """Return the rules that a draft changes, as pages list them; the database keeps no order."""
    return [key for key in RULES if key in row.content]


def draft_title(row: DraftRow) -> str:
    """Return what a draft is about, in one line."""
    match DraftKind(row.kind):
        case DraftKind.RULES:
            place = office(row.scope).name if row.scope else ALL_OFFICES
            first, *others = [RULES[key].label for key in _keys(row)] or ["きまり"]
            return f"{first}{f' ほか{len(others)}件' if others else ''}（{place}）"
        case DraftKind.MAIL:
            return f"メールの文面「{KIND_NAMES[row.scope]}」"
        case DraftKind.TEXT:
            return f"案内文「{row.content['title']}」"
        case DraftKind.ANNOUNCEMENT:
            return f"お知らせ「{row.content['title']}」"


def _shown(name: str, value: object) -> str:
    if value in (None, ""):
        return ""
    if name in {"shows_from", "shows_until"}:
        return era.staff_datetime(datetime.fromisoformat(str(value)))
    return dict(KINDS).get(str(value), str(value)) if name == "kind" else str(value)


def _start(effective_from: datetime) -> datetime:
    return max(effective_from, clock.now())


def _checked(
    kind: DraftKind, scope: str, content: Mapping[str, Any], start: datetime, language: str
) -> dict[str, Any]:
    """Return the content as it is kept, if it can come into force at all."""
    for name in {"subject", "title", "body"} & content.keys():
        refuse_forbidden(content[name])
    match kind:
        case DraftKind.RULES:
            return {
                key: written_rule_value(read_rule_value(key, value, scope=scope))
                for key, value in content.items()
            }
        case DraftKind.MAIL:
            mail, subject = MailKind(scope), content["subject"]
            check_text(kind=mail, subject=subject, body=content["body"])
            if other := kind_with_subject(subject=subject, language=language, at=start, besides=mail):
                raise same_subject(other)
        case DraftKind.ANNOUNCEMENT:
            until = datetime.fromisoformat(content["shows_until"])
            if until <= start:
                raise EndsBeforeItStarts
            return {**content, "shows_from": _written(start), "shows_until": _written(until)}
    return {**content, "body": _body(content["body"])}


def _announced(content: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(content[name]) for name in ("shows_from", "shows_until")}
    return {**content, **times}


def _items(kind: DraftKind, scope: str, language: str, content: Mapping[str, Any]) -> list[str]:
    """Name each thing that a draft changes; a new announcement stands in nobody's way."""
    match kind:
        case DraftKind.RULES:
            return [f"rule:{key}:{scope}" for key in content]
        case DraftKind.ANNOUNCEMENT:
            return [f"announcement:{scope}"] if scope else []
        case _:
            return [f"{kind}:{scope}:{language}"]


def _refuse_unfit(row: DraftRow) -> None:
    _refuse_overlap(row.items, row.scope, row.effective_from, row.id)
    start = _start(row.effective_from)
    now_standing = current_content(kind=row.kind, scope=row.scope, language=row.language, at=start)
    changed = [name for name, value in row.base.items() if now_standing.get(name) != value]
    # A text that there was not when the draft was written.
    changed += [name for name in row.content if name in now_standing and name not in row.base]
    if changed:
        name = changed[0]
        what = RULES[name].label if name in RULES else LABELS.get(name, "内容")
        raise DraftOutdated(
            f"「{what}」は、この案を書いたあとに変わりました{_changed_by(row)}。"
            "案を開いて保存し直すと、いまの内容との違いを確かめられます。"
        )


def _changed_by(row: DraftRow) -> str:
    """Name the draft that came in between, if it was one."""
    others = [
        other
        for other in ledger.drafts_of(row.items)
        if other.id != row.id
        and other.state == DraftState.APPROVED
        and (other.decided_at or row.written_at) >= row.written_at
    ]
    return f"（{_named(max(others, key=lambda other: other.id))}）" if others else ""


def _refuse_overlap(items: Any, scope: str, effective_from: datetime, draft_id: int | None) -> None:
    """Raise DraftOverlaps when the same thing is to change from the same instant on; naming the other."""
    start = _start(effective_from)
    for other in ledger.drafts_of(items):
        if other.id != draft_id and _start(other.effective_from) == start and not _is_over(other):
            raise DraftOverlaps(
                f"{_item_in_words(other, items)}は、{_named(other)}でも同じ日時から変えることになっています。"
                "そちらを直すか取り下げるか、別の適用日にしてください。"
            )
    for version in rule_history(scope):
        if f"rule:{version.key}:{version.scope}" in items and version.effective_from == start:
            becomes = rule_in_words(version.key, version.value)
            raise DraftOverlaps(
                f"「{RULES[version.key].label}」は、{era.staff_datetime(start)}から{becomes}に"
                "変わることが決まっています。別の適用日にしてください。"
            )
    for text in texts() if any(item.startswith("mail:") for item in items) else ():
        if f"mail:{text.kind}:{text.language}" in items and text.effective_from == start:
            raise DraftOverlaps(
                f"「{KIND_NAMES[text.kind]}」の文面は、{era.staff_datetime(start)}からの"
                f"第{text.version}版が決まっています。別の適用日にしてください。"
            )


def _item_in_words(row: DraftRow, items: Any) -> str:
    """Return which of these things a draft changes too, in words."""
    kind, name, *_ = next(item for item in row.items if item in items).split(":")
    return f"「{RULES[name].label}」" if kind == "rule" and name in RULES else "この文"


def _is_over(row: DraftRow) -> bool:
    """Tell whether a draft has come into force: it stands in nobody's way any more."""
    return row.state == DraftState.APPROVED and row.effective_from <= clock.now()


def _named(row: DraftRow) -> str:
    name = next(iter(_writers([row])), "")
    return f"案{row.id}「{draft_title(row)}」（{name}、{era.staff_datetime(row.effective_from)}から）"


def _writers(rows: list[DraftRow]) -> Iterator[str]:
    people = names_of([int(key) for row in rows if (key := row.written_by.partition(":")[2]).isdecimal()])
    return (people.get(int(row.written_by.partition(":")[2] or 0), "事務局") for row in rows)
