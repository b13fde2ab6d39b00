"""A list as it leaves the system: the same columns and rows make the Excel file and the CSV."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

Cell = str | int | float | date | datetime | time | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and its width in half-width characters."""

    name: str
    width: int = 14


@dataclass(frozen=True, slots=True)
class Table:
    """One list: what it is called, its columns, and rows that may come one by one."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
