"""Birth dates of which a part is unknown (不詳)."""

from datetime import date

import pytest

from madoguchi.common.births import PartialDate, format_birth_date, from_iso, latest, parse
from madoguchi.common.era import ImpossibleDate
from madoguchi.reservations.rules import age_on

TODAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("typed", "meant", "words"),
    [
        (("昭和", "13", "4", "不詳"), PartialDate(1938, 4), "昭和13年4月（日は不詳）"),
        (("S", "13", "不詳", "不詳"), PartialDate(1938), "昭和13年（月日は不詳）"),
        (("西暦", "1938", "不詳", "不詳"), PartialDate(1938), "昭和13年（月日は不詳）"),
        # Two eras share the year or the month: nobody can say which one was meant.
        (("大正", "15", "不詳", "不詳"), PartialDate(1926), "西暦1926年（月日は不詳）"),
        (("昭和", "元", "12", "不詳"), PartialDate(1926, 12), "西暦1926年12月（日は不詳）"),
        (("大正", "元", "7", "不詳"), PartialDate(1912, 7), "西暦1912年7月（日は不詳）"),
        (("昭和", "64", "1", "不詳"), PartialDate(1989, 1), "西暦1989年1月（日は不詳）"),
        (("令和", "元", "5", "不詳"), PartialDate(2019, 5), "令和元年5月（日は不詳）"),
        (("昭和", "25", "4", "1"), date(1950, 4, 1), "昭和25年4月1日"),
    ],
)
def test_what_is_known_of_a_birth_date_is_kept_and_read(typed, meant, words):
    born = parse(*typed, TODAY)
    assert born == meant
    assert format_birth_date(born) == words
    assert from_iso(born.isoformat()) == born


@pytest.mark.parametrize(
    "typed",
    [
        ("昭和", "13", "不詳", "3"),
        ("昭和", "13", "13", "不詳"),
        ("昭和", "70", "不詳", "不詳"),
        ("大正", "15", "12月", "32"),
        ("令和", "9", "不詳", "不詳"),
        ("昭和", "不詳", "不詳", "不詳"),
        ("", "13", "不詳", "不詳"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(typed):
    with pytest.raises(ImpossibleDate, match=r"。$"):
        parse(*typed, TODAY)


def test_the_latest_day_that_can_be_meant_decides_about_age():
    assert latest(PartialDate(2012, 2)) == date(2012, 2, 29)
    assert age_on(PartialDate(2011), date(2026, 12, 30)) == 14
    assert age_on(PartialDate(2011), date(2026, 12, 31)) == 15
    assert age_on(PartialDate(2011, 9), date(2026, 9, 30)) == 15
