"""Tries are counted by scope, source and window, refused above a limit, and forgotten."""

from datetime import timedelta

import pytest

from madoguchi.common import clock
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.rate_limits.models import RateLimitCounter
from madoguchi.rate_limits.selectors import refused_tries
from madoguchi.rate_limits.services import hit_rate_limit, purge_counters

pytestmark = pytest.mark.django_db


def hit(source="192.0.2.1", scope="hold"):
    hit_rate_limit(scope=scope, source=source, limit=2, window_minutes=15)


def test_the_try_above_the_limit_is_refused_and_each_source_and_scope_counts_for_itself():
    now = clock.now()
    with clock.travel(now):
        hit()
        hit()
        hit(source="192.0.2.2")
        hit(scope="code")
        with pytest.raises(TooManyTries):
            hit()
    since = now - timedelta(minutes=15)
    assert refused_tries(since=since, limits={"hold": 2, "code": 2}) == 1


def test_the_source_is_kept_as_a_keyed_hash_only():
    hit()
    assert b"192.0.2.1" not in bytes(RateLimitCounter.objects.get().source_hash)


def test_a_window_that_is_over_counts_no_more_and_is_deleted():
    now = clock.now()
    with clock.travel(now):
        hit()
        hit()
    with clock.travel(now + timedelta(minutes=15)):
        hit()
        assert purge_counters(before=now + timedelta(seconds=1)) == 1
    assert RateLimitCounter.objects.count() == 1
