"""When backups are made and how long they stay."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import CommandError
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.backups import rules
from madoguchi.backups.errors import SENTENCES
from madoguchi.backups.prompt import command_errors

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.floats(0, 700).map(lambda days: FIRST + timedelta(days=days))


@pytest.mark.parametrize(
    ("moment", "cron"), [(time(3, 30), "30 18 * * *"), (time(9), "0 0 * * *"), (time(23, 5), "5 14 * * *")]
)
def test_a_time_in_japan_is_a_line_of_cron_in_utc(moment, cron):
    assert rules.daily_at(moment) == cron


@given(INSTANTS)
def test_a_stamp_means_its_second_and_names_a_file(instant):
    stamp = rules.stamp_of(instant)
    assert rules.instant_of(stamp) == instant.replace(microsecond=0)
    assert rules.NAMES.fullmatch(f"madoguchi-{stamp}.data.age")


@given(st.lists(INSTANTS, min_size=1), INSTANTS, st.integers(0, 100))
def test_backups_within_their_days_stay_and_so_does_the_newest(instants, now, days):
    stamps = {rules.stamp_of(instant) for instant in instants}
    kept = stamps - set(rules.outdated(stamps, now=now, keep_days=days))
    assert max(stamps) in kept
    assert kept >= {stamp for stamp in stamps if rules.instant_of(stamp) >= now - timedelta(days=days)}
    assert len([stamp for stamp in kept if rules.instant_of(stamp) < now - timedelta(days=days)]) <= 1


def test_each_way_to_fail_has_a_code_that_fits_and_a_sentence():
    assert len(SENTENCES) > 15
    for code, sentence in SENTENCES.items():
        assert len(code) <= 16
        assert sentence.endswith("。")


def test_an_unreachable_database_is_reported_in_a_sentence():
    with pytest.raises(CommandError, match="データベースに接続できません。"), command_errors():
        raise OperationalError("connection refused")
