"""A list for export: the same columns and rows make the Excel file and the CSV."""

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
    """One list: its name, its columns, and an iterable of rows."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
