"""検査用の証跡: what an inspection takes along, as one archive whose digest the audit trail keeps (仕様書 7).

Files of a period, a list of their SHA-256, and the root of the trail. Nothing in it names a resident.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction

from madoguchi.accounts.selectors import names_of
from madoguchi.audit.actions import AuditAction
from madoguchi.audit.actor import Actor
from madoguchi.audit.seals import last_seal, seals_between, unsealed
from madoguchi.audit.selectors import AuditRow, EntrySearch, found_entries
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.contract.proposals import proposals
from madoguchi.contract.rules import RULES, format_rule
from madoguchi.contract.selectors import booking_rules, program, rules_in_force
from madoguchi.rendering.csv_file import csv_file
from madoguchi.rendering.tables import Cell, Column, Table
from madoguchi.workflows.approvals.wording import ALL_OFFICES, proposal_title
from madoguchi.workflows.privacy.trail import ACTS
from madoguchi.workflows.privacy.trail_words import in_words

# More is taken on the server (export_audit); a web process holds what it answers with.
MOST_ENTRIES: Final = 100_000
MOST_PROPOSALS: Final = 10_000
ENTRY_COLUMNS: Final = (
    "日時",
    "操作した人",
    "操作",
    "対象",
    "内容",
    "操作の記号",
    "対象の記号",
    "内容の記録",
)
README: Final = """{city}　検査用の証跡
期間　{first} から {last} まで
作成　{now}

audit.csv      操作記録（だれが、いつ、何を見た・書き出した・変えたか）
exports.csv    そのうち、書き出し・印刷・開示の記録
seals.csv      期間中の操作記録の封印（番号と照合値）
rules.csv      期間の終わりに適用されていた締切日時などと、決めた人
proposals.csv  すべての案と、承認・差戻しをした人
SHA256SUMS     各ファイルの SHA-256（確かめ方：sha256sum -c SHA256SUMS）

最後の封印　第{number}号　照合値 {root}
封印を待つ記録　{waiting}件

SHA256SUMS 自体の SHA-256 は、この書き出しの操作記録に残っています（「操作記録の検索」の「照合値」）。
操作記録の全体が封印のときのままかどうかは、サーバーで書き出したファイル（export_audit）を
verify_audit_log.py に、上の番号と照合値とともに渡して確かめます。
"""


class TooMuchEvidence(Refusal):
    """The period holds more entries than one archive."""

    code = "too_much_evidence"
    message = f"この期間の操作記録は{MOST_ENTRIES:,}件を超えます。期間を短くしてください。"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The archive, and the SHA-256 of its list of digests."""

    content: bytes
    digest: str


def collect_evidence(*, first: date, last: date, actor: Actor) -> Evidence:
    """Return the archive of a period, both days included; on record. Raises TooMuchEvidence."""
    since, until = clock.at(first, clock.MIDNIGHT), clock.at(last, clock.MIDNIGHT) + clock.DAY
    with transaction.atomic(durable=True):
        entries = found_entries(EntrySearch(since=since, until=until), limit=MOST_ENTRIES)
        if len(entries) > MOST_ENTRIES:
            raise TooMuchEvidence
        entries.reverse()
        files = {
            "audit.csv": _entries(entries),
            "exports.csv": _entries([row for row in entries if row.action in ACTS["exported"][1]]),
            "seals.csv": _table(
                ("番号", "照合値", "封印した日時", "記録の数"),
                ([row.number, row.root, row.sealed_at, row.entries] for row in seals_between(since, until)),
            ),
            "rules.csv": _rules(min(until, clock.now())),
            "proposals.csv": _proposals(),
            "README.txt": _readme(first, last).encode(),
        }
        sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in files.items()).encode()
        digest = sha256(sums).hexdigest()
        record(
            action=AuditAction.EXPORTED,
            actor=actor,
            target="audit",
            detail={
                "file": "evidence",
                "from": first.isoformat(),
                "until": last.isoformat(),
                "found": len(entries),
                "digest": digest,
            },
        )
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in [*files.items(), ("SHA256SUMS", sums)]:
            archive.writestr(name, content)
    return Evidence(out.getvalue(), digest)


def _table(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    return csv_file(Table("", [Column(name) for name in names], rows))


def _entries(entries: Sequence[AuditRow]) -> bytes:
    who = _names(row.actor for row in entries)
    words = zip(entries, in_words(entries), strict=True)
    return _table(
        ENTRY_COLUMNS,
        (
            [
                row.at.isoformat(),
                who(row.actor),
                line.act,
                line.target,
                line.detail,
                row.action,
                row.target,
                json.dumps(row.detail, ensure_ascii=False, sort_keys=True),
            ]
            for row, line in words
        ),
    )


def _rules(at: datetime) -> bytes:
    versions = {(row.scope, row.key): row for row in rules_in_force(at) if row.key in RULES}
    who = _names(row.decided_by for row in versions.values())
    applied = asdict(booking_rules(at))
    values = {("", key): applied[key] for key in RULES} | {
        place: row.value for place, row in versions.items()
    }

    def line(scope: str, key: str, value: object) -> list[Cell]:
        row = versions.get((scope, key))
        decided: list[Cell] = (
            [row.effective_from, row.note, who(row.decided_by), row.proposal]
            if row
            else [None, "最初の値", "", None]
        )
        return [RULES[key].label, scope or ALL_OFFICES, format_rule(key, value), *decided]

    return _table(
        ("項目", "郵便局", "値", "適用", "理由", "決めた人", "案"),
        (line(scope, key, value) for (scope, key), value in values.items()),
    )


def _names(actors: Iterable[str]) -> Callable[[str], str]:
    """Return a function from an actor to its name and code."""
    keys = {actor: actor.partition(":") for actor in actors}
    people = names_of([int(key) for kind, _, key in keys.values() if kind == "staff" and key.isdecimal()])

    def name(actor: str) -> str:
        kind, _, key = actor.partition(":")
        found = people.get(int(key), "") if kind == "staff" and key.isdecimal() else ""
        return f"{found}（{actor}）" if found else actor

    return name


def _proposals() -> bytes:
    rows = proposals(limit=MOST_PROPOSALS)
    who = _names([each for row in rows for each in (row.written_by, row.sent_by, row.decided_by)])
    return _table(
        (
            "番号",
            "内容",
            "状態",
            "適用",
            "理由",
            "書いた人",
            "書いた日時",
            "決めた人",
            "決めた日時",
            "差戻しの理由",
            "案の値",
        ),
        (
            [
                row.id,
                proposal_title(row),
                row.state,
                row.effective_from,
                row.reason,
                who(row.written_by),
                row.written_at,
                who(row.decided_by),
                row.decided_at,
                row.answer,
                json.dumps(row.content, ensure_ascii=False, sort_keys=True),
            ]
            for row in rows
        ),
    )


def _readme(first: date, last: date) -> str:
    seal = last_seal()
    return README.format(
        city=program().city_name,
        first=first.isoformat(),
        last=last.isoformat(),
        now=clock.to_jst(clock.now()).isoformat(timespec="seconds"),
        number=seal.number if seal else 0,
        root=seal.root if seal else "（まだ封印がありません）",
        waiting=unsealed().count,
    )
