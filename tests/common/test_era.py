from contextlib import suppress
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.common import era
from madoguchi.common.era import ImpossibleDate, parse_birth_date

TODAY = date(2026, 9, 1)


def read(chosen, year, month, day):
    return parse_birth_date(chosen, year, month, day, TODAY)


def refusal(chosen, year, month, day):
    with pytest.raises(ImpossibleDate) as refused:
        read(chosen, year, month, day)
    return refused.value.message


@pytest.mark.parametrize(
    ("typed", "born"),
    [
        (("昭和", "25", "4", "1"), date(1950, 4, 1)),
        (("S", "25", "04", "01"), date(1950, 4, 1)),
        (("ｓ", "２５", "４", "１"), date(1950, 4, 1)),
        ((" 昭和 ", " 25年", "4月", "1日 "), date(1950, 4, 1)),
        (("平成", "元", "1", "8"), date(1989, 1, 8)),
        (("平成", "元年", "1", "8"), date(1989, 1, 8)),
        (("H", "1", "1", "8"), date(1989, 1, 8)),
        (("昭和", "64", "1", "7"), date(1989, 1, 7)),
        (("平成", "31", "4", "30"), date(2019, 4, 30)),
        (("令和", "元", "5", "1"), date(2019, 5, 1)),
        (("R", "8", "9", "1"), TODAY),
        (("明治", "45", "7", "30"), date(1912, 7, 30)),
        (("大正", "元", "7", "30"), date(1912, 7, 30)),
        (("大正", "15", "12", "25"), date(1926, 12, 25)),
        (("昭和", "元", "12", "25"), date(1926, 12, 25)),
        (("M", "45", "1", "1"), date(1912, 1, 1)),
        (("西暦", "1950", "4", "1"), date(1950, 4, 1)),
        (("西暦", "2024", "2", "29"), date(2024, 2, 29)),
    ],
)
def test_birth_dates_are_read_as_people_write_them(typed, born):
    assert read(*typed) == born


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("昭和", "64", "1", "8"), "昭和64年1月8日はありません。平成元年1月8日ではありませんか。"),
        (("平成", "元", "1", "7"), "平成元年1月7日はありません。昭和64年1月7日ではありませんか。"),
        (("平成", "31", "5", "1"), "平成31年5月1日はありません。令和元年5月1日ではありませんか。"),
        (("令和", "元", "4", "30"), "令和元年4月30日はありません。平成31年4月30日ではありませんか。"),
        (("大正", "元", "7", "29"), "大正元年7月29日はありません。明治45年7月29日ではありませんか。"),
        (("明治", "45", "7", "31"), "明治45年7月31日はありません。大正元年7月31日ではありませんか。"),
        (("昭和", "元", "12", "24"), "昭和元年12月24日はありません。大正15年12月24日ではありませんか。"),
        (("昭和", "80", "5", "5"), "昭和80年5月5日はありません。平成17年5月5日ではありませんか。"),
    ],
)
def test_a_date_of_another_era_is_refused_and_the_right_one_offered(typed, offered):
    assert refusal(*typed) == offered


EXAMPLE = "生年月日は、昭和25年4月1日 のように入力してください。"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("昭和", "25", "2", "30"), "昭和25年2月30日はありません。この年の2月は、28日までです。"),
        (("昭和", "26", "2", "29"), "昭和26年2月29日はありません。この年の2月は、28日までです。"),
        (("昭和", "25", "4", "31"), "昭和25年4月31日はありません。この年の4月は、30日までです。"),
        (
            ("西暦", "1950", "13", "1"),
            "西暦1950年13月1日はありません。月は、1から12までの数字で入力してください。",
        ),
        (("西暦", "9999", "1", "1"), f"西暦9999年1月1日は、まだ来ていない日です。{EXAMPLE}"),
        (("昭和", "0", "1", "1"), "昭和0年1月1日はありません。年を確かめてください。"),
        (("西暦", "0", "1", "1"), "西暦の年は、1950 のように4桁で入力してください。"),
        (("西暦", "25", "4", "1"), "西暦の年は、1950 のように4桁で入力してください。"),
        (("西暦", "1850", "1", "1"), f"西暦1850年1月1日は、明治6年（1873年）より前の日です。{EXAMPLE}"),
        (("明治", "5", "1", "1"), f"明治5年1月1日は、明治6年（1873年）より前の日です。{EXAMPLE}"),
        (("西暦", "2026", "9", "2"), f"西暦2026年9月2日は、まだ来ていない日です。{EXAMPLE}"),
        (
            ("令和", "8", "9", "2"),
            "令和8年9月2日は、まだ来ていない日です。昭和8年、平成8年、大正8年ではありませんか。",
        ),
        (("令和", "50", "4", "1"), "令和50年4月1日は、まだ来ていない日です。昭和50年ではありませんか。"),
        (("昭和", "64", "2", "1"), "昭和64年2月1日はありません。平成元年2月1日ではありませんか。"),
        (("昭和", "110", "5", "5"), "昭和110年5月5日はありません。元号を確かめてください。"),
        (("昭和", "1950", "4", "1"), "昭和1950年はありません。西暦のときは、元号を「西暦」にしてください。"),
        (("平成", "S25", "4", "1"), "元号が2つあります。どちらか1つにしてください。"),
        (("", "25", "4", "1"), f"元号がないと、何年かわかりません。{EXAMPLE}"),
        (("昭和", "", "4", "1"), EXAMPLE),
        (("昭和", "二五", "4", "1"), EXAMPLE),
        (("昭和", "25", "-4", "1"), EXAMPLE),
        (("昭和", "25", "4", "元"), EXAMPLE),
        (("慶応", "3", "4", "1"), EXAMPLE),
    ],
)
def test_what_is_no_birth_date_is_refused_with_a_sentence_of_its_own(typed, sentence):
    assert refusal(*typed) == sentence


@pytest.mark.parametrize(
    "typed",
    [
        ("", "昭和25年", "4", "1"),
        ("昭和", "S 25", "4", "1"),
        ("", "ｓ２５", "4", "1"),
        ("", "1950", "4", "1"),
    ],
)
def test_the_era_may_stand_before_the_year(typed):
    assert read(*typed) == date(1950, 4, 1)


def test_most_were_born_in_showa_and_find_it_first():
    assert era.ERA_NAMES[0] == "昭和"
    assert sorted(era.ERA_NAMES) == sorted([*(each.name for each in era.ERAS), era.SEIREKI])


@settings(max_examples=100, deadline=None)
@given(day=st.dates(era.EARLIEST, TODAY))
def test_every_day_reads_back_as_it_was_written(day):
    written = era.era_of(day)
    assert read(written.name, str(written.year_of(day)), str(day.month), str(day.day)) == day
    assert read("西暦", str(day.year), str(day.month), str(day.day)) == day


@settings(max_examples=100, deadline=None)
@given(
    chosen=st.sampled_from([*era.ERA_NAMES, "S", "x", ""]),
    typed=st.tuples(*[st.text(alphabet="0123456789元年月日 -", max_size=5)] * 3),
)
def test_whatever_is_typed_gives_a_day_of_the_past_or_a_sentence(chosen, typed):
    with suppress(ImpossibleDate):
        assert era.EARLIEST <= read(chosen, *typed) <= TODAY


def test_days_are_written_by_era():
    assert era.era_date(date(2026, 9, 1)) == "令和8年9月1日"
    assert era.era_date(date(2019, 5, 1)) == "令和元年5月1日"
    assert era.era_date(date(1926, 12, 25)) == "昭和元年12月25日"
    assert era.era_date_weekday(date(2026, 9, 1)) == "令和8年9月1日(火)"
    assert era.short_era(date(2027, 3, 31)) == "R9.3.31"
    with pytest.raises(ValueError, match="Gregorian"):
        era.era_date(date(1872, 12, 31))


def test_days_and_times_are_written_for_each_reader():
    visit = datetime(2026, 12, 15, 1, 30, tzinfo=UTC)
    assert era.citizen_day(date(2026, 12, 15)) == "12月15日（火）"
    assert era.citizen_datetime(visit) == "12月15日（火）午前10時30分"
    assert era.staff_day(date(2026, 12, 15)) == "12/15(火)"
    assert era.staff_datetime(visit) == "12/15(火) 10:30"
    assert era.citizen_time(time(0, 0)) == "午前0時"
    assert era.citizen_time(time(12, 0)) == "正午"
    assert era.citizen_time(time(12, 30)) == "午後0時30分"
    assert era.citizen_time(time(16, 0)) == "午後4時"
    with pytest.raises(ValueError, match="time zone"):
        era.staff_datetime(visit.replace(tzinfo=None))
