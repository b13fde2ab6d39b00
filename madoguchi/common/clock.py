"""The only module that reads the time.

People live in Asia/Tokyo, storage in UTC. A demo may run whole weeks ahead of or behind real time
(`CLOCK_OFFSET`, training only); tests and the simulation set the clock with `travel`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings

from madoguchi.common import calendar

JST = calendar.JST
MIDNIGHT = time()
DAY = timedelta(days=1)

# One stack for the whole process, not per thread: a job or a racing thread sees the same set clock.
_travelled: list[datetime] = []
_imagined: ContextVar[datetime | None] = ContextVar("imagined", default=None)


def now() -> datetime:
    """Return this instant, aware, in UTC."""
    if (imagined := _imagined.get()) is not None:
        return imagined
    for instant in _travelled[-1:]:
        return instant
    return datetime.now(UTC) + settings.CLOCK_OFFSET  # noqa: TID251 - the one place that may


def today() -> date:
    """Return the day it is in Asia/Tokyo."""
    return to_jst(now()).date()


def at(day: date, moment: time) -> datetime:
    """Return the instant of a wall-clock time in Asia/Tokyo."""
    return datetime.combine(day, moment, tzinfo=JST)


def to_jst(instant: datetime) -> datetime:
    """Return the same instant as the clock on the wall shows it.

    Raises ValueError for an instant without a time zone.
    """
    return calendar.to_jst(instant)


@contextmanager
def travel(instant: datetime) -> Iterator[None]:
    """Freeze the clock at an instant for all threads until the block ends; blocks may be nested.

    Raises ValueError for an instant without a time zone.
    """
    _travelled.append(to_jst(instant).astimezone(UTC))
    try:
        yield
    finally:
        _travelled.pop()


@contextmanager
def imagine(instant: datetime) -> Iterator[None]:
    """Freeze the clock at an instant for this thread alone until the block ends.

    For looking ahead while the site is open (`workflows.approvals.simulator`), never for writing.
    """
    token = _imagined.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _imagined.reset(token)
