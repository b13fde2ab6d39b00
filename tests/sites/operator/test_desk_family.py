"""The call screen: a caller who waits, and a family that is booked side by side."""

from datetime import date, time

import pytest
from support.callcentre import PERSON
from support.crowd import sell_out
from support.people import HANAKO, OPERATOR, TARO
from support.secretariat import book, slot_at

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common.references import show_reference
from madoguchi.reservations.models import Reservation, Wait, WaitingPerson
from madoguchi.reservations.waiting import wait
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking.changes import cancel
from madoguchi.workflows.booking.waiting import enter

pytestmark = pytest.mark.usefixtures("city")


def test_when_nothing_suits_the_caller_is_put_on_the_waiting_list(call):
    sell_out(date(2026, 12, 15))
    call.to_place().press("wait", wait_first="2026-12-15", wait_last="2026-12-15", wait_times="am")
    assert "空き待ち 星見" in call.html
    assert "確保の時間が過ぎました" not in call.html
    call.press("next", **{**PERSON, "email": ""})
    assert call.answer.url == "/operator/waiting/"
    row = wait(Wait.objects.get().id, scope=EVERYWHERE)
    assert (row.channel, row.person.name, row.wish.latest) == ("PHONE", "福岡　花子", time(11, 59))
    assert row.wish.first_day == row.wish.last_day == date(2026, 12, 15)
    assert "HM01" in row.wish.offices
    assert not Reservation.objects.filter(
        applicant__person_hash=WaitingPerson.objects.get().person_hash
    ).exists()


def test_the_call_screen_tells_a_caller_who_already_waits_and_leads_back_to_the_times(call):
    wish = Wish(("HM01",), date(2026, 12, 15), date(2026, 12, 15))
    enter(person=HANAKO, procedures=("CERT_RENEW",), wish=wish)
    call.to_place().press("wait").press("next", **PERSON)
    assert "すでに空きをお待ちいただいています" in call.html
    call.press("back")
    assert "この日時を確保" in call.take("HM01:2026-12-15").html
    assert Wait.objects.count() == 1


def test_days_to_wait_for_in_the_wrong_order_are_said_beside_the_field(call):
    call.to_place().press("wait", wait_first="2026-12-16", wait_last="2026-12-15")
    assert "「いつから」と同じ日か、あとの日を入力してください" in call.html


def test_the_family_of_a_caller_is_booked_next_beside_with_the_address_taken_over(call):
    call.to_read_back().press(read=call.lines())
    first = Reservation.objects.get()
    booked = call.client.get(call.answer.url).content.decode()
    assert f'value="with:{first.reference}"' in booked
    read = {"reference": first.reference, "read": ["1", "2"]}
    call.answer = call.client.post("/operator/", {"do": f"with:{first.reference}", **read}, follow=True)
    assert f"{show_reference(first.reference)}（12/15(火) 09:00" in call.html
    call.press(procedures=["CERT_RENEW"])
    assert call.fields["slot"] == [str(slot_at(15, 9, 30))]
    call.press()
    assert call.fields["address"] == ["星見市西区見本町2丁目1番1号"]
    assert call.fields["name"] == [""]
    own = {"name": "福岡　月子", "name_kana": "フクオカ　ツキコ", "birth_date": "S55.5.5"}
    call.press(**own).press(read=call.lines())
    second = Reservation.objects.exclude(pk=first.pk).get()
    first.refresh_from_db()
    assert first.party == second.party is not None
    shown = call.client.get(f"/operator/visits/{second.reference}/").content.decode()
    assert f'href="/operator/visits/{first.reference}/"' in shown


def test_nobody_is_joined_to_a_caller_who_is_not_known(call):
    made = book(TARO)
    call.client.post("/operator/", {"do": f"with:{made.reference}"})
    call.to_read_back().press(read=call.lines(), **{"with": made.reference})
    assert Reservation.objects.count() == 2
    assert not Reservation.objects.exclude(party=None).exists()


def test_when_the_visit_beside_is_cancelled_the_next_press_books_alone(call):
    call.to_read_back().press(read=call.lines())
    first = Reservation.objects.get()
    read = {"reference": first.reference, "read": ["1", "2"]}
    call.answer = call.client.post("/operator/", {"do": f"with:{first.reference}", **read}, follow=True)
    own = {"name": "福岡　月子", "name_kana": "フクオカ　ツキコ", "birth_date": "S55.5.5"}
    call.press(procedures=["CERT_RENEW"]).press().press(**own)
    cancel(reservation_id=first.id, actor=OPERATOR, channel="PHONE")
    call.press(read=call.lines())
    assert "この方だけの予約として登録します" in call.html
    call.press(read=call.lines())
    assert Reservation.objects.exclude(pk=first.pk).get().party is None
