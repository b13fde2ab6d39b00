"""Calls about offers to people on the waiting list who have no mail."""

from datetime import date, timedelta

import pytest
from support.crowd import sell_out
from support.people import HANAKO, OPERATOR, TARO, somebody
from support.staff_pages import page

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.reservations import waiting
from madoguchi.reservations.models import Reservation, Wait
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking import changes
from madoguchi.workflows.booking.waiting import enter

pytestmark = pytest.mark.usefixtures("city")
DAY = date(2026, 12, 15)
LIST = "/operator/waiting/"


@pytest.fixture
def visits(city):
    return sell_out(DAY)


def offered(person, visit):
    row = enter(person=person, procedures=("CERT_RENEW",), wish=Wish(("HM01",), DAY, DAY))
    changes.cancel(reservation_id=visit.id, actor=OPERATOR, channel="PHONE")
    assert waiting.wait(row.id, scope=EVERYWHERE).is_open
    return row


def send(staff, row, outcome, after=0):
    return staff.post(LIST, {"wait": row.id, "outcome": outcome, "after": after})


def actions(row):
    entries = AuditEntry.objects.filter(target=f"wait:{row.id}").order_by("pk")
    return list(entries.values_list("action", flat=True))


def test_who_has_no_mail_is_listed_with_the_number_masked_and_on_record(staff, visits):
    row = offered(TARO, visits[0])
    offered(HANAKO, visits[1])
    html = page(staff.get(LIST))
    assert "博多　太郎" in html
    assert f"番号 {show_reference(row.reference)}" in html
    assert "福岡　花子" not in html
    assert show_phone(TARO.phone) not in html
    assert "空き待ち <b>1</b>件" in html
    assert actions(row)[-1] == "reservations.list.viewed"


def test_the_number_is_shown_on_record_with_what_to_say(staff, visits):
    row = offered(TARO, visits[0])
    html = page(staff.get(f"{LIST}?open={row.id}"))
    assert show_phone(TARO.phone) in html
    assert "博多　太郎様でしょうか" in html
    assert "12月15日（火）午前9時、" in html
    assert "reservations.reservation.revealed" in actions(row)


def test_the_earliest_deadline_comes_first(staff, visits):
    with clock.travel(clock.now() + timedelta(minutes=5)):
        offered(somebody(5000), visits[0])
    with clock.travel(clock.now() + timedelta(minutes=1)):
        offered(TARO, visits[1])
    html = page(staff.get(LIST))
    assert html.index("博多　太郎") < html.index(somebody(5000).name)


def test_a_call_in_vain_counts_once_however_often_it_is_pressed(staff, visits):
    row = offered(TARO, visits[0])
    send(staff, row, "absent")
    send(staff, row, "absent")
    assert Wait.objects.get().tries == 1
    assert "不在 1回" in page(staff.get(LIST))
    assert actions(row).count("reservations.wait.called") == 1


def test_a_call_in_vain_is_taken_back_once(staff, visits):
    row = offered(TARO, visits[0])
    assert "「不在」を取り消す" in page(staff.get(send(staff, row, "absent").url))
    send(staff, row, "undo", after=1)
    send(staff, row, "undo", after=1)
    assert Wait.objects.get().tries == 0
    assert actions(row).count("reservations.wait.call_undone") == 1


def test_accepting_an_offer_by_telephone_books_the_seat_and_removes_the_waiting_entry(staff, visits):
    row = offered(TARO, visits[0])
    answer = send(staff, row, "book")
    made = Reservation.objects.get(status="BOOKED", starts_at=visits[0].starts_at)
    assert answer.url == f"/operator/visits/{made.reference}/booked/"
    assert (made.channel, made.booked_by.partition(":")[0]) == ("PHONE", "staff")
    assert staff.get(answer.url).status_code == 200
    assert "電話する方はいません" in page(staff.get(LIST))


def test_declining_an_offer_removes_the_waiting_entry_and_an_expired_offer_is_refused(staff, visits):
    row = offered(TARO, visits[0])
    assert "空き待ちを取りやめました" in page(staff.get(send(staff, row, "leave").url))
    assert waiting.wait(row.id, scope=EVERYWHERE).state == "LEFT"
    assert "期限が過ぎました" in page(staff.get(send(staff, row, "book").url))
