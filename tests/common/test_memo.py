"""Reads are remembered for a moment, and what has run out does not pile up."""

from madoguchi.common import cache


def test_answers_about_many_offices_do_not_pile_up(monkeypatch):
    asked = []

    @cache.cached
    def read(place):
        asked.append(place)
        return place

    monkeypatch.setattr(cache, "MAX_READS", 3)
    for place in range(10):
        assert [read(place), read(place)] == [place, place]
        assert len(cache._shared.kept) <= 3
    assert asked == list(range(10))
