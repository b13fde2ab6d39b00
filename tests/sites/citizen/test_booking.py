"""From the first page to the secret link, without scripts: nothing is lost, nothing happens twice."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from django.db import connection
from support.journeys import DETAILS, PROCEDURES, expiry, slot_at, text_of, to_booked, to_confirm, to_details
from support.people import TARO
from support.tabs import Browser

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.common import clock
from madoguchi.offices.services import put_office
from madoguchi.reservations.booking_sessions import find_session
from madoguchi.reservations.models import BookingSession, Reservation, Seat
from madoguchi.reservations.selectors import reservation
from madoguchi.sites.citizen.reserve.session import COOKIE
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import sessions

pytestmark = pytest.mark.usefixtures("city")


def take(slot):
    """Let somebody else book a slot."""
    request = booking.BookingRequest(visitors=(booking.Visitor(("CERT_RENEW",), TARO),), slot=slot)
    booking.book(
        replace(request, channel="PARTNER", actor=Actor("partner", "x"), submission="x", fingerprint="x")
    )


def test_the_first_page_counts_the_offices_that_take_bookings_now(client):
    page = text_of(client.get("/"))
    assert "市内2の郵便局" in page
    assert "星見東郵便局" in page
    assert "092-" not in page
    assert "訓練環境" in page


def test_a_citizen_books_and_sees_the_reference_once_more_by_the_link(client):
    answer = to_booked(client)
    done = client.get(answer.url)
    row = Reservation.objects.get()
    assert "予約を受け付けました" in text_of(done)
    assert "まだ手続きは終わっていません" in text_of(done)
    assert "予約確定" not in text_of(done)
    assert f"{row.reference[:4]}-{row.reference[4:7]}-{row.reference[7:]}" in text_of(done)
    person = reservation(row.id, scope=EVERYWHERE).person
    assert (person.name, person.address) == ("福岡　花子", "星見市西区見本町2丁目1番1号")
    assert person.phone == "09000005678"


def test_booking_is_idempotent_and_leads_to_the_same_page(client):
    first = to_booked(client)
    second = client.post("/reserve/confirm/", {"consent": "on"})
    assert first.url == second.url
    assert Reservation.objects.count() == 1


def test_going_back_after_booking_leads_to_the_booking(client):
    answer = to_booked(client)
    assert client.get("/reserve/details/").url == answer.url


def test_holding_a_time_is_idempotent(client):
    to_details(client)
    client.post("/reserve/HM01/", {"slot": slot_at(15, 10, 30)})
    assert Seat.objects.filter(session__isnull=False).count() == 1


def test_another_time_lets_the_first_one_go(client):
    to_details(client)
    client.post("/reserve/HM01/", {"slot": slot_at(16, 9)})
    assert Seat.objects.get(session__isnull=False).slot_id == slot_at(16, 9)


def test_offices_are_found_by_the_day(client):
    Seat.objects.filter(slot__office="HM01", slot__starts_at__date="2026-12-15").update(is_withdrawn=True)
    client.post("/reserve/", PROCEDURES)
    page = text_of(client.get("/reserve/office/?by=date"))
    assert '<option value="2026-12-01">12月1日（火）' in page
    # Before the first day, a Sunday and a holiday of the city.
    assert not [day for day in ("2026-11-30", "2026-12-13", "2026-12-29") if f'value="{day}"' in page]
    assert "星見西郵便局" not in page
    page = text_of(client.get("/reserve/office/?by=date&day=2026-12-15"))
    assert "12月15日（火）に空いている郵便局" in page
    assert 'href="/reserve/HM02/?day=2026-12-15"' in page
    assert "星見東郵便局" not in page


def test_a_day_on_which_all_is_full_says_so(client):
    Seat.objects.filter(slot__starts_at__date="2026-12-15").update(is_withdrawn=True)
    client.post("/reserve/", PROCEDURES)
    page = text_of(client.get("/reserve/office/?by=date&day=2026-12-15"))
    assert "12月15日（火）に空いている郵便局はありません" in page


@pytest.mark.parametrize("day", ["2026-12-13", "1999-01-01", "x", ""])
def test_a_day_that_cannot_be_booked_finds_nothing_and_breaks_nothing(client, day):
    client.post("/reserve/", PROCEDURES)
    page = text_of(client.get(f"/reserve/office/?by=date&day={day}"))
    assert "郵便局はありません" not in page
    assert "に空いている" not in page


def test_the_days_to_choose_from_end_with_the_certificate(client):
    client.post("/reserve/", {**PROCEDURES, **expiry("2032-2-3", "2026-12-4")})
    page = text_of(client.get("/reserve/office/?by=date"))
    assert 'value="2026-12-04"' in page
    assert 'value="2026-12-07"' not in page


def test_a_ward_without_an_office_says_so(client):
    put_office(code="HM02", actor=SYSTEM, ward_id="992021")
    client.post("/reserve/", PROCEDURES)
    page = text_of(client.get("/reserve/office/?by=ward&ward=992038"))
    assert "西区には、予約を受け付けている郵便局がありません" in page


def test_a_lost_race_shows_the_list_anew_and_other_offices(client):
    client.post("/reserve/", PROCEDURES)
    take(slot_at(15, 10, 30))
    page = client.post("/reserve/HM01/?day=2026-12-15", {"slot": slot_at(15, 10, 30)})
    assert page.status_code == 200
    assert "ほかの方の予約が入りました" in text_of(page)
    assert "星見西郵便局" in text_of(page)
    assert "<title>エラー：" in text_of(page)


def test_no_time_chosen_is_said_beside_the_times(client):
    client.post("/reserve/", PROCEDURES)
    page = text_of(client.post("/reserve/HM01/?day=2026-12-15", {}))
    assert "時間を選んでください" in page
    assert 'href="#id_slot"' in page
    assert 'id="id_slot"' in page


def test_what_was_typed_wrong_is_shown_again_with_the_rest(client):
    to_details(client)
    page = text_of(client.post("/reserve/details/", {**DETAILS, "birth_date_day": "", "phone": "090"}))
    assert "2件の入力を確認してください" in page
    assert 'value="福岡　花子"' in page
    assert 'value="090"' in page
    assert 'href="#id_birth_date_0"' in page


def test_what_was_typed_is_there_again_after_another_page(client):
    to_details(client)
    client.post("/reserve/details/", {**DETAILS, "phone": "090"})
    assert 'value="福岡　花子"' in text_of(client.get("/reserve/details/"))


def test_the_extension_keeps_what_stands_in_the_form(client, now):
    to_details(client)
    with clock.travel(now + timedelta(minutes=8)):
        page = text_of(client.post("/reserve/extend/", {**DETAILS, "back": "details"}, follow=True))
    assert "午前10時20分まで確保しています" in page
    assert 'value="福岡　花子"' in page


@pytest.mark.parametrize(("back", "way"), [("details", to_details), ("confirm", to_confirm)])
def test_the_button_stays_until_the_last_extension_and_each_press_leads_back_to_it(client, back, way):
    way(client)
    typed = DETAILS if back == "details" else {}
    for number in range(10):
        page = text_of(client.get(f"/reserve/{back}/"))
        assert f'name="extensions" value="{number}"' in page
        assert "午前11時50分まで延長できます" in page
        pressed = client.post("/reserve/extend/", {**typed, "back": back, "extensions": number})
        assert pressed.url == f"/reserve/{back}/#extend"
    page = text_of(client.get(f"/reserve/{back}/"))
    assert "午前11時50分まで確保しています" in page
    assert "時間を延長する" not in page
    assert 'id="extend"' in page, "the place to which the last press leads"


def test_extending_a_hold_is_idempotent(client):
    to_confirm(client)
    client.post("/reserve/extend/", {"back": "confirm"})
    assert client.post("/reserve/extend/", {"back": "confirm"}).url == "/reserve/confirm/#extend"
    assert BookingSession.objects.get().extensions == 1


def test_when_the_time_is_over_the_page_says_so_and_what_was_typed_stays(client, now):
    to_details(client)
    client.get("/reserve/details/")
    with clock.travel(now + timedelta(minutes=11)):
        page = client.post("/reserve/details/", DETAILS)
        assert page.status_code == 410
        assert "入力した内容は残っています" in text_of(page)
        assert 'href="/reserve/HM01/"' in text_of(page)
        again = client.post("/reserve/HM01/", {"slot": slot_at(15, 10, 30)})
        assert again.url == "/reserve/confirm/"


def test_a_held_time_that_somebody_took_after_it_ran_out_is_not_booked(client, now):
    to_confirm(client)
    client.get("/reserve/confirm/")
    with clock.travel(now + timedelta(minutes=11)):
        take(slot_at(15, 10, 30))
        page = client.post("/reserve/confirm/", {"consent": "on"})
    assert page.status_code == 410
    assert Reservation.objects.count() == 1


def test_without_consent_nothing_is_booked(client):
    to_confirm(client)
    page = client.post("/reserve/confirm/", {})
    assert "同意する方は" in text_of(page)
    assert not Reservation.objects.exists()


def test_a_second_booking_for_the_same_person_tells_the_way_but_nothing_of_the_first(client, client2):
    to_booked(client)
    client2.post("/reserve/", PROCEDURES)
    client2.post("/reserve/HM02/", {"slot": slot_at(16, 9, office="HM02")})
    client2.post("/reserve/details/", DETAILS)
    page = text_of(client2.post("/reserve/confirm/", {"consent": "on"}))
    assert "同じ手続きの予約がすでにあります" in page
    assert "12月15日" not in page
    assert Reservation.objects.count() == 1


@pytest.fixture
def client2():
    """Another browser."""
    return Browser()


@pytest.mark.parametrize("text", ["1234 5678 9018", "暗証番号は1234"])
def test_a_number_that_may_not_be_kept_is_refused_beside_its_field_and_not_kept(client, text):
    to_details(client)
    page = text_of(client.post("/reserve/details/", {**DETAILS, "address_rest": text}))
    assert "お預かりできません" in page or "入力できません" in page
    assert not Reservation.objects.exists()
    kept = find_session(client.cookies["hold"].value).form_data
    assert text not in str(kept)
    assert kept["members"][0]["typed_details"]["name"] == DETAILS["name"]


def test_a_person_without_kana_mail_or_a_japanese_name_can_book(client):
    answer = to_booked(client, name="MARIA DA SILVA 見本", name_kana="", email="")
    assert "/r/" in answer.url


def test_a_character_that_cannot_be_typed_is_described_in_words(client):
    to_details(client)
    page = client.post("/reserve/details/", {**DETAILS, "name_differs": "on"})
    assert "はしごだか" in text_of(page)
    answer = client.post(
        "/reserve/details/",
        {**DETAILS, "name_differs": "on", "unreadable_characters": "高橋の高は、はしごだか"},
    )
    assert answer.url == "/reserve/confirm/"


def test_an_era_that_was_over_is_answered_with_the_right_one(client):
    to_details(client)
    wrong = {"birth_date_year": "64", "birth_date_month": "1", "birth_date_day": "8"}
    assert "平成元年1月8日ではありませんか" in text_of(client.post("/reserve/details/", {**DETAILS, **wrong}))


def test_a_child_is_led_to_the_ward_office_from_the_field(client):
    to_details(client)
    child = {"birth_date_era": "平成", "birth_date_year": "25"}
    answer = client.post("/reserve/details/", {**DETAILS, **child})
    assert "平成25年では13歳です。昭和25年ではありませんか。" in text_of(answer)
    assert "/reserve/ward/UNDER_15/" in answer.content.decode()
    assert not Reservation.objects.exists()


def test_the_procedures_decide_what_else_is_asked(client):
    client.post("/reserve/", {**PROCEDURES, "procedures": ["CERT_ISSUE", "PIN_RESET", "FACE_CHANGE"]})
    # Late enough for the seats kept for the telephone to be on the web: the visit fills three slots.
    client.post("/reserve/HM01/", {"slot": slot_at(4, 9)})
    page = text_of(client.get("/reserve/details/"))
    assert "わからない暗証番号" in page
    assert "新しい住所" in page
    assert "暗証番号そのものは、入力しないでください" in page


def test_nothing_personal_stands_in_an_address_a_cookie_or_the_session(client):
    seen = [to_confirm(client).url, client.post("/reserve/confirm/", {"consent": "on"}).url]
    cookies = [cookie.value for cookie in client.cookies.values()]
    assert not [text for text in [*seen, *cookies] if "福岡" in text or "5678" in text or "8140006" in text]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone()[0] == 0


def test_the_cookie_of_a_booking_session_is_kept_from_scripts_and_other_sites(client):
    to_details(client)
    cookie = client.cookies["hold"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


def test_pages_with_personal_data_are_kept_by_no_cache(client):
    to_confirm(client)
    assert client.get("/reserve/confirm/")["Cache-Control"] == "no-store"


def test_an_office_whose_wave_has_not_opened_offers_no_time(client):
    client.post("/reserve/", PROCEDURES)
    page = text_of(client.get("/reserve/HM03/"))
    assert "予約枠の空きはありません" in page
    assert "2月15日（月）午前9時から受け付けます" in page
    assert "星見西郵便局" in page


def test_a_full_office_is_shown_as_full_with_others_beside_it(client):
    Seat.objects.filter(slot__office="HM01").update(is_withdrawn=True)
    client.post("/reserve/", PROCEDURES)
    assert "予約枠の空きはありません" in text_of(client.get("/reserve/office/?by=earliest"))
    assert "星見西郵便局" in text_of(client.get("/reserve/HM01/"))


@pytest.mark.parametrize("view", ["calendar", "list"])
def test_days_that_only_the_telephone_books_say_so(client, view):
    client.post("/reserve/", PROCEDURES)
    with clock.travel(clock.at(date(2026, 12, 7), time(10))):
        client.post("/reserve/", PROCEDURES)
        page = client.get(f"/reserve/HM01/?view={view}")
    month = page.context["times"].month
    marked = {cell.number: cell.state for week in month.weeks for cell in week if cell}
    # 10 and 11 are within reach of the call centre, 12 and 13 a weekend, 14 the first day on the web.
    assert [marked[day] for day in (9, 10, 11, 12, 13)] == ["closed", "phone", "phone", "closed", "closed"]
    assert marked[14] != "phone"
    assert not [cell for cell in month.days if cell.state == "phone" and cell.href]
    assert text_of(page).count("インターネット受付は終了。お電話で") == (3 if view == "calendar" else 2)


def test_the_calendar_and_the_list_say_the_same(client):
    client.post("/reserve/", PROCEDURES)
    table, days = client.get("/reserve/HM01/"), client.get("/reserve/HM01/?view=list")
    month = table.context["times"].month
    assert [cell for cell in month.days if cell.href] == [
        cell for week in month.weeks for cell in week if cell and cell.href
    ]
    assert "12月15日（火）" in text_of(days)
    assert "空きあり" in text_of(days)


@pytest.mark.parametrize(
    "address", ["?month=nonsense&day=32", "?month=2099-01", "?day=2026-12-29", "?day=1999-01-01"]
)
def test_an_address_made_up_by_hand_shows_the_calendar(client, address):
    client.post("/reserve/", PROCEDURES)
    assert client.get(f"/reserve/HM01/{address}").status_code == 200


def test_an_unknown_office_is_not_found(client):
    assert client.get("/reserve/HM99/").status_code == 404


def test_too_many_booking_sessions_of_one_address_have_to_wait(client, monkeypatch):
    monkeypatch.setattr(sessions, "HOLDS_PER_SOURCE", 1)
    client.post("/reserve/", PROCEDURES)
    client.cookies.clear()
    assert client.post("/reserve/", PROCEDURES).status_code == 429


def test_a_look_at_a_page_changes_nothing(client):
    link = to_booked(client).url.split("?")[0]
    before = Reservation.objects.values().get()
    for page in ("", "slip/", "calendar.ics", "change/", "cancel/"):
        assert client.get(link + page).status_code == 200
        assert client.head(link + page).status_code == 200
    assert Reservation.objects.values().get() == before


def test_beside_the_birth_date_stands_whom_to_call_when_a_part_is_unknown(client):
    to_details(client)
    hint = "月や日が不詳の方は、予約専用コールセンター（000-000-0002）にお電話ください。"
    assert hint in text_of(client.get("/reserve/details/"))
    answer = client.post("/reserve/details/", {**DETAILS, "birth_date_day": "不詳"})
    assert "生年月日の一部が不詳の方は、お電話でお申し込みください" in text_of(answer)
    assert 'value="不詳"' in text_of(answer)


def test_the_name_to_be_called_by_is_shown_before_the_last_press_and_kept(client):
    to_confirm(client, called_name="博多　花子")
    assert "お呼びする名前" in text_of(client.get("/reserve/confirm/"))
    client.post("/reserve/confirm/", {"consent": "on"})
    assert (
        reservation(Reservation.objects.get().id, scope=EVERYWHERE).person.details.called_name == "博多　花子"
    )


def test_nothing_forbidden_is_kept_as_a_name_to_be_called_by(client):
    answer = to_confirm(client, called_name="123456789018")
    assert "マイナンバー" in text_of(answer)
    assert "123456789018" not in text_of(client.get("/reserve/details/"))


def test_sex_is_not_asked(client):
    to_details(client)
    assert "性別" not in text_of(client.get("/reserve/details/"))
    client.post("/reserve/details/", {**DETAILS, "sex": "FEMALE"})
    client.post("/reserve/confirm/", {"consent": "on"})
    assert reservation(Reservation.objects.get().id, scope=EVERYWHERE).person.details.sex == ""


def test_where_the_rule_asks_for_sex_it_must_be_answered_or_declined(client, asks_sex):
    to_details(client)
    assert "「回答しない」も選べます" in text_of(client.post("/reserve/details/", DETAILS))
    client.post("/reserve/details/", {**DETAILS, "sex": "NOT_TOLD"})
    assert "回答しない" in text_of(client.get("/reserve/confirm/"))
    client.post("/reserve/confirm/", {"consent": "on"})
    assert reservation(Reservation.objects.get().id, scope=EVERYWHERE).person.details.sex == "NOT_TOLD"


def test_form_data_of_another_version_of_the_software_is_begun_anew_and_breaks_no_page(client):
    client.cookies[COOKIE] = sessions.start_session(source="x", form_data={"procedures": ["CERT_RENEW"]})
    assert client.get("/reserve/").status_code == 200
    assert client.get("/reserve/office/").status_code == 410
