"""Deadlines, durations and windows: plain functions, by example and by property."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.common.calendar import JST, Calendar
from madoguchi.contract import rules as r
from madoguchi.contract.errors import RuleNotValid
from madoguchi.contract.kinds import ProcedureCode
from madoguchi.contract.rows import ProcedureRow
from madoguchi.contract.rules import BookingRules

# New Year of 2027: the city rests from 29 December to 3 January.
CITY = Calendar(
    "市役所",
    closed=dict.fromkeys(
        [date(2026, 12, 29) + timedelta(days=step) for step in range(6)] + [date(2027, 1, 11)], "休み"
    ),
)
RULES = BookingRules()
DAY = date(2026, 12, 15)  # a Tuesday


def jst(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=JST)


def test_deadlines_count_back_in_open_days_of_the_city():
    assert r.register_deadline(DAY, RULES, CITY) == jst(12, 8, 17)
    assert r.change_deadline(DAY, RULES, CITY) == jst(12, 8, 17)
    assert r.cancel_deadline(DAY, RULES, CITY) == jst(12, 14, 12)
    assert r.staff_register_deadline(DAY, RULES, CITY) == jst(12, 10, 12)
    assert r.staff_change_deadline(DAY, RULES, CITY) == jst(12, 14, 12)
    assert r.telephone_release(DAY, RULES, CITY) == jst(12, 3, 9)


def test_deadlines_leap_over_new_year():
    after_the_break = date(2027, 1, 5)
    assert r.cancel_deadline(after_the_break, RULES, CITY) == jst(1, 4, 12, year=2027)
    assert r.register_deadline(after_the_break, RULES, CITY) == jst(12, 23, 17)


def test_opening_and_reminders_count_calendar_days():
    assert r.booking_opens(DAY, RULES) == jst(10, 16, 9)
    assert r.reminder_instants(DAY, RULES) == (jst(12, 12, 12, 30), jst(12, 14, 12, 30))


def test_each_deadline_follows_its_own_rule():
    changed = BookingRules(
        register_days=2, register_time=time(16), change_days=3, cancel_days=0, staff_register_days=1
    )
    assert r.register_deadline(DAY, changed, CITY) == jst(12, 11, 16)
    assert r.change_deadline(DAY, changed, CITY) == jst(12, 10, 17)
    assert r.cancel_deadline(DAY, changed, CITY) == jst(12, 15, 12)
    assert r.staff_register_deadline(DAY, changed, CITY) == jst(12, 14, 12)


@given(
    day=st.dates(date(2026, 9, 1), date(2027, 3, 31)),
    days=st.integers(1, 30),
    closed=st.frozensets(st.dates(date(2026, 6, 1), date(2027, 3, 31)), max_size=20),
)
def test_a_deadline_lies_so_many_open_days_before_the_visit(day, days, closed):
    calendar = Calendar("見本", closed=dict.fromkeys(closed, "休み"))
    deadline = r.register_deadline(day, BookingRules(register_days=days), calendar).date()
    passed = [deadline + timedelta(days=step) for step in range((day - deadline).days)]
    assert calendar.is_open(deadline)
    assert sum(calendar.is_open(each) for each in passed) == days


@given(percent=st.integers(0, 100), seats=st.integers(0, 200))
def test_the_telephone_keeps_its_share_of_every_day(percent, seats):
    rules = BookingRules(telephone_percent=percent)
    assert sum(r.is_kept_for_telephone(place, rules) for place in range(seats)) == seats * percent // 100


def test_a_fifth_for_the_telephone_is_spread_over_the_day():
    assert [place for place in range(16) if r.is_kept_for_telephone(place, RULES)] == [4, 9, 14]


def procedures(*codes: str) -> list[ProcedureRow]:
    minutes = {"CERT_RENEW": (30, 0), "CERT_ISSUE": (30, 0), "PIN_RESET": (30, 0), "FACE_CHANGE": (15, 15)}
    return [
        ProcedureRow(
            code=code, name=code, short_name=code, explanation=code, minutes_alone=minutes[code][0],
            minutes_beside=minutes[code][1], is_enabled=True, position=place,
        )
        for place, code in enumerate(codes)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("codes", "minutes", "slots"),
    [
        (["CERT_RENEW"], 30, 1),
        (["CERT_ISSUE"], 30, 1),
        (["PIN_RESET"], 30, 1),
        (["FACE_CHANGE"], 15, 1),
        (["CERT_RENEW", "PIN_RESET"], 30, 1),
        (["CERT_ISSUE", "CERT_RENEW"], 30, 1),
        (["CERT_ISSUE", "FACE_CHANGE"], 45, 2),
        (["PIN_RESET", "FACE_CHANGE"], 45, 2),
        (["CERT_RENEW", "PIN_RESET", "FACE_CHANGE"], 45, 2),
        ([], 0, 1),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else str(value),
)
def test_the_length_of_a_visit_follows_from_the_set(codes, minutes, slots):
    for order in (procedures(*codes), procedures(*reversed(codes))):
        assert r.minutes_needed(order) == minutes
        assert r.slots_needed(order, 30) == slots


@pytest.mark.parametrize(
    ("expiry", "first"),
    [
        (date(2023, 11, 20), date(2023, 8, 21)),
        (date(2026, 7, 17), date(2026, 4, 18)),
        (date(2027, 5, 31), date(2027, 3, 1)),  # three months before is the end of February
        (date(2028, 5, 31), date(2028, 3, 1)),
        (date(2028, 5, 29), date(2028, 3, 1)),
        (date(2027, 5, 28), date(2027, 3, 1)),
        (date(2027, 2, 28), date(2026, 11, 29)),
    ],
    ids=str,
)
def test_a_renewal_can_begin_the_day_after_three_months_before(expiry, first):
    assert r.renewal_opens(expiry, months=3) == first


def test_bookings_are_relayed_by_ten_of_the_next_business_day_and_checked_three_days_before_the_visit():
    friday = date(2026, 12, 11)
    assert r.relay_deadline(friday, RULES, CITY) == jst(12, 14, 10)
    assert r.city_check_day(DAY, RULES, CITY) == date(2026, 12, 10)
    changed = BookingRules(relay_time=time(9), city_check_days=1)
    assert r.relay_deadline(friday, changed, CITY) == jst(12, 14, 9)
    assert r.city_check_day(DAY, changed, CITY) == date(2026, 12, 14)


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("register_days", 4, 4),
        ("register_time", "16:30", time(16, 30)),
        ("register_time", time(16, 30), time(16, 30)),
        ("ask_sex", True, True),
    ],
    ids=str,
)
def test_a_rule_is_read_as_what_it_is_and_written_back(key, value, read):
    assert r.read_rule_value(key, value) == read
    assert r.read_rule_value(key, r.written_rule_value(r.read_rule_value(key, value))) == read


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("no_such_rule", 1),
        ("register_days", "4"),
        ("register_days", True),
        ("register_days", -1),
        ("register_days", 367),
        ("telephone_percent", 101),
        ("register_time", "25:00"),
        ("register_time", "夕方"),
        ("ask_sex", 1),
        ("ask_sex", "yes"),
    ],
    ids=str,
)
def test_a_rule_refuses_what_it_cannot_be(key, value):
    with pytest.raises(RuleNotValid):
        r.read_rule_value(key, value)


def test_every_rule_has_a_name_for_the_screen_and_a_default_within_its_limits():
    for key, kind in r.RULES.items():
        assert kind.label
        assert r.read_rule_value(key, r.written_rule_value(getattr(RULES, key))) == getattr(RULES, key)


def test_all_procedures_of_national_law_are_known():
    assert {"CERT_RENEW", "CERT_ISSUE", "PIN_RESET", "PIN_CHANGE", "FACE_CHANGE"} == set(ProcedureCode)
