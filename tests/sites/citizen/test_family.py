"""A family books in one go, page by page; afterwards each link shows its own person only."""

import re
from dataclasses import replace
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from support.city import NOON
from support.journeys import BIRTH, DETAILS, PROCEDURES, forget_all_but_links, slot_at, text_of
from support.people import HANAKO
from support.tabs import Browser
from support.waiting_line import DAY as WAITED_FOR
from support.waiting_line import WISH

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common.references import show_reference
from madoguchi.reservations import seats
from madoguchi.reservations.booking_sessions import find_session
from madoguchi.reservations.models import BookingSession, Reservation, ReservedProcedure, Seat
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, waiting, waiting_offers

pytestmark = pytest.mark.usefixtures("city")
NAMES = ("福岡　花子", "福岡　月子", "福岡　星子", "福岡　空子")
CONTACT = ("postal_code", "address", "address_rest", "phone", "email", "contact_by")


@pytest.fixture(autouse=True)
def _all_on_the_web(city):
    """Keep no seat for the telephone."""
    Seat.objects.update(web_from=seats.ALWAYS)


def details(number):
    return {**DETAILS, "name": NAMES[number - 1], "name_kana": "", "person": number}


def to_times(client, people=3):
    answer = client.post("/reserve/", {**PROCEDURES, "people": people})
    for number in range(2, people + 1):
        assert answer.url == f"/reserve/?person={number}"
        answer = client.post(answer.url, {**PROCEDURES, "person": number})
    return answer


def to_held(client, people=3, slot=None):
    to_times(client, people)
    return client.post("/reserve/HM01/", {"slot": slot or slot_at(15, 10)})


def to_confirm(client, people=3, **more):
    answer = to_held(client, people, **more)
    for number in range(1, people + 1):
        assert answer.url == "/reserve/details/" + (f"?person={number}" if number > 1 else "")
        answer = client.post("/reserve/details/", details(number))
    return answer


def to_booked(client, people=3, **more):
    to_confirm(client, people, **more)
    return client.post("/reserve/confirm/", {"consent": "on"})


def members():
    """Return the reservations in the order of the visits."""
    return [
        reservation(key, scope=EVERYWHERE)
        for key in Reservation.objects.order_by("starts_at").values_list("pk", flat=True)
    ]


def link(row):
    return f"/r/{row.link_token}/"


def test_one_person_is_the_default_and_the_flow_is_as_it_was(client):
    page = text_of(client.get("/reserve/"))
    assert re.search(r'name="people" value="1"[^>]*checked', page)
    assert client.post("/reserve/", PROCEDURES).url == "/reserve/office/"


def test_a_family_is_told_before_it_begins_that_nobody_under_15_can_book(client):
    assert "15歳未満の方は、郵便局では予約できません" in text_of(client.get("/reserve/"))


def test_each_is_asked_for_the_own_procedures_before_any_time_is_shown(client):
    answer = client.post("/reserve/", {**PROCEDURES, "people": "2"})
    page = text_of(client.get(answer.url))
    assert "2人目の方の手続きを選んでください" in page
    assert 'name="people"' not in page
    for url in ("/reserve/office/", "/reserve/details/", "/reserve/confirm/"):
        assert client.get(url).url == "/reserve/?person=2"
    assert client.get("/reserve/HM01/").url == "/reserve/?person=2&office=HM01"


def test_three_book_and_the_last_page_lists_all_with_time_reference_and_belongings(client):
    answer = to_booked(client)
    assert answer.url == "/reserve/done/"
    page = text_of(client.get(answer.url))
    assert "3人の予約を受け付けました" in page
    for row, name, time in zip(members(), NAMES, ("午前10時", "午前10時30分", "午前11時"), strict=False):
        assert row.person.name == name
        assert name in page
        assert show_reference(row.reference) in page
        assert f"12月15日（火）{time}" in page
    assert page.count("当日の持ち物") == 1
    # As good as the last page of one person: map, calendar, slip, code, what comes next, deadlines.
    for each in ("カレンダーに追加する", "印刷用の控えを開く", "この予約の内容を開く二次元コード"):
        assert page.count(each) == 3
    for each in ("地図を開く", "これからの流れ", "それぞれの時間に星見東郵便局に行き", "期限を過ぎたときは"):
        assert page.count(each) == 1


def test_each_has_a_list_of_belongings_where_these_differ(client):
    client.post("/reserve/", {**PROCEDURES, "people": "2"})
    client.post("/reserve/?person=2", {"procedures": ["PIN_RESET"], "who": "self", "person": 2})
    client.post("/reserve/HM01/", {"slot": slot_at(15, 10)})
    client.post("/reserve/details/", details(1))
    client.post("/reserve/details/", {**details(2), "unknown_pins": ["UNSURE"]})
    client.post("/reserve/confirm/", {"consent": "on"})
    page = text_of(client.get("/reserve/done/"))
    assert page.count("当日の持ち物") == 2
    assert page.count("本人確認書類 1点") == 1


def test_what_comes_next_is_said_of_those_with_mail_and_those_without(client):
    to_held(client, 2)
    client.post("/reserve/details/", {**details(1), "email": "hanako@example.jp"})
    client.post("/reserve/details/", {**details(2), "email": "", "contact_by": "PHONE"})
    client.post("/reserve/confirm/", {"consent": "on"})
    page = text_of(client.get("/reserve/done/"))
    assert "メールで、日時と持ち物をお知らせします" in page
    assert "お電話で、日時と持ち物をお知らせします" in page


def test_the_next_person_takes_over_the_procedures_of_the_first_with_one_press(client):
    client.post("/reserve/", {**PROCEDURES, "people": "2"})
    page = client.get("/reserve/?person=2")
    same = re.search(r'href="([^"]*)">1人目の方と同じ手続きにする', text_of(page))
    chosen = text_of(client.get(unescape(same[1])))
    assert re.findall(r'name="procedures" value="(\w+)"[^>]* checked', chosen) == PROCEDURES["procedures"]
    assert "1人目の方と同じ手続き" not in text_of(client.get("/reserve/"))


def test_booking_a_family_is_idempotent(client):
    first = to_booked(client)
    second = client.post("/reserve/confirm/", {"consent": "on"})
    assert first.url == second.url
    assert Reservation.objects.count() == 3
    assert client.get("/reserve/details/").url == "/reserve/done/"


def test_another_browser_sees_no_last_page(client):
    to_booked(client)
    client.cookies.clear()
    assert client.get("/reserve/done/").url == "/lookup/"


def test_the_page_shows_who_comes_when_while_the_time_is_held(client):
    to_held(client)
    page = text_of(client.get("/reserve/details/"))
    assert "1人目の方　午前10時" in page
    assert "3人目の方　午前11時" in page
    assert "午前10時25分" not in page
    assert "午前10時20分まで確保しています" in page


def test_the_address_of_the_first_is_taken_over_with_one_press(client):
    to_held(client, 2)
    client.post("/reserve/details/", details(1))
    page = text_of(client.get("/reserve/details/?person=2"))
    assert 'value="2丁目1番1号"' not in page
    typed = {"person": 2, "name": NAMES[1], **dict.fromkeys(CONTACT, ""), "same": "1"}
    page = text_of(client.post("/reserve/details/", typed))
    assert 'value="2丁目1番1号"' in page
    assert 'value="090-0000-5678"' in page
    assert f'value="{NAMES[1]}"' in page
    assert "件の入力を確認してください" not in page


def test_what_is_wrong_for_one_is_said_with_the_person_and_all_else_stays(client):
    to_confirm(client)
    client.post("/reserve/details/", {**details(3), "name": NAMES[0]})
    page = text_of(client.post("/reserve/confirm/", {"consent": "on"}))
    assert re.search("[13]人目の方：同じお名前と生年月日で", page)
    assert not Reservation.objects.exists()
    assert client.post("/reserve/details/", details(3)).url == "/reserve/confirm/"
    assert client.post("/reserve/confirm/", {"consent": "on"}).url == "/reserve/done/"


def test_a_child_is_led_to_the_ward_office_and_the_others_go_on_without_it(client):
    to_confirm(client)
    young = {**details(2), "birth_date_era": "平成", "birth_date_year": "30"}
    asked = text_of(client.post("/reserve/details/", young))
    assert "平成30年では8歳です。昭和30年ではありませんか。" in asked
    ward = "/reserve/ward/UNDER_15/?leave_out=2"
    assert ward in asked
    assert "2人目の方を除いて予約する" in text_of(client.get(ward))
    assert client.post("/reserve/leave-out/", {"person": 2}).url == "/reserve/confirm/"
    assert client.post("/reserve/confirm/", {"consent": "on"}).url == "/reserve/done/"
    assert [row.person.name for row in members()] == [NAMES[0], NAMES[2]]
    assert Seat.objects.exclude(reservation=None).count() == 2
    assert not Seat.objects.filter(session__isnull=False).exists()


def test_a_family_member_who_must_go_to_the_ward_is_left_out_before_any_time_is_chosen(client):
    client.post("/reserve/", {**PROCEDURES, "people": 2})
    answer = client.post("/reserve/?person=2", {**PROCEDURES, "conditions": ["under_15"], "person": 2})
    assert answer.url == "/reserve/ward/UNDER_15/?leave_out=2"
    assert client.post("/reserve/leave-out/", {"person": 2}).url == "/reserve/office/"
    assert client.get("/reserve/HM01/").status_code == 200


def test_leaving_out_the_last_one_begins_anew(client):
    client.post("/reserve/", PROCEDURES)
    assert client.post("/reserve/leave-out/", {"person": 1}).url == "/reserve/"
    assert client.post("/reserve/leave-out/", {"person": 9}).url == "/reserve/"


def test_fewer_people_lets_the_time_go_that_no_longer_fits(client):
    to_held(client)
    assert client.post("/reserve/", {**PROCEDURES, "people": 2}).url == "/reserve/office/"
    assert len(find_session(client.cookies["hold"].value).form_data["members"]) == 2


def test_renewal_windows_that_have_no_day_in_common_are_said(client):
    def dates(day):
        year, month, number = day.split("-")
        return {
            f"cert_expires_on_{part}": text
            for part, text in zip(("year", "month", "day"), (year, month, number), strict=True)
        }

    client.post("/reserve/", {**PROCEDURES, **dates("2026-12-4"), "people": 2})
    client.post("/reserve/?person=2", {**PROCEDURES, **dates("2027-3-20"), "person": 2})
    assert "全員が手続きできる日がありません" in text_of(client.get("/reserve/office/"))
    assert client.get("/reserve/HM01/").status_code == 200


def test_a_time_at_which_only_one_fits_is_not_offered(client):
    to_times(client)
    page = text_of(client.get("/reserve/HM01/?day=2026-12-15"))
    assert "3人が、同時に、または続けて手続きできる日時だけ" in page
    assert f'value="{slot_at(15, 15, 30)}"' in page
    assert f'value="{slot_at(15, 16)}"' not in page
    client.post("/reserve/HM01/", {"slot": slot_at(15, 16)})
    assert not Seat.objects.filter(session__isnull=False).exists()


def test_a_family_waits_and_takes_its_offer_page_by_page(client):
    to_times(client)
    Seat.objects.update(is_withdrawn=True)
    for url in ("/reserve/office/?by=earliest", "/reserve/HM01/"):
        assert "空きを待つ" in text_of(client.get(url))
    answer = client.post("/reserve/wait/", WISH)
    for number in (1, 2, 3):
        assert answer.url == "/reserve/details/" + (f"?person={number}" if number > 1 else "")
        answer = client.post("/reserve/details/", details(number))
    assert answer.url == "/reserve/wait/check/"
    page = text_of(client.get(answer.url))
    assert all(name in page for name in NAMES[:3])
    link = client.post("/reserve/wait/check/", {"consent": "on"}).url.partition("?")[0]
    for url in (link, f"{link}slip/"):
        page = text_of(client.get(url))
        assert "3人" in page
        assert not any(name in page for name in NAMES)
    Seat.objects.filter(slot__starts_at__date=WAITED_FOR).update(is_withdrawn=False)
    waiting_offers.offer_seats()
    page = text_of(client.get(link))
    assert "午前10時30分までに終わります" in page
    assert client.post(f"{link}accept/").url == link
    page = client.get(link)
    assert "3人の予約を受け付けました" in text_of(page)
    for row in members():
        assert row.link_token in page.content.decode()
        assert "予約番号</p>" not in text_of(client.get(f"/r/{row.link_token}/")), "first who it is"


def test_who_of_a_family_waits_already_is_named_by_number_and_nothing_typed_is_lost(client):
    Seat.objects.update(is_withdrawn=True)
    person = replace(HANAKO, name=NAMES[1], name_kana="")
    wish = Wish(("HM01",), WAITED_FOR, WAITED_FOR)
    waiting.enter(person=person, procedures=("CERT_RENEW",), wish=wish)
    to_times(client, 2)
    client.post("/reserve/wait/", WISH)
    for number in (1, 2):
        client.post("/reserve/details/", details(number))
    page = text_of(client.post("/reserve/wait/check/", {"consent": "on"}))
    assert "2人目の方：同じお名前と生年月日で、すでに空きをお待ちいただいています" in page
    assert all(name in page for name in NAMES[:2])


def test_the_page_of_one_says_that_others_come_and_when_but_not_who(client):
    to_booked(client)
    first, second, third = members()
    page = text_of(client.get(link(first)))
    assert "3人のうちの1人です" in page
    assert "午前10時30分、午前11時" in page
    for other in (second, third):
        assert other.person.name not in page
        assert show_reference(other.reference) not in page
        assert other.link_token not in page


def test_the_page_no_longer_names_family_members_who_moved_or_cancelled(client):
    to_booked(client)
    first, second, third = members()
    client.post(f"{link(second)}cancel/", {})
    assert "2人のうちの1人です" in text_of(client.get(link(first)))
    client.post(f"{link(third)}change/", {"slot": slot_at(16, 13), "sure": "1"})
    page = text_of(client.get(link(first)))
    assert "いっしょに予約した方" not in page
    assert "午後1時" not in page


def test_reference_and_birth_date_say_nothing_of_others(client):
    to_booked(client)
    first = members()[0]
    page = text_of(client.get(client.post("/lookup/", {"reference": first.reference, **BIRTH}).url))
    assert "予約の内容" in page
    assert "いっしょに予約した方" not in page
    assert "もう1人追加する" not in page


def test_one_cancels_and_the_others_stay(client):
    to_booked(client)
    client.post(f"{link(members()[1])}cancel/", {})
    assert [row.is_booked for row in members()] == [True, False, True]


def test_one_more_is_added_from_the_own_page_at_a_time_nearby(client):
    to_booked(client, 2)
    first = members()[0]
    assert "もう1人追加する" in text_of(client.get(link(first)))
    forget_all_but_links(client)
    answer = client.post(f"{link(first)}add/")
    page = text_of(client.get(answer.url))
    assert "12月15日（火）午前10時のご予約に、いっしょに行く方を1人追加します" in page
    assert 'name="people"' not in page
    answer = client.post(answer.url, {**PROCEDURES, "office": "HM01"})
    assert answer.url == "/reserve/HM01/"
    page = text_of(client.get(answer.url))
    assert "いっしょに行く方に近い日時" in page
    assert "12月15日（火）午前9時30分" in page
    client.post("/reserve/HM01/", {"slot": slot_at(15, 11)})
    client.post("/reserve/details/", {**details(3), "person": 1})
    answer = client.post("/reserve/confirm/", {"consent": "on"})
    page = text_of(client.get(answer.url))
    assert "予約を受け付けました" in page
    assert NAMES[0] not in page
    assert "3人のうちの1人" in text_of(client.get(link(first)))


def test_a_booking_that_comes_along_can_be_made_one_of_its_own(client):
    to_booked(client, 1)
    first = members()[0]
    client.post(f"{link(first)}add/")
    assert client.post("/reserve/", {"apart": "1"}).url == "/reserve/"
    assert 'name="people"' in text_of(client.get("/reserve/"))


def test_when_the_visit_to_come_along_with_is_cancelled_the_person_books_alone(client):
    to_booked(client, 1)
    first = members()[0]
    client.post(f"{link(first)}add/")
    client.post("/reserve/", PROCEDURES)
    client.post("/reserve/HM01/", {"slot": slot_at(15, 11)})
    client.post("/reserve/details/", {**details(2), "person": 1})
    changes.cancel(reservation_id=first.id, actor=booking.CITIZEN, channel="WEB")
    page = text_of(client.post("/reserve/confirm/", {"consent": "on"}))
    assert "いっしょに行く方の予約は、取り消されています" in page
    assert "/r/" in client.post("/reserve/confirm/", {"consent": "on"}).url


def test_adding_lets_go_of_the_seats_of_a_booking_session_before(client):
    to_booked(client, 1)
    first = members()[0]
    to_held(client, 2, slot=slot_at(16, 9))
    client.post(f"{link(first)}add/")
    assert not Seat.objects.filter(session__isnull=False).exists()
    assert BookingSession.objects.filter(reservation=None).count() == 2


def test_four_see_no_way_to_add_a_fifth(client):
    to_booked(client, 4, slot=slot_at(15, 13))
    first = members()[0]
    assert "もう1人追加する" not in text_of(client.get(link(first)))
    assert client.post(f"{link(first)}add/").url == link(first)
    assert not BookingSession.objects.filter(reservation=None).exists()


def test_more_time_is_given_with_what_was_typed_for_the_second(client):
    to_held(client, 2)
    client.post("/reserve/details/", details(1))
    answer = client.post("/reserve/extend/", {**details(2), "back": "details", "phone": "090"})
    assert answer.url == "/reserve/details/?person=2#extend"
    assert f'value="{NAMES[1]}"' in text_of(client.get(answer.url))


@pytest.mark.parametrize("page", ["/reserve/confirm/", "/reserve/done/"])
def test_the_pages_of_four_ask_the_database_no_more_than_those_of_two(page):
    asked = []
    for people, hour in ((2, 9), (4, 13)):
        client = Browser()
        to_confirm(client, people, slot=slot_at(15, hour))
        if page == "/reserve/done/":
            client.post("/reserve/confirm/", {"consent": "on"})
            Reservation.objects.update(
                cancelled_at=NOON, cancelled_by="x", cancel_reason="SCHEDULE", status="CANCELLED"
            )
            ReservedProcedure.objects.update(claim=None)
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        asked.append(len(queries))
    assert asked[0] == asked[1]
