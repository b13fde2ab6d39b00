from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import pytest

from madoguchi.common import clock

MORNING = datetime(2026, 12, 15, 1, 30, tzinfo=UTC)


def test_the_clock_runs_with_the_offset_of_the_settings(settings):
    settings.CLOCK_OFFSET = timedelta(weeks=-3)
    assert abs(datetime.now(UTC) - timedelta(weeks=3) - clock.now()) < timedelta(seconds=5)  # noqa: TID251


def test_the_clock_answers_in_utc():
    assert clock.now().tzinfo is UTC
    with clock.travel(clock.at(date(2026, 12, 15), time(10, 30))):
        assert clock.now() == MORNING
        assert clock.now().tzinfo is UTC


def test_travelling_stops_the_clock_for_all_threads():
    with clock.travel(MORNING), ThreadPoolExecutor() as pool:
        assert pool.submit(clock.now).result() == MORNING


def test_a_set_clock_takes_no_offset(settings):
    settings.CLOCK_OFFSET = timedelta(weeks=1)
    with clock.travel(MORNING):
        assert clock.now() == MORNING


def test_journeys_may_be_nested_and_end_after_an_error():
    later = MORNING + timedelta(days=1)
    with clock.travel(MORNING):
        with suppress(LookupError), clock.travel(later):
            assert clock.now() == later
            raise LookupError
        assert clock.now() == MORNING
    assert clock.now() != MORNING


def test_the_day_changes_at_midnight_in_tokyo():
    with clock.travel(datetime(2026, 8, 31, 14, 59, tzinfo=UTC)):
        assert clock.today() == date(2026, 8, 31)
    with clock.travel(datetime(2026, 8, 31, 15, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 9, 1)


def test_an_instant_without_a_zone_is_refused():
    naive = MORNING.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        clock.to_jst(naive)
    with pytest.raises(ValueError, match="time zone"), clock.travel(naive):
        pass
    assert clock.now() != MORNING
