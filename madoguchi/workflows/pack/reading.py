"""Turn the records of a program pack into rows, and note every cell that is wrong.

What each file holds stands in the README.md of a pack.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, time
from pathlib import Path
from types import UnionType
from typing import Any, Final, TypeVar, get_args, get_type_hints

from madoguchi.common.calendar import WEEKDAYS
from madoguchi.common.dates import YEARS
from madoguchi.common.errors import Refusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.contract.errors import RuleNotValid
from madoguchi.contract.rows import (
    BelongingRow,
    BranchOfficeRow,
    ContractRow,
    GuidanceRow,
    PostalAreaRow,
    ProcedureRow,
    ProgramRow,
    WardRow,
    WaveRow,
)
from madoguchi.contract.rules import read_rule_value, written_rule_value
from madoguchi.workflows.pack.entries import (
    CalendarEntry,
    DayEntry,
    HolidayEntry,
    HoursEntry,
    MailTextEntry,
    OfficeEntry,
    PresetEntry,
    RuleEntry,
)
from madoguchi.workflows.pack.files import Entry, Problem, read_csv, read_toml

R = TypeVar("R", bound=ContractRow)

CSV_FILES: Final[Mapping[str, type[ContractRow]]] = {
    "wards.csv": WardRow,
    "branch_offices.csv": BranchOfficeRow,
    "postal_codes.csv": PostalAreaRow,
    "offices.csv": OfficeEntry,
    "hours.csv": HoursEntry,
    "holidays.csv": HolidayEntry,
    "calendar_days.csv": DayEntry,
}
TOML_TABLES: Final[Mapping[str, Mapping[str, type[ContractRow]]]] = {
    "program.toml": {
        "program": ProgramRow,
        "waves": WaveRow,
        "calendars": CalendarEntry,
        "presets": PresetEntry,
    },
    "procedures.toml": {"procedures": ProcedureRow, "belongings": BelongingRow},
}
RULES_FILE: Final = "rules.toml"
# In rules.toml: the table of the whole program; the others are named after an office.
WHOLE_PROGRAM: Final = "program"
TEXT_FILE: Final = re.compile(r"texts/(?P<what>guidance|mails)\.(?P<language>[a-z-]+)\.toml")
# What a text file's tables become, and the cell that their name is.
TEXTS: Final[Mapping[str, tuple[type[ContractRow], str]]] = {
    "guidance": (GuidanceRow, "name"),
    "mails": (MailTextEntry, "kind"),
}
FILE_OF: Final[Mapping[type[ContractRow], str]] = {
    **{kind: file for file, kind in CSV_FILES.items()},
    **{kind: file for file, kinds in TOML_TABLES.items() for kind in kinds.values()},
}


class Reading:
    """The rows and problems found in a folder, each row with the record it was made of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.found: dict[type[ContractRow], list[tuple[ContractRow, Entry]]] = {}
        # Keys of all records, faulty ones too: one mistake shall not make others of what refers to it.
        self.keys: dict[type[ContractRow], set[str]] = {}
        self.files: set[str] = set()
        self._read_tables()
        self._read_rules()
        self._read_texts()

    def of(self, kind: type[R]) -> list[R]:
        """Return the rows of a kind."""
        return [row for row, _ in self.entries(kind)]

    def entries(self, kind: type[R]) -> list[tuple[R, Entry]]:
        """Return the rows of a kind with their records."""
        return self.found.get(kind, [])  # type: ignore[return-value]  # rows are filed under their own kind

    def is_unread(self, file: str) -> bool:
        """Tell whether a file could not be read at all, so that nothing in it can be called missing."""
        return file not in self.files and any(problem.file == file for problem in self.problems)

    def complain(self, entry: Entry, cell: str, message: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(entry.problem(cell, message))

    def _read_tables(self) -> None:
        for file, kind in CSV_FILES.items():
            for entry in read_csv(self.folder, file, kind.columns(), self.problems):
                self._add(kind, entry)
        for file, kinds in TOML_TABLES.items():
            for place, (table, entry) in enumerate(read_toml(self.folder, file, self.problems)):
                if table in kinds:
                    self._add(kinds[table], entry, {"position": place})
                elif table or entry.cells:
                    self.complain(entry, "", f"[{table}] は使いません。")

    def _read_rules(self) -> None:
        for table, entry in read_toml(self.folder, RULES_FILE, self.problems):
            common = {name: entry.cells.get(name, "") for name in ("effective_from", "note")}
            common["scope"] = "" if table == WHOLE_PROGRAM else table
            for rule in entry.cells.keys() - common.keys():
                try:
                    value = written_rule_value(
                        read_rule_value(rule, entry.cells[rule], scope=str(common["scope"]))
                    )
                except RuleNotValid as refusal:
                    self.complain(entry, rule, refusal.message)
                else:
                    line = entry.lines.get(rule, entry.line)
                    self._add(
                        RuleEntry, Entry(entry.file, line, {"rule": rule, "value": value, **common}, {})
                    )

    def _read_texts(self) -> None:
        known = {*CSV_FILES, *TOML_TABLES, RULES_FILE}
        # Other folders of a pack belong to others, such as the made-up people of a demo.
        for path in sorted([*self.folder.glob("*"), *self.folder.glob("texts/*")]):
            file = path.relative_to(self.folder).as_posix()
            if match := TEXT_FILE.fullmatch(file):
                kind, name_cell = TEXTS[match["what"]]
                tables = read_toml(self.folder, file, self.problems)
                common = {"language": match["language"], **(tables[0][1].cells if tables else {})}
                for place, (table, entry) in enumerate(tables[1:]):
                    self._add(kind, entry, {**common, name_cell: table, "position": place})
            elif path.suffix in {".csv", ".toml"} and file not in known:
                self.problems.append(Problem(file, 1, "この名前のファイルは使いません。"))

    def _add(self, kind: type[ContractRow], entry: Entry, given: Mapping[str, object] | None = None) -> None:
        """Make a row of a record, or note all that is wrong with it; `given` fills cells it does not have."""
        before, values = len(self.problems), {}
        bounds = {each.name: each.metadata for each in fields(kind)}  # type: ignore[arg-type]  # all rows are dataclasses
        types = get_type_hints(kind)
        cells = {**{name: value for name, value in (given or {}).items() if name in bounds}, **entry.cells}
        self.files.add(entry.file)
        self.keys.setdefault(kind, set()).add(" ".join(str(cells.get(name, "")).strip() for name in kind.KEY))
        for name in bounds.keys() - cells.keys():
            self.complain(entry, name, f"「{name}」がありません。")
        for name, raw in cells.items():
            if name not in bounds:
                self.complain(entry, name, f"「{name}」という項目は使いません。")
                continue
            try:
                values[name] = _read_cell(types[name], raw)
                refuse_out_of_bounds(values[name], bounds[name])
            except (ValueError, Refusal) as problem:
                self.complain(entry, name, f"{name}: {problem}")
        if len(self.problems) == before:
            self.found.setdefault(kind, []).append((kind(**values), entry))


def _native(kind: type[Any], from_text: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return a reader that takes a value as TOML has it, or its text as CSV has it."""
    return lambda raw: raw if type(raw) is kind else from_text(raw.strip())


def _day(raw: Any) -> date:
    """Read a day with its full year: a short one would be a day of the first century."""
    day: date = _native(date, lambda text: date(*map(int, re.split("[-/]", text))))(raw)
    if day.year not in YEARS:
        raise ValueError
    return day


def _instant(raw: Any) -> datetime:
    value = raw if isinstance(raw, datetime) else datetime.fromisoformat(raw)
    if value.tzinfo is None:
        raise ValueError
    return value


def _names(raw: Any) -> tuple[str, ...]:
    return tuple(name.strip() for name in (raw if isinstance(raw, list) else [raw]))


_READERS: Final[Mapping[object, tuple[Callable[[Any], Any], str]]] = {
    object: (lambda raw: raw, ""),
    str: (lambda raw: raw.strip(), "文字で書いてください"),
    int: (_native(int, int), "整数で書いてください"),
    float: (_native(float, float), "数で書いてください"),
    bool: (
        _native(bool, {"yes": True, "no": False}.__getitem__),
        "yes か no（TOML では true か false）を書いてください",
    ),
    date: (
        _day,
        "2026-09-01 のように書いてください",
    ),
    time: (_native(time, lambda text: time.fromisoformat(text.zfill(5))), "09:00 のように書いてください"),
    datetime: (_instant, "2026-09-01T09:00:00+09:00 のように、時差まで書いてください"),
    tuple[int, ...]: (
        lambda raw: tuple(WEEKDAYS.index(sign) for sign in raw.strip()),
        "「月火水木金」のように曜日を書いてください",
    ),
    tuple[str, ...]: (_names, '["A", "B"] のように書いてください'),
}


def _read_cell(wanted: Any, raw: object) -> Any:
    """Return a cell as the type its column wants; raises ValueError with what to write instead."""
    if isinstance(wanted, UnionType):
        if raw in ("", None):
            return None
        wanted = get_args(wanted)[0]
    read, says = _READERS[wanted]
    try:
        return read(raw)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"「{str(raw).strip()[:40]}」は使えません。{says}。") from None


def refuse_out_of_bounds(value: object, bounds: Mapping[str, Any]) -> None:
    """Raise ValueError or ForbiddenValue for a value that its column or the law does not allow."""
    if isinstance(value, str):
        if "pattern" in bounds and not re.fullmatch(bounds["pattern"], value):
            raise ValueError(f"「{value[:40]}」は使えません。{bounds['says']}。")
        refuse_forbidden(value)
    elif isinstance(value, int | float) and "low" in bounds and not bounds["low"] <= value <= bounds["high"]:
        raise ValueError(f"{value} は使えません。{bounds['low']}から{bounds['high']}までにしてください。")
