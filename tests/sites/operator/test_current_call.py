"""The call in progress: nothing loses it, and nothing of it is left when it ends."""

from datetime import timedelta

import pytest
from support.callcentre import PERSON, CallScreen
from support.people import HANAKO, TARO
from support.secretariat import book, member
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.common import clock
from madoguchi.reservations.models import BookingSession, Reservation, Seat

pytestmark = pytest.mark.usefixtures("city")
BACK = "通話中の予約に戻る"
READ = {"read": ["1", "2"]}
SAID = {"name": "フクオカハナコ", "birth_date": "S25.4.1", "phone": "09000005678", "do": "check"}


def reach(staff, made):
    visit = f"/operator/visits/{made.reference}/"
    staff.post(visit, SAID)
    staff.post(visit, {"do": "reached"})
    return visit


def test_every_other_page_leads_back_to_the_call_with_everything_typed(call):
    made = book(TARO, day=16)
    call.to_person().press("keep", name="福岡　花子")
    assert call.answer.status_code == 204
    for other in ("calls/", "waiting/", "stopped/", f"visits/{made.reference}/"):
        html = page(call.client.get(f"/operator/{other}"))
        assert BACK in html
        assert 'href="/operator/" data-key="F7"' in html
    html = page(call.client.get("/operator/"))
    assert BACK not in html
    assert 'value="福岡　花子"' in html
    assert "10:10まで確保" in html


def test_a_call_is_found_again_after_the_sign_in_is_lost(call):
    made = book()
    visit = reach(call.client, made)
    user = call.client.session["_auth_user_id"]
    call.client.cookies.clear()
    call.client.force_login(member(Role.OPERATOR, "other"))
    assert "福岡　花子" not in page(call.client.get(visit))
    assert BACK not in page(call.client.get("/operator/calls/"))
    call.client.force_login(type(member(Role.OPERATOR, "third")).objects.get(pk=user))
    assert f'href="{visit}" data-key="F7"' in page(call.client.get("/operator/calls/"))
    assert "福岡　花子" in page(call.client.get(visit))


def test_the_end_of_the_call_closes_everything(call):
    made = book(TARO, day=16)
    call.client.post(
        f"/operator/visits/{made.reference}/",
        {"name": TARO.name_kana, "birth_date": "S60.1.2", "phone": TARO.phone, "do": "check"},
    )
    visit = reach(call.client, book(day=17))
    call.to_read_back()
    call.client.post("/operator/", {"do": "leave"})
    assert not Seat.objects.exclude(session=None).exists()
    assert not BookingSession.objects.filter(reservation=None).exists()
    for after in (visit, f"/operator/visits/{made.reference}/", "/operator/", "/operator/calls/"):
        html = page(call.client.get(after))
        assert "福岡　花子" not in html
        assert "checked" not in html
        assert "一致しました" not in html
        assert BACK not in html


def test_a_booking_is_open_until_the_call_that_made_it_ends_and_nobody_is_said_to_be_called_back(call):
    call.to_read_back().press(read=call.lines())
    booked = page(call.client.get(call.answer.url))
    assert "この電話で、ご本人から予約を受け付けた" in booked
    assert "かけ直した" not in booked
    assert "1回目を読み上げた" in booked
    assert call.client.get("/operator/").content.decode().count("福岡") == 0, "the next booking is empty"
    call.client.post("/operator/", {"do": "leave", **READ, "reference": Reservation.objects.get().reference})
    assert "福岡　花子" not in page(call.client.get(call.answer.url, follow=True))


@pytest.mark.parametrize("do", ["leave", "with:{}", "like:{}"])
@pytest.mark.parametrize("read", [{}, {"read": ["1"]}, {**READ, "reference": "X"}])
def test_a_new_reference_is_read_twice_before_anything_else(call, do, read):
    call.to_read_back().press(read=call.lines())
    made = Reservation.objects.get().reference
    sent = {"reference": made, **read, "do": do.format(made)}
    answer = call.client.post("/operator/", sent, follow=True)
    assert answer.redirect_chain[-1][0] == f"/operator/visits/{made}/booked/"
    assert "予約番号を2回読み上げてから" in page(answer)
    answer = call.client.post("/operator/", {**sent, **READ, "reference": made})
    assert answer.url == "/operator/"
    call.client.post("/operator/", {"do": "leave"})
    assert "新しい電話" in page(call.client.get("/operator/"))


def test_who_hangs_up_before_the_reference_was_read_keeps_nobody(call):
    call.to_read_back().press(read=call.lines())
    assert "途中で電話が切れた" in page(call.client.get(call.answer.url))
    call.client.post("/operator/", {"do": "cut_off"})
    assert "新しい電話" in page(call.client.get("/operator/"))


def test_a_verified_caller_is_told_by_what_was_done(staff):
    html = page(staff.get(reach(staff, book())))
    assert "登録の番号にかけ直した" in html
    assert "受け付けた" not in html


def test_a_call_nobody_goes_on_with_is_over_after_a_while(call, now):
    visit = reach(call.client, book())
    with clock.travel(now + timedelta(minutes=31)):
        call.client.force_login(member(Role.OPERATOR, "callcentre2"))
        assert "福岡　花子" not in page(call.client.get(visit))


def test_a_search_from_another_page_keeps_the_booking_under_way(call):
    book(TARO, day=16)
    call.to_person().press("keep", **PERSON)
    call.answer = call.client.post("/operator/", {"q": "博多", "do": "search"})
    assert "博多　太郎" in call.html
    assert call.fields["name"] == [PERSON["name"]]
    assert Reservation.objects.count() == 1


def test_a_forbidden_number_is_never_kept(call):
    call.to_person().press("keep", **{**PERSON, "unreadable_characters": "123456789018"})
    again = CallScreen(call.client)
    assert again.fields["name"] == [HANAKO.name]
    assert again.fields["unreadable_characters"] == [""]


def test_a_booking_like_another_waits_until_the_caller_is_verified(staff):
    made = book()
    answer = staff.post("/operator/", {"do": f"like:{made.reference}"})
    assert answer.url == f"/operator/visits/{made.reference}/"
    assert staff.post("/operator/", {"do": "with:x"}).status_code == 404
