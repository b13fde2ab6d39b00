from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.common.calendar import Calendar, add_months

CITY = Calendar(
    "福岡市",
    frozenset({5, 6}),
    {date(2026, 9, 21): "敬老の日", date(2026, 9, 22): "国民の休日", date(2026, 9, 23): "秋分の日"},
    frozenset({date(2026, 9, 26)}),
)

days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
calendars = st.builds(
    Calendar,
    st.just("ある郵便局"),
    st.frozensets(st.integers(0, 6), max_size=5),
    st.dictionaries(st.dates(date(2026, 12, 20), date(2027, 1, 10)), st.sampled_from(["年末年始", ""])),
    st.frozensets(st.dates(date(2026, 12, 20), date(2027, 1, 10)), max_size=3),
)


def test_a_closure_says_why():
    assert CITY.why_closed(date(2026, 9, 21)) == "敬老の日"
    assert CITY.why_closed(date(2026, 9, 19)) == "土曜日"
    assert CITY.why_closed(date(2026, 9, 18)) == ""
    assert Calendar("x", closed={date(2026, 9, 18): ""}).why_closed(date(2026, 9, 18)) == "休業日"


def test_an_opened_saturday_is_open():
    assert CITY.is_open(date(2026, 9, 26))


def test_business_days_step_over_closures():
    friday = date(2026, 9, 18)
    assert CITY.shift(friday, 1) == date(2026, 9, 24)
    assert CITY.shift(date(2026, 9, 24), -1) == friday
    assert CITY.shift(date(2026, 9, 19), 0) == date(2026, 9, 19)
    assert CITY.shift(date(2026, 9, 19), 1) == date(2026, 9, 24)
    assert CITY.next_open(date(2026, 9, 19)) == date(2026, 9, 24)
    assert CITY.next_open(friday) == friday


def test_a_calendar_without_an_open_day_is_a_mistake_not_an_endless_search():
    never = Calendar("休み", frozenset(range(7)))
    with pytest.raises(ValueError, match="no open day"):
        never.next_open(date(2026, 9, 1))


@settings(max_examples=60, deadline=None)
@given(calendar=calendars, day=days, steps=st.integers(1, 15))
def test_shifting_counts_open_days(calendar, day, steps):
    there = calendar.shift(day, steps)
    passed = [day + timedelta(days=n) for n in range(1, (there - day).days + 1)]
    assert sum(map(calendar.is_open, passed)) == steps
    assert calendar.is_open(there)
    assert calendar.shift(there, -steps) <= day


@settings(max_examples=60, deadline=None)
@given(calendar=calendars, day=days)
def test_open_means_no_reason_to_be_closed(calendar, day):
    assert calendar.is_open(day) == (calendar.why_closed(day) == "")
    assert day <= calendar.next_open(day)


@settings(max_examples=60, deadline=None)
@given(day=days, months=st.integers(-120, 120))
def test_months_are_added_up_to_the_end_of_the_month(day, months):
    there = add_months(day, months)
    assert (there.year - day.year) * 12 + there.month - day.month == months
    assert there.day == day.day or (there.day < day.day and (there + timedelta(days=1)).day == 1)


def test_the_last_of_january_leads_to_the_last_of_february():
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2028, 3, 31), -1) == date(2028, 2, 29)
    assert add_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
