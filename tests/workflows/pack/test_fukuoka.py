"""Fukuoka's own pack, without a database."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from madoguchi.contract.kinds import ProcedureCode
from madoguchi.contract.rows import CalendarDayRow, GuidanceRow, PostalAreaRow, ProcedureRow
from madoguchi.contract.rules import RULES, slots_needed
from madoguchi.workflows.pack import entries
from madoguchi.workflows.pack.loading import read_pack

FUKUOKA = Path(settings.BASE_DIR) / "programs" / "fukuoka"


@pytest.fixture(scope="module")
def fukuoka():
    return read_pack(FUKUOKA)


def test_fukuoka_has_36_offices_in_three_waves_of_12_all_marked_as_stand_ins(fukuoka):
    rows = fukuoka.of(entries.OfficeEntry)
    assert [row.code for row in rows] == [f"PO{number:02}" for number in range(1, 37)]
    assert [sum(row.wave == wave for row in rows) for wave in "123"] == [12, 12, 12]
    assert all(row.is_demo for row in rows)
    known = {row.postal_code: row.ward for row in fukuoka.of(PostalAreaRow)}
    assert all(known[row.postal_code] == row.ward for row in rows)


def test_fukuoka_writes_down_every_rule_so_that_the_city_sees_what_it_decides(fukuoka):
    assert {row.rule for row in fukuoka.of(entries.RuleEntry) if not row.scope} == RULES.keys()


def test_fukuokas_388_postal_codes_each_have_one_ward_and_a_place(fukuoka):
    rows = {row.postal_code: row for row in fukuoka.of(PostalAreaRow)}
    assert len(rows) == 388
    assert (rows["8111102"].branch, rows["8190367"].branch, rows["8140006"].branch) == (
        "IRUBE",
        "SEIBU",
        None,
    )
    assert all(33.4 < row.latitude < 33.9 and 130.0 < row.longitude < 130.6 for row in rows.values())


def test_fukuokas_city_hall_works_on_the_days_the_contract_counts(fukuoka):
    closed = {row.day for row in fukuoka.of(CalendarDayRow) if row.calendar == "CITY"}
    days = [
        date.fromordinal(day) for day in range(date(2026, 8, 1).toordinal(), date(2027, 4, 1).toordinal())
    ]
    works = [day for day in days if day.weekday() < 5 and day not in closed]
    by_month = [sum(day.month == month for day in works) for month in (8, 9, 10, 11, 12, 1, 2, 3)]
    assert by_month == [20, 19, 21, 19, 20, 19, 18, 22]
    offices_work = {row.day for row in fukuoka.of(CalendarDayRow) if row.calendar == "OFFICE"}
    assert date(2026, 12, 29) in closed - offices_work


def test_fukuokas_visits_take_one_slot_or_two(fukuoka):
    rows = {row.code: row for row in fukuoka.of(ProcedureRow)}
    assert {code for code, row in rows.items() if not row.is_enabled} == {"PIN_CHANGE"}
    assert slots_needed([rows["CERT_RENEW"], rows["PIN_RESET"]], 30) == 1
    assert slots_needed([rows["CERT_ISSUE"], rows["FACE_CHANGE"]], 30) == 2
    assert set(rows) == set(ProcedureCode)


def test_fukuokas_texts_name_the_numbers_of_its_rules(fukuoka):
    rules = {row.rule: row.value for row in fukuoka.of(entries.RuleEntry) if not row.scope}
    texts = [row.title + row.body for row in fukuoka.of(GuidanceRow)]
    texts += [row.explanation for row in fukuoka.of(ProcedureRow)]
    said = "\n".join(texts)
    assert set(re.findall(r"(\d+)歳(?!まで)", said)) == {str(rules["min_age"])}
    assert set(re.findall(r"(\d+)歳まで", said)) == {str(rules["min_age"] - 1)}
    assert set(re.findall(r"(\d+)か月前", said)) == {str(rules["renewal_window_months"])}


def test_no_text_of_fukuoka_names_a_deadline_that_may_be_over(fukuoka):
    bodies = {(row.language, row.kind): row.body for row in fukuoka.of(entries.MailTextEntry)}
    assert [key for key, body in bodies.items() if "{change_until}" in body or "{cancel_until}" in body] == []


def test_fukuokas_words_to_citizens_are_plain(fukuoka):
    told = {
        row.name: row.title + row.body
        for row in fukuoka.of(GuidanceRow)
        if not row.name.startswith("script.")
    }
    told |= {row.kind: row.subject + row.body for row in fukuoka.of(entries.MailTextEntry)}
    for word in ("来局", "実在性", "不備", "満員", "キャンセル", "予約確定"):
        assert [name for name, text in told.items() if word in text] == []
