"""The rules of backups: schedule, retention, alarms. Plain Python."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Final

LATE_BACKUP: Final = timedelta(hours=26)
# SL11: one rehearsal a year.
LATE_DRILL: Final = timedelta(days=366)
STAMP: Final = "%Y%m%dT%H%M%SZ"
NAMES: Final = re.compile(r"madoguchi-(\d{8}T\d{6}Z)\.(data|keys)\.age")
HOURS_AHEAD_OF_UTC: Final = 9


def stamp_of(instant: datetime) -> str:
    """Return the stamp of a backup: its second in UTC."""
    return f"{instant.astimezone(UTC):{STAMP}}"


def instant_of(stamp: str) -> datetime:
    """Return the instant of a stamp."""
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)


def daily_at(moment: time) -> str:
    """Return the cron schedule (UTC) for a time of day in Japan."""
    return f"{moment.minute} {(moment.hour - HOURS_AHEAD_OF_UTC) % 24} * * *"


def outdated(stamps: Iterable[str], *, now: datetime, keep_days: int) -> list[str]:
    """Return the stamps past their retention; the newest stays, however old."""
    kept = now - timedelta(days=keep_days)
    return [stamp for stamp in sorted(stamps)[:-1] if instant_of(stamp) < kept]
