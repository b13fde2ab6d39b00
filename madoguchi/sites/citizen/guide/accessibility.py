"""The published accessibility statement in the form of JIS X 8341-3 (仕様書 4(3)ア).

Its facts are written by the run that looked at the pages (docs/how-to/state-accessibility.md).
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from madoguchi.common import clock
from madoguchi.common.era import citizen_day
from madoguchi.contract.selectors import booking_rules

FACTS: Final = Path(__file__).with_name("accessibility.json")
# How many criteria of levels A and AA each guideline of WCAG 2.0 has, which JIS X 8341-3:2016 repeats.
COUNTS: Final = {"1.1": 1, "1.2": 5, "1.3": 3, "1.4": 5, "2.1": 2, "2.2": 2, "2.3": 1, "2.4": 7} | {
    "3.1": 2,
    "3.2": 4,
    "3.3": 4,
    "4.1": 2,
}
CRITERIA: Final = {f"{name}.{place + 1}" for name, count in COUNTS.items() for place in range(count)}
# So often a time limit can be extended by whoever meets it (達成基準 2.2.1).
LEAST_EXTENSIONS: Final = 10


@dataclass(frozen=True, slots=True)
class Statement:
    """What was looked at, when and with what."""

    day: str
    axe: str
    chromium: str
    # How many kinds of pages were looked at in each language.
    pages: int
    criteria: tuple[str, ...]
    criteria_by_people: int
    # Whether the city's rule lets a held time be extended less often than people may need.
    limits_extensions: bool


def statement() -> Statement:
    """Return the statement in the reader's language."""
    facts = _facts()
    criteria = tuple(each for each in facts["criteria"] if each in CRITERIA)
    return Statement(
        day=citizen_day(date.fromisoformat(facts["day"])),
        axe=facts["axe"],
        chromium=facts["chromium"],
        pages=min(facts["pages"].values()),
        criteria=criteria,
        criteria_by_people=len(CRITERIA) - len(criteria),
        limits_extensions=booking_rules(clock.now()).hold_extensions < LEAST_EXTENSIONS,
    )


@cache
def _facts() -> dict[str, Any]:
    return dict(json.loads(FACTS.read_text(encoding="utf-8")))
