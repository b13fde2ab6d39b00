"""What the counters say."""

from collections.abc import Mapping
from datetime import datetime

from madoguchi.rate_limits.models import RateLimitCounter


def refused_tries(*, since: datetime, limits: Mapping[str, int]) -> int:
    """Count the refused tries in windows begun since an instant, by the limit of each scope."""
    rows = RateLimitCounter.objects.filter(window__gte=since, count__gt=min(limits.values()))
    return sum(
        max(0, count - limits[scope])
        for scope, count in rows.values_list("scope", "count")
        if scope in limits
    )
