"""Reads are remembered for a moment, and what has run out does not pile up."""

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from django.utils import translation

from madoguchi.common import cache

HOUSE = Path(cache.__file__).parents[1]


def test_answers_about_many_offices_do_not_pile_up(monkeypatch):
    asked = []

    @cache.cached
    def read(place):
        asked.append(place)
        return place

    monkeypatch.setattr(cache, "MAX_READS", 3)
    cache.clear_caches()
    for place in range(10):
        assert [read(place), read(place)] == [place, place]
        assert len(cache._shared.reads) <= 3
    assert asked == list(range(10))


def test_nothing_is_an_answer_too():
    asked = []
    read = cache.cached(lambda: asked.append(1))
    assert (read(), read(), asked) == (None, None, [1])


def test_each_language_has_its_own_answer():
    numbers = count()
    read = cache.cached(lambda: next(numbers))
    japanese = read()
    with translation.override("en"):
        assert read() == read() != japanese
    assert read() == japanese


def test_a_read_that_began_before_a_write_is_not_remembered_after_it():
    stand = ["before"]

    @cache.cached
    def read():
        found = stand[0]
        if found == "before":
            stand[0] = "after"
            cache.clear_caches()
        return found

    assert (read(), read()) == ("before", "after")


@pytest.mark.django_db
def test_what_another_thread_read_between_a_write_and_its_commit_is_not_kept(
    django_capture_on_commit_callbacks,
):
    stand = ["before"]
    read = cache.cached(lambda: stand[0])
    with django_capture_on_commit_callbacks(execute=True):
        cache.clear_caches_on_commit()
        with ThreadPoolExecutor(1) as elsewhere:
            assert elsewhere.submit(read).result() == "before"
        stand[0] = "after"
    assert read() == "after"


def test_clearing_inside_a_pipeline_clears_what_is_read_after_it():
    stand = ["before"]
    read = cache.cached(lambda: stand[0])
    assert read() == "before"
    stand[0] = "after"
    with cache.no_cached_reads():
        with pytest.raises(cache.CachedReadInPipeline):
            read()
        cache.clear_caches()
    assert read() == "after"


def test_every_ledger_clears_its_caches_on_commit():
    """Only undone changes are forgotten at once."""
    ledgers = {"contract", "offices", "notifications", "accounts", "reservations", "retention"}
    calls = [
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        if re.search(r"\bclear_caches\(\)", path.read_text())
    ]
    assert [path for path in calls if path.split("/")[0] in ledgers] == []


def test_many_threads_read_more_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(cache, "MAX_READS", 5)
    monkeypatch.setattr(cache, "CACHE_SECONDS", 0.0001)
    cache.clear_caches()
    read = cache.cached(lambda number: number)
    asked = [number % 11 for number in range(4000)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read, asked)) == asked
