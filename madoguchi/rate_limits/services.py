"""Rate limits: count tries and refuse above a limit: look-ups, codes, booking sessions (仕様書 4(3)ア)."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from madoguchi.common import clock
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.rate_limits.models import RateLimitCounter
from madoguchi.sealing.services import index_hash


def hit_rate_limit(*, scope: str, source: str, limit: int, minutes: int) -> None:
    """Count a try of one source (an address, a reference); in a transaction of its own, so that it stays.

    Raises TooManyTries above the limit within a window of so many minutes.
    """
    now = clock.now()
    window = now - timedelta(minutes=now.minute % minutes, seconds=now.second, microseconds=now.microsecond)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO rate_limits_ratelimitcounter AS counter (scope, source_hash, "window", count) '
            "VALUES (%s, %s, %s, 1) "
            'ON CONFLICT (scope, source_hash, "window") DO UPDATE SET count = counter.count + 1 '
            "RETURNING count",
            [scope, index_hash("source", source), window],
        )
        count = cursor.fetchone()[0]
    if count > limit:
        raise TooManyTries


def purge_counters(*, before: datetime) -> int:
    """Delete the counters of windows begun before an instant, and return how many."""
    return RateLimitCounter.objects.filter(window__lt=before).delete()[0]
