"""Load a program pack: read it, show its changes and the affected people, then apply it.

A pack is compared with the one loaded before, row by row, and only what differs is written. So loading a
pack twice changes nothing, and what was decided on screen since then stays, unless the pack changes that
very row.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, time
from difflib import unified_diff
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from madoguchi.audit.actor import Actor
from madoguchi.common.cache import clear_caches
from madoguchi.common.era import staff_datetime
from madoguchi.common.errors import Refusal
from madoguchi.common.languages import MAIN
from madoguchi.contract.proposals import approved_items
from madoguchi.contract.rows import (
    BelongingRow,
    BranchOfficeRow,
    CalendarDayRow,
    CalendarRow,
    ContractRow,
    GuidanceRow,
    PostalAreaRow,
    ProcedureRow,
    ProgramRow,
    WardRow,
    WaveRow,
)
from madoguchi.contract.selectors import TABLES, loaded_pack, rule_history
from madoguchi.contract.services import begin_loading, decide_rule, put_rows, record_loaded_pack, remove_row
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.services import put_text
from madoguchi.offices.rules import Span
from madoguchi.offices.selectors import weekly_hours
from madoguchi.offices.services import put_office, put_preset, set_weekly_hours
from madoguchi.workflows.capacity.slots import Effect, change_offering, preview_offering
from madoguchi.workflows.pack.checks import CHECKS, calendar_days
from madoguchi.workflows.pack.entries import (
    CalendarEntry,
    HoursEntry,
    MailTextEntry,
    OfficeEntry,
    PresetEntry,
    RuleEntry,
)
from madoguchi.workflows.pack.files import PackInvalid
from madoguchi.workflows.pack.reading import Reading

R = TypeVar("R", bound=ContractRow)

LOADER: Final = Actor("system", "load_pack")
# In the order in which they are written: what others refer to comes first.
KINDS: Final[Sequence[type[ContractRow]]] = (
    ProgramRow, WaveRow, WardRow, BranchOfficeRow, PostalAreaRow, CalendarRow, CalendarDayRow, ProcedureRow,
    BelongingRow, GuidanceRow, OfficeEntry, HoursEntry, PresetEntry, RuleEntry, MailTextEntry,
)  # fmt: skip
# What slots follow from.
OFFERING: Final = frozenset(
    {ProgramRow, WaveRow, CalendarRow, CalendarDayRow, OfficeEntry, HoursEntry, PresetEntry, RuleEntry}
)
# How the ledger of proposals names what a row of the pack says as well.
PROPOSED: Final[Mapping[type[ContractRow], str]] = {
    WaveRow: "wave:",
    OfficeEntry: "office:",
    ProcedureRow: "procedure:",
    BelongingRow: "belonging:",
}
# How many changes of a kind are written out one by one.
MAX_SHOWN_CHANGES: Final = 30


class PlanOutdated(Refusal):
    """Somebody loaded another pack after the plan was shown."""

    code = "plan_outdated"
    message = "確認のあとに、別の設定が読み込まれました。もう一度、変更点を確認してください。"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack without mistakes: rows by kind."""

    rows: Mapping[type[ContractRow], Sequence[ContractRow]]

    def of(self, kind: type[R]) -> Sequence[R]:
        """Return the rows of a kind."""
        return self.rows[kind]  # type: ignore[return-value]  # rows are filed under their own kind


@dataclass(frozen=True, slots=True)
class PackChange:
    """A row that comes, goes or differs; `before` is None for a new one, `after` for one that goes."""

    kind: type[ContractRow]
    key: str
    before: Mapping[str, Any] | None
    after: ContractRow | None

    def lines(self) -> Iterator[str]:
        """Yield the change in words, cell by cell."""
        verb = "追加" if self.before is None else "削除" if self.after is None else "変更"
        yield f"  {verb} {self.key}"
        if self.before is None or self.after is None:
            return
        for cell, value in _written(self.after).items():
            if (old := self.before.get(cell)) != value:
                if isinstance(value, str) and "\n" in f"{old}{value}":
                    yield f"    {cell}:"
                    diff = unified_diff(str(old).splitlines(), value.splitlines(), lineterm="", n=0)
                    yield from (f"      {line}" for line in list(diff)[2:] if not line.startswith("@@"))
                else:
                    yield f"    {cell}: {_shown(old)} → {_shown(value)}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What loading a pack would do."""

    changes: tuple[PackChange, ...]
    notes: tuple[str, ...]
    is_first: bool

    @property
    def offices(self) -> bool:
        """Whether slots may have to be laid out anew."""
        return any(change.kind in OFFERING for change in self.changes)

    def lines(self) -> Iterator[str]:
        """Yield the plan in words, kind by kind; a first load is counted, not listed."""
        for kind in KINDS:
            found = [change for change in self.changes if change.kind is kind]
            if found:
                yield f"{kind.LABEL}: {len(found)}件"
            if not self.is_first:
                for change in found[:MAX_SHOWN_CHANGES]:
                    yield from change.lines()
                if len(found) > MAX_SHOWN_CHANGES:
                    yield f"  ほか {len(found) - MAX_SHOWN_CHANGES}件"
        yield from (f"※ {note}" for note in self.notes)
        if not self.changes:
            yield "変更はありません。"


def read_pack(folder: Path) -> Pack:
    """Return what a pack says; raises PackInvalid with every mistake found, by file and line."""
    reading = Reading(folder)
    for check in CHECKS:
        check(reading)
    if reading.problems:
        raise PackInvalid(reading.problems)
    calendars = [
        CalendarRow(code=each.code, name=each.name, closed_weekdays=each.closed_weekdays)
        for each in reading.of(CalendarEntry)
    ]
    laid_out: dict[type[ContractRow], Sequence[ContractRow]] = {
        CalendarRow: calendars,
        CalendarDayRow: calendar_days(reading),
    }
    return Pack({kind: laid_out.get(kind) or reading.of(kind) for kind in KINDS})


def plan_pack(pack: Pack) -> Plan:
    """Return what loading the pack would change, compared with the pack loaded last."""
    loaded = loaded_pack()
    changes = _changes(pack, loaded)
    # One note for several spans of the same hours.
    notes = tuple(dict.fromkeys([*_notes(pack, changes), *_replaced(changes), *untranslated(pack)]))
    return Plan(changes, notes, is_first=not loaded)


def preview_pack(*, pack: Pack, plan: Plan) -> Effect:
    """Return how many slots would change and which reservations would no longer fit; nothing is written."""
    if not plan.offices:
        return Effect(0, [])
    try:
        return preview_offering(change=partial(_apply, pack, plan.changes, LOADER), places=_places(pack))
    finally:
        clear_caches()  # what was read inside the undone change


def apply_pack(*, pack: Pack, plan: Plan, actor: Actor = LOADER) -> Effect:
    """Change what the plan says, all or nothing, lay out slots, and list who no longer fits (仕様書 9(5)).

    Raises PlanOutdated when another pack was loaded since the plan was made, StillInUse for a row that
    goes while something refers to it; then nothing is written. An empty plan writes nothing either.
    """
    if not plan.changes:
        return Effect(0, [])

    def change() -> None:
        if _changes(pack, begin_loading()) != plan.changes:
            raise PlanOutdated
        _apply(pack, plan.changes, actor)
        counts = {kind.LABEL: sum(each.kind is kind for each in plan.changes) for kind in KINDS}
        record_loaded_pack(content=_content(pack), actor=actor, changes=counts)

    try:
        return change_offering(
            change=change, places=_places(pack) if plan.offices else (), title="設定の読み込み", actor=actor
        )
    finally:
        clear_caches()


def _places(pack: Pack) -> list[str]:
    return [office.code for office in pack.of(OfficeEntry)]


def _written(row: ContractRow) -> dict[str, Any]:
    """Return a row as it is kept to be compared with."""
    written: dict[str, Any] = json.loads(json.dumps(asdict(row), default=lambda value: value.isoformat()))  # type: ignore[call-overload]
    return written


def _content(pack: Pack) -> dict[str, dict[str, Any]]:
    return {kind.__name__: {row.key: _written(row) for row in rows} for kind, rows in pack.rows.items()}


def _shown(value: object) -> str:
    return "（空）" if value in ("", None, []) else str(value)


def _changes(pack: Pack, loaded: Mapping[str, Mapping[str, Any]]) -> tuple[PackChange, ...]:
    changes = []
    for kind, rows in pack.rows.items():
        before = loaded.get(kind.__name__, {})
        changes += [
            PackChange(kind, row.key, before.get(row.key), row)
            for row in rows
            if _written(row) != before.get(row.key)
        ]
        gone = before.keys() - {row.key for row in rows}
        changes += [PackChange(kind, key, before[key], None) for key in sorted(gone)]
    return tuple(changes)


def _notes(pack: Pack, changes: Sequence[PackChange]) -> Iterator[str]:
    """Yield what the list of changes does not tell: where the screen wins or loses, and what stays."""
    approved = approved_items()
    for change in changes:
        match change.after:
            case RuleEntry() as rule:
                for version in rule_history(rule.scope):
                    later = version.key == rule.rule and version.effective_from > rule.effective_from
                    if later and version.decided_by != str(LOADER):
                        since = staff_datetime(version.effective_from)
                        yield f"きまり「{change.key}」は、{since} から画面で決めた値が優先します。"
            case GuidanceRow() as text if f"text:{text.name}:{text.language}" in approved:
                yield f"案内文「{change.key}」は、本市が承認した案の文が優先します。"
            case HoursEntry() as hours:
                own = {row.valid_from for row in pack.of(HoursEntry) if row.office == hours.office}
                for known in weekly_hours(hours.office):
                    if known.since > hours.valid_from and known.since not in own:
                        yield f"{hours.office} の {known.since} から画面で決めた受付時間は、なくなります。"
            case None if change.kind in {OfficeEntry, RuleEntry, MailTextEntry}:
                yield f"{change.kind.LABEL}「{change.key}」は、読み込み済みのものがそのまま残ります。"


def _replaced(changes: Sequence[PackChange]) -> Iterator[str]:
    """Yield which rows that an approved proposal changed on screen the pack replaces."""
    approved = approved_items()
    for change in changes:
        start, end = PROPOSED.get(change.kind), f":{change.key}"
        if start and any(item.startswith(start) and item.endswith(end) for item in approved):
            yield f"{change.kind.LABEL}「{change.key}」は、画面で承認した内容が、この設定の内容になります。"


def untranslated(pack: Pack) -> Iterator[str]:
    """Yield what a language of the pack lacks beside Japanese, which its readers get in its place."""
    for kind in (GuidanceRow, MailTextEntry):
        written = {row.key for row in pack.of(kind)}
        # Staff speak Japanese on the telephone, and write announcements in Japanese.
        wanted = {key.removeprefix(f"{MAIN} ") for key in written if key.startswith(f"{MAIN} ")}
        wanted = {name for name in wanted if not name.startswith(("script.", "pause."))}
        for code in sorted({key.partition(" ")[0] for key in written} - {MAIN}):
            if lacking := sorted(name for name in wanted if f"{code} {name}" not in written):
                yield f"{kind.LABEL}（{code}）がないものは、日本語のまま出します：{'、'.join(lacking)}"


def _apply(pack: Pack, changes: Sequence[PackChange], actor: Actor) -> None:
    """Write all changes; what goes is removed last, when nothing that came refers to it."""
    for kind in KINDS:
        of_kind = [change for change in changes if change.kind is kind]
        if kind in TABLES:
            put_rows(kind=kind, rows=[change.after for change in of_kind if change.after])
        elif kind is HoursEntry:
            _put_hours(pack, {change.key.split()[0] for change in of_kind}, actor)
        else:
            for change in of_kind:
                _put(change, actor)
    for change in reversed(changes):
        if change.after is None and change.before is not None and change.kind in TABLES:
            remove_row(kind=change.kind, row=change.before)


def _put(change: PackChange, actor: Actor) -> None:
    """Hand a row to the package that owns it."""
    match change.after:
        case OfficeEntry() as office:
            facts = asdict(office)
            facts["ward_id"], facts["wave_id"] = facts.pop("ward"), facts.pop("wave")
            put_office(**facts, actor=actor)
        case PresetEntry() as preset:
            put_preset(
                office=None,
                day_kind=preset.day_kind,
                keep_one_in=preset.keep_one_in,
                effective_from=preset.valid_from,
                actor=actor,
            )
        case RuleEntry() as rule:
            decide_rule(
                key=rule.rule,
                scope=rule.scope,
                value=rule.value,
                effective_from=rule.effective_from,
                note=rule.note,
                actor=actor,
            )
        case MailTextEntry() as mail:
            put_text(
                kind=MailKind(mail.kind),
                language=mail.language,
                subject=mail.subject,
                body=mail.body,
                effective_from=mail.effective_from,
                actor=actor,
            )
        case None if change.before is not None and change.kind is PresetEntry:
            put_preset(
                office=None,
                day_kind=change.before["day_kind"],
                keep_one_in=1,
                effective_from=date.fromisoformat(change.before["valid_from"]),
                actor=actor,
            )


def _put_hours(pack: Pack, places: Collection[str], actor: Actor) -> None:
    """Set the hours of offices, earliest first, since each ends what was to hold later."""
    spans: dict[tuple[str, date], list[tuple[int, Span]]] = defaultdict(list)
    for row in pack.of(HoursEntry):
        span = Span(_minutes(row.opens), _minutes(row.closes), row.seats)
        spans[row.office, row.valid_from] += [(weekday, span) for weekday in row.weekdays]
    for (office, valid_from), of_week in sorted(spans.items()):
        if office in places:
            set_weekly_hours(office=office, spans=of_week, effective_from=valid_from, actor=actor)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
