"""Business calendars: the city, post offices, call centre and venues each have one (`CalendarCode`).

Plain Python; the rows behind a calendar are read by `contract.selectors` and `offices.selectors`.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")
WEEKDAYS = "月火水木金土日"
# Longer than any real closure: a calendar without an open day is a mistake, not an endless search.
MAX_SEARCH_DAYS = 1000


def to_jst(instant: datetime) -> datetime:
    """Return the same instant in Asia/Tokyo. Raises ValueError for one without a time zone."""
    if instant.tzinfo is None:
        # Without this, astimezone() would silently take the machine's own zone.
        raise ValueError("An instant needs a time zone.")
    return instant.astimezone(JST)


def add_months(day: date, months: int) -> date:
    """Return the same day some months later or earlier, or the last of that month if it is shorter.

    >>> add_months(date(2027, 1, 31), 1)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekdays that are closed (Monday is 0), days closed with a reason, and days opened against the rule."""

    name: str
    closed_weekdays: frozenset[int] = frozenset({5, 6})
    closed: Mapping[date, str] = field(default_factory=dict)
    opened: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Tell whether people work on this day; an opened day wins over every closure."""
        return day in self.opened or not (day in self.closed or day.weekday() in self.closed_weekdays)

    def why_closed(self, day: date) -> str:
        """Return the reason of a closure ("敬老の日", "土曜日"), or "" when it is open."""
        if day in self.opened:
            return ""
        if day in self.closed:
            return self.closed[day] or "休業日"
        return f"{WEEKDAYS[day.weekday()]}曜日" if day.weekday() in self.closed_weekdays else ""

    def shift(self, day: date, business_days: int) -> date:
        """Return the open day so many open days later, or earlier when negative; 0 is the day itself.

        Raises ValueError when no day is open within MAX_SEARCH_DAYS.
        """
        step = timedelta(days=1 if business_days > 0 else -1)
        for _ in range(abs(business_days)):
            day = self._nearest(day + step, step)
        return day

    def next_open(self, day: date) -> date:
        """Return the day itself if it is open, otherwise the first open day after it.

        Raises ValueError when no day is open within MAX_SEARCH_DAYS.
        """
        return self._nearest(day, timedelta(days=1))

    def _nearest(self, day: date, direction: timedelta) -> date:
        found = day
        for _ in range(MAX_SEARCH_DAYS):
            if self.is_open(found):
                return found
            found += direction
        raise ValueError(f"{self.name}: no open day within {MAX_SEARCH_DAYS} days of {day}.")
