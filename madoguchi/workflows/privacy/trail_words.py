"""The audit trail in words: every act, target and detail has its Japanese (仕様書 4(5)イ, 6)."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from madoguchi.accounts.actions import ACTION_LABELS as ACCOUNT_ACTIONS
from madoguchi.accounts.roles import ROLE_NAMES, Zone
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.accounts.selectors import names_of
from madoguchi.audit.actions import ACTION_LABELS as AUDIT_ACTIONS
from madoguchi.audit.selectors import AuditRow
from madoguchi.backups.actions import ACTION_LABELS as BACKUP_ACTIONS
from madoguchi.common import era
from madoguchi.common.references import show_reference
from madoguchi.contract.actions import ACTION_LABELS as CONTRACT_ACTIONS
from madoguchi.contract.selectors import procedures
from madoguchi.notifications.actions import ACTION_LABELS as NOTIFICATION_ACTIONS
from madoguchi.notifications.kinds import KIND_NAMES
from madoguchi.offices.actions import ACTION_LABELS as OFFICE_ACTIONS
from madoguchi.offices.selectors import closure_reasons, day_kinds, offices
from madoguchi.reservations.kinds import channels, reasons
from madoguchi.reservations.selectors import references_of
from madoguchi.retention.kinds import ErasureReason
from madoguchi.retention.labels import ACTION_LABELS as PEOPLE_ACTIONS
from madoguchi.workflows.privacy.access import ACCESS_REASONS, EXPORT_REASONS
from madoguchi.workflows.privacy.disclosure import REASON as DISCLOSURE

ACTION_LABELS: Final[Mapping[str, str]] = {
    **PEOPLE_ACTIONS,
    **OFFICE_ACTIONS,
    **CONTRACT_ACTIONS,
    **NOTIFICATION_ACTIONS,
    **ACCOUNT_ACTIONS,
    **AUDIT_ACTIONS,
    **BACKUP_ACTIONS,
}
TARGETS: Final[Mapping[str, str]] = {
    "reservation": "予約",
    "wait": "空き待ち",
    "office": "郵便局",
    "closure": "休業",
    "pause": "停止",
    "draft": "案",
    "rule": "締切日時など",
    "wave": "開設時期",
    "belonging": "持参物",
    "procedure": "手続き",
    "pack": "設定ファイル",
    "mail": "メール",
    "mail_text": "メールの文面",
    "announcement": "お知らせ",
    "user": "アカウント",
    "device": "共用タブレット",
    "partner_token": "連携先",
    "disruption": "影響を受けた方の一覧",
    "disrupted_visit": "影響を受けた予約",
    "export": "書き出したファイル",
    "erasure": "消去の指示",
    "backup": "バックアップ",
    "audit": "操作記録",
}
# The names under which entries keep what can be said in a few words.
DETAIL_LABELS: Final[Mapping[str, str]] = {
    "reason": "理由",
    "what": "項目",
    "file": "形式",
    "people": "人数",
    "request": "請求の番号",
    "columns": "項目",
    "office": "郵便局",
    "offices": "郵便局",
    "starts_at": "日時",
    "from": "開始",
    "until": "終了",
    "day": "日",
    "note": "メモ",
    "day_kind": "日の種類",
    "keep_one_in": "残す枠（何枠に1枠）",
    "cause": "原因",
    "procedure": "手続き",
    "procedures": "手続き",
    "channel": "経路",
    "repeats": "同じ方の予約",
    "reached": "つながった",
    "tries": "不在の回数",
    "name": "氏名の一致",
    "birth_date": "生年月日の一致",
    "contact": "連絡先の一致",
    "called_back": "折返し",
    "erasure": "消去の指示",
    "document": "指示の文書番号",
    "meant": "対象",
    "number": "証明書の番号",
    "value": "値",
    "effective_from": "適用",
    "answer": "理由",
    "kind": "種類",
    "title": "題",
    "roles": "役割",
    "roles_before": "変更前の役割",
    "leaves_on": "最終日",
    "method": "方法",
    "change": "変更",
    "device": "端末",
    "zone": "管理する側",
    "actors": "職員",
    "acts": "操作",
    "records": "対象の予約など",
    "found": "件数",
    "digest": "照合値",
}
# What is too long for a line, or means nothing to a reader, and stands in full in the evidence files.
LEFT_OUT: Final = frozenset({"content", "spans", "slots", "body", "counts", "party", "keys"})
FIELDS: Final[Mapping[str, str]] = {
    "person": "全項目",
    "name": "氏名",
    "name_kana": "フリガナ",
    "birth_date": "生年月日",
    "postal_code": "郵便番号",
    "address": "住所",
    "phone": "電話番号",
    "email": "メールアドレス",
    "contact_by": "連絡方法",
    "language": "お知らせの言葉",
    "ward_code": "区",
    "details": "手続きの詳細",
    "needs": "窓口での配慮",
}
FILES: Final[Mapping[str, str]] = {
    "xlsx": "Excel",
    "csv": "CSV",
    "data": "CSV（プログラム用）",
    "pdf": "PDF",
    "json": "JSON",
    "slip": "予約の控え",
    "letter": "予約のお知らせ（手紙）",
    "call_list": "電話連絡リスト",
    "evidence": "検査用の証跡",
}
ZONES: Final[Mapping[str, str]] = {Zone.CITY: "本市", Zone.CONTRACTOR: "受託事業者"}


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One entry in words; `actor` is still the code of who acted."""

    at: datetime
    actor: str
    act: str
    target: str
    detail: str
    action: str


def in_words(rows: Collection[AuditRow]) -> list[TrailLine]:
    """Return entries with their acts, targets and details in Japanese; two queries however many there are."""
    named = _targets(rows)
    codes = _codes()
    return [
        TrailLine(
            at=row.at,
            actor=row.actor,
            act=ACTION_LABELS.get(row.action, row.action),
            target=named(row.target),
            detail="　".join(_details(row.detail, codes)),
            action=row.action,
        )
        for row in rows
    ]


def _targets(rows: Collection[AuditRow]) -> Callable[[str], str]:
    """Return a function from a target to words: a reservation by its reference, an account by its name."""
    keys: dict[str, set[str]] = {}
    for row in rows:
        kind, _, key = row.target.partition(":")
        keys.setdefault(kind, set()).add(key)
    booked = references_of([UUID(key) for key in keys.get("reservation", ())], scope=EVERYWHERE)
    people = names_of([int(key) for key in keys.get("user", ()) if key.isdecimal()])
    places = {row.code: row.name for row in offices()} | {"all": "すべての郵便局"}

    def name(target: str) -> str:
        kind, _, key = target.partition(":")
        label = TARGETS.get(kind, kind)
        match kind:
            case "reservation":
                return f"{label} {show_reference(booked[UUID(key)])}" if UUID(key) in booked else label
            case "user":
                return f"{label} {people.get(int(key), key) if key.isdecimal() else key}"
            case "office":
                return f"{label} {places.get(key, key)}"
            case "draft" | "announcement" | "closure" | "pause" | "disruption" | "device" | "partner_token":
                return f"{label} {key}"
            case "mail_text":
                return f"{label}「{KIND_NAMES.get(key.partition(':')[0], key)}」"
        return label

    return name


def _codes() -> dict[str, Mapping[str, str]]:
    """Return the word of each code that an entry may hold, by the name of the detail."""
    places = {row.code: row.short_name for row in offices()}
    kinds = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    roles = {str(role): name for role, name in ROLE_NAMES.items()}
    why = (*reasons(), *closure_reasons(), *ErasureReason.choices, (DISCLOSURE, "開示請求"))
    causes = {str(code): str(word) for code, word in why}
    return {
        "reason": causes,
        "reason of what": {str(code): word for code, word in ACCESS_REASONS.items()},
        "reason of file": causes | {str(code): word for code, word in EXPORT_REASONS.items()},
        "cause": causes,
        "what": FIELDS,
        "columns": FIELDS,
        "file": FILES,
        "office": places,
        "offices": places,
        "procedure": kinds,
        "procedures": kinds,
        "roles": roles,
        "roles_before": roles,
        "channel": dict(channels()),
        "day_kind": dict(day_kinds()),
        "zone": ZONES,
    }


def _details(detail: Mapping[str, object], codes: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for name, value in detail.items():
        if name in LEFT_OUT or value in (None, "", []):
            continue
        # One code means one thing for a look, and another for a file.
        of = next((of for of in ("what", "file") if name == "reason" and of in detail), "")
        words = codes.get(f"{name} of {of}" if of else name, {})
        values = value if isinstance(value, list) else [value]
        shown = "・".join(words.get(str(each)) or _plain(each) for each in values)
        yield f"{DETAIL_LABELS.get(name, name)}：{shown}"


def _plain(value: object) -> str:
    """Return a value as staff read it: an instant, a day, yes or no, a figure, a text."""
    match value:
        case bool():
            return "はい" if value else "いいえ"
        case int():
            return f"{value:,}"
    text = str(value)
    try:
        if "T" in text:
            return era.staff_datetime(datetime.fromisoformat(text))
        return era.staff_day(date.fromisoformat(text)) if "-" in text else text
    except ValueError:
        return text
