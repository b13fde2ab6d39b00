"""Reminder calls to people without mail, on the business day before."""

from dataclasses import replace

import pytest
from support.people import HANAKO, TARO, somebody
from support.secretariat import book, member
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.phones import show_phone
from madoguchi.reservations.models import ReminderCall
from madoguchi.reservations.selectors import reminder_calls
from madoguchi.workflows.booking import changes

pytestmark = pytest.mark.usefixtures("city")
DAY = "2026-12-15"
LIST = f"/operator/calls/?day={DAY}"


def send(staff, made, outcome, after=0):
    data = {"reservation": made.id, "after": after, "outcome": outcome, "day": DAY}
    return staff.post("/operator/calls/", data)


def test_people_without_mail_are_listed_with_the_number_masked_and_on_record(staff):
    made = book(TARO)
    book(HANAKO, hour=11)
    html = page(staff.get(LIST))
    assert "博多　太郎" in html
    assert "福岡　花子" not in html
    assert show_phone(TARO.phone) not in html
    entry = AuditEntry.objects.get(action="reservations.list.viewed")
    assert entry.target == f"reservation:{made.id}"


def test_the_day_is_the_next_business_day_unless_another_is_asked_for(staff):
    with clock.travel(clock.at(clock.today().replace(month=12, day=11), clock.MIDNIGHT)):
        staff.force_login(member(Role.OPERATOR, "friday"))
        assert "12/14(月)" in page(staff.get("/operator/calls/"))
    assert "11/25(水)" in page(staff.get("/operator/calls/?day=nonsense"))


def test_the_bar_says_how_many_are_left(staff):
    book(TARO)
    with clock.travel(clock.at(clock.today().replace(month=12, day=14), clock.MIDNIGHT)):
        staff.force_login(member(Role.OPERATOR, "monday"))
        assert "前日の電話連絡 <b>1</b>件" in page(staff.get("/operator/"))


def test_one_number_is_shown_on_record_with_what_to_say(staff):
    made = book(TARO)
    html = page(staff.get(f"{LIST}&open={made.id}"))
    assert show_phone(TARO.phone) in html
    assert "博多　太郎様でしょうか" in html
    assert "12月15日（火）午前10時30分に、星見東郵便局のご予約" in html
    entry = AuditEntry.objects.get(action="reservations.reservation.revealed")
    assert entry.detail == {"what": "phone", "reason": "CALL"}
    assert not ReminderCall.objects.exists()


def test_the_outcome_of_a_call_is_recorded_once(staff):
    made = book(TARO)
    assert send(staff, made, "absent").url == f"{LIST}&done={made.id}"
    send(staff, made, "absent")
    assert "不在 1回" in page(staff.get(LIST))
    send(staff, made, "reached", after=1)
    assert "つながった" in page(staff.get(LIST))
    (row,) = reminder_calls(day=clock.today().replace(month=12, day=15), scope=EVERYWHERE)
    assert (row.tries, row.reached) == (2, True)


def test_a_slip_is_taken_back_once_and_on_record(staff):
    made = book(TARO)
    html = page(staff.get(send(staff, made, "reached").url))
    assert f"{TARO.name}「つながった」を取り消す" in html
    assert send(staff, made, "undo", after=1).url == f"{LIST}&open={made.id}"
    send(staff, made, "undo", after=1)
    assert "未連絡" in page(staff.get(LIST))
    assert AuditEntry.objects.filter(action="reservations.reminder_call.undone").count() == 1
    assert "を取り消す" not in page(staff.get(f"{LIST}&done={made.id}"))


def test_the_keyboard_goes_on_with_the_next_who_was_not_reached(staff):
    rows = [book(somebody(number), hour=9 + number) for number in range(3)]
    assert focused(staff.get(LIST)) == somebody(0).name
    assert focused(staff.get(f"{LIST}&open={rows[1].id}")) == somebody(1).name
    assert focused(staff.get(send(staff, rows[1], "absent").url)) == somebody(2).name
    assert focused(staff.get(send(staff, rows[2], "reached").url)) == somebody(0).name


def focused(answer):
    return page(answer).partition(" autofocus>")[2].partition("<")[0]


def test_a_call_to_a_cancelled_visit_is_not_recorded(staff):
    made = book(TARO)
    changes.cancel(reservation_id=made.id, actor=SYSTEM, channel="PHONE")
    html = page(
        staff.post(
            "/operator/calls/", {"reservation": made.id, "after": 0, "outcome": "reached"}, follow=True
        )
    )
    assert "すでに取り消されています" in html


def test_nonsense_is_passed_over(staff):
    book(TARO)
    answer = staff.post("/operator/calls/", {"reservation": "x", "after": "-1", "outcome": "?", "day": "x"})
    assert answer.status_code == 200
    assert not ReminderCall.objects.exists()


def test_the_paper_holds_those_left_and_is_on_record(staff):
    made, done = book(TARO), book(somebody(1), hour=11)
    send(staff, done, "reached")
    answer = staff.post("/operator/calls/print/", {"day": DAY})
    assert answer.content.startswith(b"%PDF")
    entry = AuditEntry.objects.get(action="reservations.list.exported")
    assert entry.target == f"reservation:{made.id}"
    assert entry.detail == {"file": "call_list", "reason": "CALL", "people": 1}
    assert staff.get("/operator/calls/print/").status_code == 405


def test_a_name_that_cannot_be_printed_does_not_stop_the_paper(staff):
    book(replace(TARO, name="博多　\U000323b0郎"))
    assert staff.post("/operator/calls/print/", {"day": DAY}).content.startswith(b"%PDF")


def test_a_day_without_calls_has_a_paper(staff):
    assert staff.post("/operator/calls/print/", {"day": DAY}).content.startswith(b"%PDF")


def test_an_empty_day_says_so(staff):
    assert "電話する方はいません" in page(staff.get(LIST))


def test_more_people_to_call_take_no_more_queries(staff, django_assert_max_num_queries):
    for number in range(3):
        book(somebody(number), hour=9 + number)
    with django_assert_max_num_queries(40) as few:
        staff.get(LIST)
    for number in range(3, 7):
        book(somebody(number), hour=9 + number)
    with django_assert_max_num_queries(len(few)):
        staff.get(LIST)
