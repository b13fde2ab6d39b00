"""A clock and a memory for one thread alone: what is imagined there, nobody else is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from madoguchi.common import cache, clock

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
THEN = datetime(2027, 1, 5, 3, tzinfo=UTC)


def elsewhere(ask):
    with ThreadPoolExecutor(1) as others:
        return others.submit(ask).result()


def test_an_imagined_clock_stands_for_this_thread_alone_and_inside_a_set_one():
    with clock.travel(NOW):
        with clock.imagine(THEN):
            assert (clock.now(), elsewhere(clock.now)) == (THEN, NOW)
            with clock.imagine(NOW):
                assert clock.now() == NOW
            assert clock.now() == THEN
        assert clock.now() == NOW


def test_an_isolated_cache_is_seen_by_its_thread_only_and_dropped_afterwards():
    asked = []

    @cache.cached
    def read():
        asked.append(None)
        return len(asked)

    assert read() == 1
    with cache.isolated_cache():
        assert read() == read() == 2
        assert elsewhere(read) == 1
        cache.clear_caches()
        assert read() == 3
        assert elsewhere(read) == 1
    assert read() == 1
