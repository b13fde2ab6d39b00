"""What a journey through a site is, for screenshots.py and the screens_<audience>.py."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.sync_api import Page

# A Tuesday in the term: 11 in the morning, and half past eight in the evening, in Japan.
MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)

Shot = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Journey:
    """A walk through a site at a size of screen; the clock stands still at `at`."""

    name: str
    walk: Callable[[Page, Shot], None]
    width: int
    height: int
    at: datetime = MORNING
    scale: float = 1
    is_full_page: bool = True
