"""Reads are remembered for a moment, and what has run out does not pile up."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

from django.utils import translation

from madoguchi.common import cache


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


def test_many_threads_read_more_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(cache, "MAX_READS", 5)
    monkeypatch.setattr(cache, "CACHE_SECONDS", 0.0001)
    cache.clear_caches()
    read = cache.cached(lambda number: number)
    asked = [number % 11 for number in range(4000)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read, asked)) == asked
