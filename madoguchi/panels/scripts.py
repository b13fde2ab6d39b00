"""Telephone scripts for staff of every site: the city's texts, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from madoguchi.contract.rows import GuidanceRow


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """A sentence to say, or a note on what to do."""

    text: str
    is_said: bool


@dataclass(frozen=True, slots=True)
class Script:
    """A text of the city as lines."""

    title: str
    lines: Sequence[ScriptLine]

    @classmethod
    def of(cls, row: GuidanceRow) -> Self:
        """Parse a text: lines in brackets are to be said."""
        texts = [text.strip() for text in row.body.strip().splitlines() if text.strip()]
        return cls(row.title, [ScriptLine(text.strip("「」・"), text.startswith("「")) for text in texts])


def scripts(row: GuidanceRow | None) -> list[Script]:
    """Return a text as lines, nothing where the city has none."""
    return [Script.of(row)] if row else []
