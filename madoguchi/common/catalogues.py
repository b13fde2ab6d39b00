"""Translation catalogues: find what is missing, and compile them.

A sentence without a usable translation is left out, so that its reader gets the Japanese one; so a catalogue
may be half done, or partly wrong, and every page still comes.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Final

import polib

FILE: Final = "*/LC_MESSAGES/django.po"
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z]|%(?!%)|\{(\w+)\}")
# Formats in this context may be put together of other parts than the Japanese one (common.era).
DATES: Final = "date"
DATE_PARTS: Final = frozenset(
    {"year", "era", "month", "month_name", "day", "weekday", "weekday_name", "hour", "clock", "minute"}
    # A year that was typed.
    | {"era_name", "era_year"}
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A message that a catalogue lacks, and why: missing, fuzzy or with other placeholders."""

    sentence: str
    why: str


def catalogues(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield every catalogue of these folders."""
    for folder in folders:
        yield from sorted(folder.glob(FILE))


def language_of(path: Path) -> str:
    """Return the language of a catalogue: its folder's name, as settings write it (ja_Easy is ja-easy)."""
    return path.parent.parent.name.replace("_", "-").lower()


def gaps(path: Path) -> list[Gap]:
    """Return the messages that a catalogue lacks. Raises OSError when it is unreadable."""
    return [Gap(entry.msgid, why) for entry in _entries(path) if (why := _why_unusable(entry))]


def lacking(folders: Iterable[Path]) -> dict[str, float]:
    """Return how many messages each language lacks, where any; infinite for an unreadable catalogue."""
    counts: dict[str, float] = {}
    for path in catalogues(folders):
        language = language_of(path)
        counts[language] = counts.get(language, 0) + _count(path, path.stat().st_mtime_ns)
    return {language: count for language, count in counts.items() if count}


@lru_cache(maxsize=64)
def _count(path: Path, _changed_at: int) -> float:
    try:
        return len(gaps(path))
    except (OSError, UnicodeDecodeError):
        return inf


def is_stale(path: Path) -> bool:
    """Tell whether a catalogue was changed after it was compiled, or never compiled."""
    made = path.with_suffix(".mo")
    return not made.exists() or made.stat().st_mtime < path.stat().st_mtime


def compile_catalogue(path: Path) -> list[Gap]:
    """Compile a catalogue without the messages it lacks, and return these.

    Raises OSError when it cannot be read as a catalogue; then the one made before stays.
    """
    found = []
    usable = polib.POFile()
    usable.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    for entry in _entries(path):
        if why := _why_unusable(entry):
            found.append(Gap(entry.msgid, why))
        else:
            usable.append(entry)
    # In one stroke: a process that starts meanwhile reads the former or the new one, never half a file.
    written = path.with_suffix(f".{os.getpid()}.tmp")
    usable.save_as_mofile(str(written))
    written.replace(path.with_suffix(".mo"))
    return found


def compile_stale(folders: Iterable[Path]) -> None:
    """Compile the catalogues that were changed since."""
    for path in catalogues(folders):
        if is_stale(path):
            compile_catalogue(path)


def _entries(path: Path) -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(str(path), encoding="utf-8") if not entry.obsolete]


def _why_unusable(entry: polib.POEntry) -> str:
    if entry.fuzzy:
        return "fuzzy"
    if not entry.msgstr.strip():
        return "missing"
    wanted, given = _placeholders(entry.msgid), _placeholders(entry.msgstr)
    fits = set(given) <= DATE_PARTS if entry.msgctxt == DATES else set(given) == set(wanted)
    return "" if fits else "placeholders"


def _placeholders(text: str) -> list[str]:
    # A bare % would stop the page like a wrong name.
    return [name or (braced and f"{{{braced}}}") or "%" for name, braced in PLACEHOLDER.findall(text)]
