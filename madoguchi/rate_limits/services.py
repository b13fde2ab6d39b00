"""Rate limits: count tries and refuse above a limit: look-ups, codes, sign-in (仕様書 4(3)ア, 4(5)イ)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from madoguchi.common import clock
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.rate_limits.models import RateLimitCounter
from madoguchi.sealing.services import index_hash


def hit_rate_limit(*, scope: str, source: str, limit: int, window_minutes: int) -> None:
    """Count a try of one source (an address, a reference); in a transaction of its own, so that it stays.

    Raises TooManyTries above the limit within a window of so many minutes.
    """
    _count(scope, index_hash("source", source), _window(window_minutes), limit)


@contextmanager
def limit_failures(
    *, scope: str, source: str, limit: int, window_minutes: int, harmless: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Count what is done in the block as a try, unless it succeeds or ends with one of the harmless refusals.

    It is counted first and taken back afterwards: of tries at the same instant no more than the limit come
    in. To be entered outside of a transaction, with which the count would be rolled back. Raises
    TooManyTries above the limit, before the block begins.
    """
    source_hash, window = index_hash("source", source), _window(window_minutes)
    _count(scope, source_hash, window, limit)
    try:
        yield
    except harmless:
        _take_back(scope, source_hash, window)
        raise
    _take_back(scope, source_hash, window)


def purge_counters(*, before: datetime) -> int:
    """Delete the counters of windows begun before an instant, and return how many."""
    return RateLimitCounter.objects.filter(window__lt=before).delete()[0]


def _window(window_minutes: int) -> datetime:
    now = clock.now()
    return now - timedelta(
        minutes=now.minute % window_minutes, seconds=now.second, microseconds=now.microsecond
    )


def _count(scope: str, source_hash: bytes, window: datetime, limit: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO rate_limits_ratelimitcounter AS counter (scope, source_hash, "window", count) '
            "VALUES (%s, %s, %s, 1) "
            'ON CONFLICT (scope, source_hash, "window") DO UPDATE SET count = counter.count + 1 '
            "RETURNING count",
            [scope, source_hash, window],
        )
        count = cursor.fetchone()[0]
    if count > limit:
        raise TooManyTries


def _take_back(scope: str, source_hash: bytes, window: datetime) -> None:
    RateLimitCounter.objects.filter(scope=scope, source_hash=source_hash, window=window, count__gt=0).update(
        count=F("count") - 1
    )
