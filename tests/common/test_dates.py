"""The one reader of typed days: every writing of a day, short years, months and days alone."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.common import births, era
from madoguchi.common.births import TooYoung, UnlikelyAge
from madoguchi.common.dates import (
    UnclearDate,
    card_dates,
    find_date,
    is_short,
    nearest_year,
    read_date,
    read_text,
    split_date,
    visit_dates,
)

TODAY = date(2026, 11, 30)
CARD = card_dates(TODAY)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
todays = st.dates(date(2024, 2, 29), date(2031, 12, 31))


def refusal(text, **kwargs):
    with pytest.raises(UnclearDate) as refused:
        read_text(text, CARD, **kwargs)
    return refused.value.message


@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-20",
        "2026―12─20",
        "令和8年（2026年）12月20日",
        "2026年（令和8年）12月20日",
        "2026（R8）年12月20日（日）",
        "2026/12/20",
        "2026.12.20",
        "2026年12月20日",
        "２０２６年１２月２０日",
        "2026 12 20",
        "2026−12−20",
        "20261220",
        "西暦2026年12月20日",
        "令和8年12月20日",
        "令和８年１２月２０日(日)",
        " 令和 8 年 12 月 20 日 ",
        "R8.12.20",
        "r8/12/20",
        "Ｒ８．１２．２０",
        "R 8 12 20",
        "8-12-20",
        "8年12月20日",
        "26-12-20",
        "0026-12-20",
        "0008-12-20",
        "2026\u200b-12-20\ufeff",
    ],
)
def test_a_day_is_read_however_it_is_written(typed):
    assert read_text(typed, CARD) == date(2026, 12, 20)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("17-1-20", "17年は、令和17年（2035年）とも、2017年とも読めます。"),
        ("18-1-20", "18年は、令和18年（2036年）とも、2018年とも読めます。"),
        ("50-1-20", "50年だけでは、いつの年かわかりません。"),
        ("0-1-20", "0年だけでは、いつの年かわかりません。"),
        # 令和 began in May: its first year had no January.
        ("1-1-20", "1年だけでは、いつの年かわかりません。"),
        ("128-1-20", "西暦の年は、2027 のように4桁で入力してください。"),
        ("2027-2-30", "西暦2027年2月30日はありません。この年の2月は、28日までです。"),
        ("8-2-30", "令和8年2月30日はありません。この年の2月は、28日までです。"),
        ("2035-13-1", "西暦2035年13月1日はありません。月は、1から12までの数字で入力してください。"),
        ("令和2026年1月1日", "令和2026年はありません。西暦のときは、元号を「西暦」にしてください。"),
        ("平成31年5月1日", "平成31年5月1日はありません。令和元年5月1日ではありませんか。"),
        ("平成38年12月20日", "平成38年12月20日はありません。令和8年12月20日ではありませんか。"),
    ],
)
def test_what_is_no_day_or_may_be_two_is_refused_with_a_sentence(typed, sentence):
    assert refusal(typed) == sentence


def test_a_day_out_of_the_range_is_refused_with_the_range():
    assert refusal("2048-1-20").startswith("2048年1月20日は、ここに入力できる日ではありません。")
    assert "2016年11月30日から2037年11月30日までの日を入力してください。" in refusal("2048-1-20")


@pytest.mark.parametrize(
    "typed", ["明日", "12", "12/3", "8-12", "2027-2-3ごろ", "令和8年（2027年）12月20日", "慶応3年1月1日"]
)
def test_what_is_no_date_is_refused_with_the_example(typed):
    assert refusal(typed) == "日付は、2027年2月3日 のように入力してください。"


@settings(max_examples=300, deadline=None)
@given(today=todays, years=st.integers(0, 99), day=st.dates(date(2024, 1, 1), date(2024, 12, 31)))
def test_a_year_of_two_digits_is_read_only_where_one_reading_is_near(today, years, day):
    near = card_dates(today)
    readings = set()
    for year in (2018 + years if years else 0, 2000 + years):
        with suppress(ValueError):
            readings.add(date(year, day.month, day.day))
    readings = {each for each in readings if each in near and each not in _before_reiwa(years)}
    typed = ["", str(years), str(day.month), str(day.day)]
    if len(readings) == 1:
        assert read_date(typed, near) == readings.pop()
    else:
        with pytest.raises(UnclearDate):
            read_date(typed, near)


def _before_reiwa(years):
    """Return the days of the year 2019 that were not yet in 令和1."""
    first = date(2019, 1, 1)
    return {first + timedelta(days=each) for each in range(120)} if years == 1 else set()


@settings(max_examples=200, deadline=None)
@given(today=todays, days=st.integers(-3600, 4000))
def test_every_day_a_card_may_carry_is_read_in_each_of_its_writings(today, days):
    day = today + timedelta(days=days)
    chosen = era.era_of(day)
    year = chosen.year_of(day)
    for written in (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        era.era_date(day),
        era.short_era(day),
        f"{chosen.letter.lower()}{year} {day.month} {day.day}",
    ):
        assert read_text(written, card_dates(today)) == day
    assert not is_short(split_date(day.isoformat()))
    assert is_short(["", f"{day.year % 100}", "1", "1"])


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="0123456789元年月日令和平成昭西暦RHSrhs.-/ 不詳\u200b", max_size=14))
def test_whatever_is_typed_gives_a_day_of_the_range_or_a_sentence(text):
    with suppress(UnclearDate):
        assert read_text(text, CARD) in CARD


@settings(max_examples=200, deadline=None)
@given(today=todays, days=st.integers(-182, 182))
def test_a_month_and_day_alone_are_the_nearest_such_day(today, days):
    day = today + timedelta(days=days)
    for written in (f"{day.month}/{day.day}", f"{day.month}月{day.day}日"):
        assert read_text(written, visit_dates(today), yearless=nearest_year(today)) == day


WORDS = {"おととい": -2, "昨日": -1, "きょう": 0, "本日": 0, "あした": 1, "あす": 1, "明日": 1, "あさって": 2}


@settings(max_examples=200, deadline=None)
@given(
    today=todays,
    days=st.integers(0, 27),
    shape=st.sampled_from(["{}日", "{} 日", "{}日（木）", "{}日 木曜日"]),
)
def test_a_number_alone_is_the_next_such_day_from_today_on(today, days, shape):
    day = today + timedelta(days=days)
    typed = shape.format(day.day)
    for written in (typed, typed.translate(FULL_WIDTH)):
        found = read_text(written, visit_dates(today), yearless=nearest_year(today), today=today)
        assert found == day, "no earlier day from today on has this number"


@settings(max_examples=100, deadline=None)
@given(today=todays, word=st.sampled_from(sorted(WORDS)))
def test_a_word_for_a_day_counts_from_today(today, word):
    assert read_text(f" {word} ", visit_dates(today), today=today) == today + timedelta(days=WORDS[word])


@pytest.mark.parametrize("typed", ["0日", "32日", "３", "3月", "しあした"])
def test_what_names_no_day_near_today_is_refused(typed):
    assert refusal(typed, yearless=nearest_year(TODAY), today=TODAY) == UnclearDate.message


@pytest.mark.parametrize("typed", ["3日", "あした"])
def test_without_today_a_day_needs_its_month(typed):
    assert refusal(typed)


def test_a_day_that_no_near_year_has_is_not_guessed():
    assert "いつの年か" in refusal("2/29", yearless=nearest_year(TODAY))


@pytest.mark.parametrize("text", ["090-1234-5678", "K7MT-AWX-R74", "27-1-20", "12/3", "フクオカ"])
def test_a_text_without_a_full_year_holds_no_birth_date(text):
    assert find_date(text) is None


def asked(name, year, month=4, day=1, **changes):
    born = era.parse_birth_date(name, str(year), str(month), str(day), TODAY)
    facts = {"today": TODAY, "visit_on": TODAY, "least": 15} | changes
    return births.refuse_unlikely_age(name, str(year), born, **facts)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("令和", 5), "令和5年では3歳です。昭和5年、平成5年、大正5年ではありませんか。"),
        (("平成", 25), "平成25年では13歳です。昭和25年ではありませんか。"),
        (("西暦", 2015), "西暦2015年では11歳です。元号と年を確かめてください。"),
        (("令和", 8), "令和8年では0歳です。昭和8年、平成8年、大正8年ではありませんか。"),
    ],
)
def test_the_form_asks_about_a_birth_date_that_is_too_young_with_a_likely_age_for_each_era(typed, sentence):
    with pytest.raises(TooYoung) as refused:
        asked(*typed)
    ward = "手続きの日に15歳未満の方は、お住まいの区の区役所で受け付けています。"
    assert refused.value.message == sentence + ward


def test_the_form_asks_about_a_birth_date_older_than_anybody_as_well():
    with pytest.raises(UnlikelyAge) as refused:
        asked("明治", 8)
    assert refused.value.message == "明治8年では151歳です。昭和8年、平成8年、大正8年ではありませんか。"


def test_the_form_asks_nothing_when_the_person_is_old_enough_on_the_day_of_the_visit():
    asked("平成", 23, 12, 16, visit_on=date(2026, 12, 16))
    with pytest.raises(TooYoung):
        asked("平成", 23, 12, 16, visit_on=date(2026, 12, 15))


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(era.ERA_NAMES[:-1]),
    years=st.integers(1, 64),
    day=st.dates(date(2024, 1, 1), date(2024, 12, 31)),
    least=st.integers(15, 20),
)
def test_an_offered_era_is_always_right(name, years, day, least):
    chosen = era.era_named(name)
    offers = era.same_year_in_other_eras(
        chosen, years, day.month, day.day, TODAY, ages=range(least, era.MAX_AGE_YEARS + 1)
    )
    for offer in offers:
        other = offer[:2]
        assert other != name
        born = era.parse_birth_date(other, str(years), str(day.month), str(day.day), TODAY)
        births.refuse_unlikely_age(other, str(years), born, today=TODAY, visit_on=TODAY, least=least)
