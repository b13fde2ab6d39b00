"""The contract in the database: rules with effective dates, calendars, cheap reads."""

import re
from dataclasses import fields
from datetime import date, datetime, timedelta

import pytest
from cachetools import TTLCache
from django.db import IntegrityError, connection, transaction
from support.people import SECRETARIAT

from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.selectors import entries_about
from madoguchi.common import cache
from madoguchi.common.cache import cached, clear_caches
from madoguchi.common.calendar import JST
from madoguchi.common.forbidden import ForbiddenValue
from madoguchi.contract import models, selectors
from madoguchi.contract.errors import NoProgramLoaded, RuleNotValid, StillInUse
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.rows import (
    BelongingRow,
    CalendarDayRow,
    CalendarRow,
    GuidanceRow,
    ProcedureRow,
    WardRow,
)
from madoguchi.contract.rules import BookingRules
from madoguchi.contract.selectors import TABLES, booking_rules, rule_history
from madoguchi.contract.services import decide_rule, put_rows, remove_row

pytestmark = pytest.mark.django_db

START = datetime(2026, 10, 1, tzinfo=JST)
LATER = datetime(2026, 12, 1, tzinfo=JST)
MOMENT = timedelta(microseconds=1)
WARD = WardRow(
    code="992011",
    name="星見",
    counter_name="窓口",
    postal_code="9990001",
    address="本町",
    phone="099-000-0001",
    hours="平日",
)


def decide(key="register_days", value=3, since=START, scope="", actor=SECRETARIAT, **more):
    decide_rule(key=key, scope=scope, value=value, effective_from=since, actor=actor, **more)


def test_without_any_decision_the_defaults_hold():
    assert booking_rules(START) == BookingRules()


def test_a_rule_holds_from_its_instant_on_and_not_before():
    decide(value=3, since=START)
    decide(value=7, since=LATER)
    assert booking_rules(START - MOMENT).register_days == BookingRules().register_days
    assert booking_rules(START).register_days == 3
    assert booking_rules(LATER - MOMENT).register_days == 3
    assert booking_rules(LATER).register_days == 7


def test_the_later_of_two_decisions_for_one_instant_wins():
    decide(value=3)
    decide(value=4)
    assert booking_rules(START).register_days == 4


def test_an_office_may_differ_from_the_program_and_only_it():
    decide(value=3, since=LATER)
    decide(value=9, since=START, scope="PO16")
    assert booking_rules(LATER).register_days == 3
    assert booking_rules(LATER, "PO16").register_days == 9
    assert booking_rules(LATER, "PO17").register_days == 3


@pytest.mark.parametrize(
    ("key", "value"),
    [("ask_sex", True), ("renewal_window_months", 6), ("draft_minutes", 30), ("relay_time", "9:00")],
)
def test_what_is_decided_before_there_is_an_office_cannot_differ_at_one(key, value):
    with pytest.raises(RuleNotValid, match="局ごとには決められません"):
        decide(key=key, value=value, scope="PO16")
    models.Rule.objects.create(
        key=key, scope="PO16", value=value, effective_from=START, decided_by="staff:1", created_at=START
    )
    assert booking_rules(LATER, "PO16") == BookingRules()


def test_a_rule_that_this_release_does_not_know_is_passed_over():
    models.Rule.objects.create(
        key="dropped", value=1, effective_from=START, decided_by="staff:1", created_at=START
    )
    assert booking_rules(LATER) == BookingRules()


def test_a_decision_is_on_record_with_who_and_why():
    decide(value="16:00", key="register_time", note="会議で決めた")
    version = rule_history()[0]
    assert (version.key, version.value, version.decided_by, version.note) == (
        "register_time", "16:00", "staff:8", "会議で決めた",
    )  # fmt: skip
    entry = entries_about("rule:register_time")[0]
    assert (entry.actor, entry.action, entry.detail["value"]) == ("staff:8", "contract.rule.decided", "16:00")


def test_the_history_of_an_office_is_its_own_and_latest_first():
    decide(value=3, since=START, scope="PO16")
    decide(value=4, since=LATER, scope="PO16")
    decide(value=5)
    assert [version.value for version in rule_history("PO16")] == [4, 3]


def test_a_wrong_value_or_a_forbidden_note_writes_nothing():
    with pytest.raises(RuleNotValid):
        decide(value=-1)
    with pytest.raises(ForbiddenValue):
        decide(note="番号は 123456789018 です")
    assert not models.Rule.objects.exists()


@pytest.mark.parametrize("verb", ["UPDATE contract_rule SET note = ''", "DELETE FROM contract_rule"])
def test_the_database_refuses_to_change_or_remove_a_decision(verb):
    decide()
    with pytest.raises(IntegrityError, match="versions are added"), transaction.atomic():
        connection.cursor().execute(verb)


def test_the_database_refuses_a_second_program(city):
    program = models.Program.objects.get()
    program.code, program._state.adding = "other", True
    with pytest.raises(IntegrityError), transaction.atomic():
        program.save(force_insert=True)


def test_rows_that_exist_are_replaced_and_others_stay():
    put_rows(kind=WardRow, rows=[WARD])
    other = WardRow(**{**_values(WARD), "code": "992038", "name": "隣"})
    put_rows(kind=WardRow, rows=[WardRow(**{**_values(WARD), "name": "星見市"}), other])
    assert [row.name for row in selectors.wards()] == ["星見市", "隣"]


def _values(row):
    return {each.name: getattr(row, each.name) for each in fields(row)}


def test_a_row_that_something_refers_to_stays(city):
    with pytest.raises(StillInUse):
        remove_row(kind=WardRow, row={"code": "992038"})
    assert len(selectors.wards()) == 2


def test_a_calendar_knows_its_weekdays_holidays_and_extra_days():
    put_rows(kind=CalendarRow, rows=[CalendarRow(code="CITY", name="市役所", closed_weekdays=(5, 6))])
    days = {date(2026, 11, 3): False, date(2026, 11, 7): True}
    put_rows(
        kind=CalendarDayRow,
        rows=[
            CalendarDayRow(calendar="CITY", day=day, is_open=is_open, reason="文化の日")
            for day, is_open in days.items()
        ],
    )
    calendar = selectors.calendar(CalendarCode.CITY)
    assert (calendar.name, calendar.why_closed(date(2026, 11, 3))) == ("市役所", "文化の日")
    assert calendar.is_open(date(2026, 11, 7))  # a Saturday, opened
    assert calendar.why_closed(date(2026, 11, 8)) == "日曜日"


def test_a_calendar_without_a_single_day_is_a_calendar():
    put_rows(kind=CalendarRow, rows=[CalendarRow(code="VENUE", name="会場", closed_weekdays=())])
    assert selectors.calendar(CalendarCode.VENUE).is_open(date(2027, 1, 1))


@pytest.mark.parametrize("read", [selectors.program, lambda: selectors.calendar(CalendarCode.CITY)])
def test_an_empty_database_says_that_nothing_is_loaded(read):
    with pytest.raises(NoProgramLoaded):
        read()


def test_belongings_follow_the_set_of_procedures_without_repeats():
    def thing(code, *procedures):
        place = len(things)
        things.append(
            BelongingRow(code=code, text=code, hint="", procedures=tuple(procedures), position=place)
        )

    things: list[BelongingRow] = []
    thing("CARD")
    thing("DOCUMENT", "PIN_RESET", "PIN_CHANGE")
    thing("FILED", "FACE_CHANGE")
    put_rows(kind=BelongingRow, rows=things)

    def codes(*procedures):
        return [row.code for row in selectors.belongings_for(procedures)]

    assert codes() == ["CARD"]
    assert codes("PIN_CHANGE", "PIN_RESET") == ["CARD", "DOCUMENT"]
    assert codes("FACE_CHANGE", "PIN_RESET") == ["CARD", "DOCUMENT", "FILED"]


def test_guidance_is_found_by_name_or_by_what_stands_above_it():
    names = ["faq.fee", "faq.who", "faqs", "privacy"]
    put_rows(
        kind=GuidanceRow,
        rows=[
            GuidanceRow(name=name, language="ja", title=name, body=name, position=-place % 9)
            for place, name in enumerate(names)
        ],
    )
    assert [row.name for row in selectors.guidance("faq")] == ["faq.fee", "faq.who"]
    assert [row.name for row in selectors.guidance("privacy")] == ["privacy"]


def test_a_text_missing_in_a_language_comes_in_japanese():
    rows = [
        ("faq.fee", "ja", "費用"),
        ("faq.who", "ja", "だれ"),
        ("faq.who", "en", "Who"),
        ("faq.old", "en", "x"),
    ]
    put_rows(
        kind=GuidanceRow,
        rows=[GuidanceRow(name=n, language=code, title=t, body=t, position=1) for n, code, t in rows],
    )
    titles = [row.title for row in selectors.guidance("faq", language="en")]
    assert sorted(titles) == ["Who", "費用"]


def test_a_procedure_that_is_switched_off_is_not_offered():
    rows = [
        ProcedureRow(
            code=code, name=code, short_name=code, explanation=code, minutes_alone=30, minutes_beside=0,
            is_enabled=code != "PIN_CHANGE", position=place,
        )
        for place, code in enumerate(["CERT_RENEW", "PIN_CHANGE"])
    ]  # fmt: skip
    put_rows(kind=ProcedureRow, rows=rows)
    assert [row.code for row in selectors.procedures()] == ["CERT_RENEW"]
    assert len(selectors.procedures(enabled_only=False)) == 2


def test_an_unknown_postal_code_is_no_error(city):
    assert selectors.postal_area("0000000") is None


def test_each_read_is_one_query_and_then_none(city, django_assert_num_queries):
    reads = [
        selectors.program, selectors.waves, selectors.wards, selectors.procedures,
        lambda: selectors.calendar(CalendarCode.CITY), lambda: selectors.belongings_for(["PIN_RESET"]),
        lambda: booking_rules(START, "HM01"),
    ]  # fmt: skip
    # The pack's texts and those the city approved are two tables.
    for read, queries in [*((read, 1) for read in reads), (lambda: selectors.guidance("faq"), 2)]:
        clear_caches()
        with django_assert_num_queries(queries):
            assert read() == read()


def test_what_is_remembered_is_forgotten_after_a_moment(monkeypatch):
    asked, clock = [], [100.0]
    answers = TTLCache(9, cache.CACHE_SECONDS, timer=lambda: clock[0])
    monkeypatch.setattr(cache, "_shared", cache._Store(reads=answers))
    read = cached(lambda: asked.append(1) or len(asked))
    assert (read(), read()) == (1, 1)
    clock[0] += cache.CACHE_SECONDS
    assert read() == 2


def test_a_write_is_seen_at_once_by_who_wrote_it():
    assert selectors.wards() == ()
    put_rows(kind=WardRow, rows=[WARD])
    assert selectors.wards() == (WARD,)
    remove_row(kind=WardRow, row={"code": WARD.code})
    assert selectors.wards() == ()


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_a_row_has_the_columns_of_its_table_and_no_text_too_long_for_it(kind):
    columns = {field.name: field for field in TABLES[kind]._meta.concrete_fields}
    assert set(kind.columns()) == columns.keys() - {"id", "is_the_one"}
    for each in fields(kind):
        room = getattr(columns[each.name], "max_length", None)
        if room and "pattern" in each.metadata:
            too_long = ["あ" * (room + 1), "A" * (room + 1), "a" * (room + 1), "https://" + "a" * room]
            too_long += ["ja-" + "a" * room, "01234-1234-1234"]
            for text in too_long:
                assert len(text) <= room or not re.fullmatch(each.metadata["pattern"], text)


def test_the_pack_is_the_systems_own_doing_in_the_audit_trail():
    decide(actor=SYSTEM)
    assert entries_about("rule:register_days")[0].actor == "system"
