"""How a proposal reads in words: its title, what it changes, how a refusal names it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from madoguchi.accounts.selectors import names_of
from madoguchi.common import era
from madoguchi.common.differences import Piece, word_difference
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.rows import ProposalRow
from madoguchi.contract.rules import RULES, format_rule
from madoguchi.notifications.announcements import KINDS
from madoguchi.notifications.kinds import KIND_NAMES
from madoguchi.offices.selectors import office
from madoguchi.workflows.approvals.master import MASTERS, format_master, master_name

ALL_OFFICES: Final = "すべての郵便局"
LABELS: Final[Mapping[str, str]] = {
    "kind": "種類",
    "shows_from": "表示を始める日時",
    "shows_until": "表示を終える日時",
    "subject": "件名",
    "title": "題",
    "body": "本文",
    "is_removed": "表示",
}
# A code or an instant is not compared word by word.
SHORT: Final = frozenset({"kind", "shows_from", "shows_until", "is_removed"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that a proposal changes: before, after, and for a text the pieces in which they differ."""

    label: str
    before: str
    after: str
    pieces: tuple[Piece, ...] = ()


def differences(row: ProposalRow) -> list[Difference]:
    """Return what a proposal changes, compared with the content in force when it was written."""
    if row.kind == ProposalKind.RULES:
        return [
            Difference(RULES[key].label, format_rule(key, row.base[key]), format_rule(key, row.content[key]))
            for key in _keys(row)
        ]
    if row.kind in MASTERS:
        return [
            _master_difference(row, name)
            for name in MASTERS[ProposalKind(row.kind)].fields
            if name in row.content
        ]
    return [
        Difference(label, before, after, () if name in SHORT else word_difference(before, after))
        for name, label in LABELS.items()
        if name in row.content or name in row.base
        for before, after in [(_shown(name, row.base.get(name)), _shown(name, row.content.get(name)))]
        if before != after
    ]


def _master_difference(row: ProposalRow, name: str) -> Difference:
    before, after = format_master(name, row.base[name]), format_master(name, row.content[name])
    return Difference(MASTERS[ProposalKind(row.kind)].fields[name], before, after)


def label_of(kind: str, name: str) -> str:
    """Return the label of an item or a field of a kind of proposal."""
    if kind in MASTERS:
        return MASTERS[ProposalKind(kind)].fields.get(name, "内容")
    return RULES[name].label if name in RULES else LABELS.get(name, "内容")


def _keys(row: ProposalRow) -> list[str]:
    """Return the rules that a proposal changes, as pages list them; the database keeps no order."""
    return [key for key in RULES if key in row.content]


def proposal_title(row: ProposalRow) -> str:
    """Return what a proposal is about, in one line."""
    match ProposalKind(row.kind):
        case ProposalKind.RULES:
            place = office(row.scope).name if row.scope else ALL_OFFICES
            first, *others = [RULES[key].label for key in _keys(row)] or ["きまり"]
            return f"{first}{f' ほか{len(others)}件' if others else ''}（{place}）"
        case ProposalKind.MAIL:
            return f"メールの文面「{KIND_NAMES[row.scope]}」"
        case ProposalKind.TEXT:
            return f"案内文「{row.content['title']}」"
        case ProposalKind.ANNOUNCEMENT:
            return f"お知らせ「{row.content['title']}」"
        case master:
            labels = "・".join(label for name, label in MASTERS[master].fields.items() if name in row.content)
            return f"{master_name(master, row.scope)}の{labels}"


def _shown(name: str, value: object) -> str:
    if name == "is_removed":
        return "取り除く（申請者の画面・台本に出さない）" if value else "出す"
    if value in (None, ""):
        return ""
    if name in {"shows_from", "shows_until"}:
        return era.staff_datetime(datetime.fromisoformat(str(value)))
    return dict(KINDS).get(str(value), str(value)) if name == "kind" else str(value)


def changed_item(row: ProposalRow, items: Collection[str]) -> str:
    """Return the label of the item that a proposal shares with these items."""
    kind, name, *_ = next(item for item in row.items if item in items).split(":")
    return f"「{label_of(kind, name)}」" if kind in {"rule", *MASTERS} else "この文"


def name_proposal(row: ProposalRow) -> str:
    """Return how a sentence names a proposal: its number, its title, who wrote it, from when it holds."""
    name = next(iter(_writers([row])), "")
    return f"案{row.id}「{proposal_title(row)}」（{name}、{era.staff_datetime(row.effective_from)}から）"


def _writers(rows: list[ProposalRow]) -> Iterator[str]:
    people = names_of([int(key) for row in rows if (key := row.written_by.partition(":")[2]).isdecimal()])
    return (people.get(int(row.written_by.partition(":")[2] or 0), "事務局") for row in rows)
