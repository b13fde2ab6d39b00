"""Master data that a proposal changes field by field: waves, offices, belongings, procedures.

仕様書 4(3)ア 予約枠や受付時間を設定及び変更, 9(5).
The row that stands is changed in place at the proposal's instant (`proposals.apply_due`); what stood before,
who decided and when stays in the ledger of proposals.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Final

from madoguchi.audit.actor import Actor
from madoguchi.common import clock, era
from madoguchi.common.errors import NotVisible
from madoguchi.contract.errors import MasterNotValid
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.rows import BelongingRow, ContractRow, ProcedureRow, WaveRow
from madoguchi.contract.selectors import procedures, program, rows_of
from madoguchi.contract.services import change_row
from madoguchi.offices.selectors import office, offices
from madoguchi.offices.services import put_office
from madoguchi.workflows.pack.entries import OfficeEntry
from madoguchi.workflows.pack.reading import refuse_out_of_bounds

# How the values that are no texts or numbers are read from a proposal's content.
READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "opens_on": date.fromisoformat,
    "booking_opens_at": datetime.fromisoformat,
    "procedures": tuple,
}


@dataclass(frozen=True, slots=True)
class Master:
    """One kind of master data: the fields that a proposal may change, and the rows that have them."""

    name: str
    fields: Mapping[str, str]
    # The declaration of the fields' limits, shared with the pack.
    row: type[ContractRow]


MASTERS: Final[Mapping[ProposalKind, Master]] = {
    ProposalKind.WAVE: Master(
        "開設日", {"opens_on": "手続きを始める日", "booking_opens_at": "予約の受付を始める日時"}, WaveRow
    ),
    ProposalKind.OFFICE: Master(
        "郵便局の情報",
        {
            "name": "名前",
            "short_name": "短い名前",
            "kana": "フリガナ",
            "postal_code": "郵便番号",
            "address": "所在地",
            "phone": "電話番号",
            "access": "行き方",
            "facilities": "設備",
            "notes": "備考",
            "latitude": "緯度",
            "longitude": "経度",
        },
        OfficeEntry,
    ),
    ProposalKind.BELONGING: Master(
        "持参物", {"text": "持参物", "hint": "説明", "procedures": "手続き"}, BelongingRow
    ),
    ProposalKind.PROCEDURE: Master(
        "手続きの文", {"name": "名前", "short_name": "短い名前", "explanation": "説明"}, ProcedureRow
    ),
}


def master_content(kind: ProposalKind, scope: str) -> dict[str, Any]:
    """Return the fields of one row as they stand, in the form of a proposal's content. Raises NotVisible."""
    master = MASTERS[kind]
    if kind == ProposalKind.OFFICE:
        found: Mapping[str, Any] = asdict(office(scope))
    else:
        rows = rows_of(master.row, code=scope)
        if not rows:
            raise NotVisible
        found = asdict(rows[0])  # type: ignore[call-overload]  # every row is a dataclass
    return {name: written(found[name]) for name in master.fields}


def written(value: Any) -> Any:
    """Return a value as a proposal's content keeps it."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
    return value


def checked_master(kind: ProposalKind, scope: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content in its stored form.

    Raises MasterNotValid with the `field`, and NotVisible, when the row could not hold it beside what stands.
    """
    master, values = MASTERS[kind], {}
    bounds = {each.name: each.metadata for each in fields(master.row)}  # type: ignore[arg-type]  # dataclasses
    for name, value in {**master_content(kind, scope), **content}.items():
        try:
            values[name] = READERS.get(name, _same)(value)
            if name in content:
                refuse_out_of_bounds(values[name], bounds.get(name, bounds.get("facilities", {})))
        except (ValueError, TypeError) as problem:
            raise MasterNotValid(f"{master.fields[name]}：{problem}", field=name) from None
    if kind == ProposalKind.WAVE:
        _refuse_impossible_wave(values["opens_on"], values["booking_opens_at"])
    if kind == ProposalKind.OFFICE and (values["latitude"] is None) != (values["longitude"] is None):
        raise MasterNotValid("緯度と経度は、両方入力するか、両方空にしてください。", field="latitude")
    if unknown := set(values.get("procedures", ())) - {row.code for row in procedures(enabled_only=False)}:
        raise MasterNotValid(f"「{min(unknown)}」という手続きはありません。", field="procedures")
    return {name: written(values[name]) for name in content}


def _same(value: Any) -> Any:
    return value


def _refuse_impossible_wave(opens_on: date, booking_opens_at: datetime) -> None:
    term = program()
    if not term.term_starts_on <= opens_on <= term.term_ends_on:
        raise MasterNotValid("手続きを始める日は、履行期間の中の日にしてください。", field="opens_on")
    if clock.to_jst(booking_opens_at).date() > opens_on:
        raise MasterNotValid(
            "予約の受付を始める日時は、手続きを始める日より後にはできません。", field="booking_opens_at"
        )


def write_master(kind: ProposalKind, scope: str, content: Mapping[str, Any], *, actor: Actor) -> None:
    """Change the row that stands; its slots are laid out by the caller. Raises as `checked_master` does."""
    content = checked_master(kind, scope, content)
    values = {name: READERS.get(name, _same)(value) for name, value in content.items()}
    if kind == ProposalKind.OFFICE:
        put_office(code=scope, actor=actor, **values)
        return
    row = MASTERS[kind].row
    change_row(kind=row, key=scope, values=values, actor=actor, target=f"{kind}:{scope}")


def places_of(kind: ProposalKind, scope: str) -> tuple[str, ...]:
    """Return the offices whose slots follow from a row: those of a wave."""
    if kind != ProposalKind.WAVE:
        return ()
    return tuple(row.code for row in offices() if row.wave_code == scope)


def format_master(name: str, value: Any) -> str:
    """Return the value of a field in words."""
    match name:
        case "opens_on":
            return era.era_date(date.fromisoformat(value))
        case "booking_opens_at":
            moment = clock.to_jst(datetime.fromisoformat(value))
            return f"{era.era_date(moment.date())} {moment:%H:%M}"
        case "procedures":
            names = {row.code: row.short_name for row in procedures(enabled_only=False)}
            return "・".join(names.get(code, code) for code in value) or "すべての手続き"
    return "" if value is None else str(value)


def master_name(kind: ProposalKind, scope: str) -> str:
    """Return how a row is called now; its code where it is gone."""
    match kind:
        case ProposalKind.OFFICE:
            name = next((row.name for row in offices() if row.code == scope), scope)
        case ProposalKind.WAVE:
            name = next((row.name for row in rows_of(WaveRow, code=scope)), scope)
        case ProposalKind.BELONGING:
            name = next((row.text for row in rows_of(BelongingRow, code=scope)), scope)
        case _:
            name = next((row.name for row in procedures(enabled_only=False) if row.code == scope), scope)
    return name
