"""Find a caller's reservations by whatever the caller says first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from django.core.exceptions import ValidationError

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import Actor
from madoguchi.common import clock, dates
from madoguchi.contract.selectors import procedures
from madoguchi.reservations.search import ListRow, Search
from madoguchi.web.days import BirthDayField
from madoguchi.workflows.privacy.access import search_people

NEWEST_FIRST: Final = "-starts_at"


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A reservation as the caller search shows it: not when and where, for nobody knows yet who calls."""

    reference: str
    name: str
    kana: str
    called_name: str
    phone: str
    tone: str
    state: str
    procedures: str

    @classmethod
    def of(cls, row: ListRow, *, short: dict[str, str]) -> Self:
        """Return the line of a row; `short` are short names of procedures by code."""
        tone, state = state_of(row)
        return cls(
            reference=row.reference,
            name=row.name,
            kana=row.name_kana,
            called_name=row.called_name,
            phone=row.phone,
            tone=tone,
            state=state,
            procedures="・".join(short.get(code, code) for code in row.procedures),
        )


def state_of(row: ListRow) -> tuple[str, str]:
    """Return tone and word: booked or cancelled, and whether the day is over."""
    if row.status == "CANCELLED":
        return "cancelled", row.status_label
    return ("neutral", "過去の予約") if row.starts_at < clock.now() else ("running", row.status_label)


@dataclass(frozen=True, slots=True)
class Callers:
    """What a search found."""

    lines: Sequence[FoundLine] = ()
    total: int = 0
    error: str = ""
    shares_phone: bool = False

    @property
    def more(self) -> int:
        """Tell how many are not shown."""
        return self.total - len(self.lines)


def find_callers(text: str, *, actor: Actor) -> Callers | None:
    """Return whose reservations fit a number, フリガナ, reference or birth date; None for an empty search.

    Everyone found is on record as seen.
    """
    if not text.strip():
        return None
    born = None
    if (dated := dates.find_date(text)) is not None:
        parts, text = dated
        try:
            born = BirthDayField(asks_age=False).read_parts(parts)
        except ValidationError as wrong:
            return Callers(error=wrong.messages[0])
    found = search_people(
        query=Search(text=text, birth_date=born, order=NEWEST_FIRST), actor=actor, scope=EVERYWHERE
    )
    rows = found.rows
    return Callers(
        lines=lines_of(rows),
        total=found.total,
        shares_phone=text.replace("-", "").isdecimal() and len({row.name for row in rows}) > 1,
    )


def lines_of(rows: Sequence[ListRow]) -> list[FoundLine]:
    """Return lines, with the names of procedures read once."""
    short = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    return [FoundLine.of(row, short=short) for row in rows]
