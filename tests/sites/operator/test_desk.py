"""The call screen: five blocks, everything typed stays, and the last press books once."""

import re
from datetime import timedelta

import pytest
from support.callcentre import PERSON, CallScreen, values
from support.people import HANAKO, TARO, somebody
from support.secretariat import book, member, slot_at

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.births import PartialDate
from madoguchi.common.references import show_reference
from madoguchi.contract.services import decide_rule
from madoguchi.reservations.errors import SlotFull
from madoguchi.reservations.models import BookingSession, Reservation, Seat
from madoguchi.reservations.selectors import reservation

pytestmark = pytest.mark.usefixtures("city")


def listed():
    return AuditEntry.objects.filter(action="reservations.list.viewed").count()


def test_a_call_ends_with_a_booking_and_its_reference_to_read(call):
    call.to_read_back().press(read=call.lines())
    made = Reservation.objects.get()
    assert call.answer.url == f"/operator/visits/{made.reference}/booked/"
    row = reservation(made.id, scope=EVERYWHERE)
    assert (row.channel, row.office, row.person.name, row.person.phone) == (
        "PHONE",
        "HM01",
        "福岡　花子",
        "09000005678",
    )
    assert row.person.ward_code == "992038"
    html = call.client.get(call.answer.url).content.decode()
    first, _, third = show_reference(made.reference).split("-")
    assert f"<strong>{first}</strong>" in html
    assert f"<strong>{third}</strong>" in html


def test_the_last_press_twice_books_once(call):
    call.to_read_back()
    fields = {**call.fields, "read": call.lines(), "do": "next"}
    first, again = (call.client.post("/operator/", fields) for _ in range(2))
    assert first.url == again.url
    assert Reservation.objects.count() == 1


def test_another_content_after_the_booking_is_told_apart_from_the_same_press(call):
    call.to_read_back()
    fields = {**call.fields, "read": call.lines(), "do": "next"}
    call.client.post("/operator/", fields)
    again = call.client.post("/operator/", {**fields, "name": "博多　太郎"})
    assert "この予約は登録済みです" in again.content.decode()
    assert Reservation.objects.count() == 1


def held():
    """The slots on which a seat is held."""
    return list(
        Seat.objects.filter(held_until__gt=clock.now())
        .values_list("slot_id", flat=True)
        .order_by("slot__starts_at")
    )


def test_the_time_is_the_callers_alone_while_they_talk(call):
    call.to_person()
    assert held() == [slot_at(15, 9)]
    assert "10:10まで確保" in call.html
    call.press(**PERSON)
    with pytest.raises(SlotFull):
        book(TARO, hour=9, minute=0)
    call.press(read=call.lines())
    assert Seat.objects.get(reservation__isnull=False).slot_id == slot_at(15, 9)
    assert held() == []


def test_the_time_can_be_kept_longer_and_each_press_counts_once(call, now):
    call.to_person()
    with clock.travel(now + timedelta(minutes=9)):
        for _press in range(2):
            call.press("extend:0", name="福岡　花子")
            assert "10:20まで確保" in call.html
            assert call.fields["name"] == ["福岡　花子"]
        for number in range(1, 11):
            assert (
                f'value="extend:{number}"' in call.html if number < 10 else 'value="extend' not in call.html
            )
            call.press(f"extend:{number}")
        assert "11:50まで確保" in call.html


def test_a_time_held_too_long_is_said_to_be_so_and_still_booked_where_it_is_free(call, now):
    call.to_read_back()
    with clock.travel(now + timedelta(minutes=11)):
        call.press("extend:0")
        assert "確保の時間が過ぎました" in call.html
        call.press(read=call.lines())
    assert Reservation.objects.count() == 1


@pytest.mark.parametrize("do", ["back", "open:1", "open:2", "leave"])
def test_leaving_a_held_time_frees_it_at_once(call, do):
    call.to_person().press(do)
    assert held() == []


def test_an_operator_holds_one_time_in_whatever_tab(call):
    for day in (15, 16, 17):
        tab = CallScreen(call.client)
        tab.press("open:1")
        tab.to_person(cell=f"HM01:2026-12-{day}")
    assert held() == [slot_at(17, 9)]


def test_taking_a_time_twice_holds_it_once(call):
    call.to_place().take("HM01:2026-12-15")
    fields = {**call.fields, "do": "next"}
    for _ in range(2):
        call.client.post("/operator/", fields)
    assert held() == [slot_at(15, 9)]


def test_what_is_typed_before_the_booking_is_kept_sealed_only(call):
    call.to_read_back()
    assert "福岡" not in str(dict(call.client.session))
    assert not any("福岡".encode() in bytes(row.form_data) for row in BookingSession.objects.all())
    assert Reservation.objects.count() == 0


def test_nothing_personal_stands_in_an_address(call):
    call.press("search", q="09000005678")
    assert call.answer.wsgi_request.get_full_path() == "/operator/"


@pytest.mark.parametrize(
    "asked",
    [
        "5678",
        "090-0000-5678",
        "ふくおか",
        "ハナコ",
        "S25.4.1",
        "昭和25年4月1日",
        "19500401",
        "フクオカ 1950/4/1",
    ],
)
def test_a_caller_is_found_by_whatever_is_said_first(call, asked):
    book()
    book(TARO, hour=11)
    call.press(q=asked)
    assert "福岡　花子" in call.html
    assert "博多　太郎" not in call.html
    assert "090-****-5678" in call.html
    assert listed() == 1


def test_the_search_shows_no_time_and_place_before_the_caller_is_verified(call):
    book()
    call.press(q="ハナコ")
    [found] = re.findall(r'<ul class="callers">.*?</ul>', call.html, re.DOTALL)
    assert "予約中" in found
    assert "更新" in found
    assert not re.search(r"\d/\d|\d:\d|星見", found)


def test_a_search_keeps_what_was_typed_into_the_booking(call):
    book(TARO)
    call.to_person().press("search", q="博多", **PERSON)
    assert "博多　太郎" in call.html
    assert call.fields["name"] == ["福岡　花子"]
    assert 'value="福岡　花子"' in call.html


def test_an_empty_search_lists_nobody(call):
    book()
    call.press("search", q="  ")
    assert "福岡　花子" not in call.html
    assert listed() == 0


def test_an_impossible_birth_date_is_answered_with_the_right_one(call):
    call.press(q="S64.1.8")
    assert "平成元年1月8日ではありませんか" in call.html


def test_people_with_one_telephone_are_hinted_at(call):
    book()
    book(somebody(1, phone=HANAKO.phone), hour=11)
    call.press(q="090-0000-5678")
    assert "ご家族のことがあります" in call.html


def test_the_address_follows_from_the_postal_code(call):
    call.to_place().press(near="999-0002").take("HM01:2026-12-15").press()
    assert call.fields["postal_code"] == ["999-0002"]
    assert call.fields["address"] == ["星見市西区見本町"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("見本町1-1-1", "星見市西区見本町1-1-1"),
        ("星見市東区別の町1-1-1", "星見市東区別の町1-1-1"),
    ],
)
def test_the_town_of_a_postal_code_is_put_before_what_was_typed(call, typed, read):
    call.to_person().press("address", postal_code="999-0002", address=typed)
    assert call.fields["address"] == [read]
    assert ("住所と違います" in call.html) == ("東区" in typed)


def test_a_typed_address_stays_when_another_time_is_chosen(call):
    call.to_place().press(near="999-0002").take("HM01:2026-12-15").press()
    call.press("open:2", postal_code="", address="天神1-1-1")
    call.take("HM01:2026-12-15").press()
    assert call.fields["address"] == ["天神1-1-1"]


def test_errors_stand_beside_the_fields_and_what_was_typed_stays(call):
    call.to_person().press(**{**PERSON, "birth_date": "昭和64年1月8日", "phone": "12", "name": ""})
    assert "平成元年1月8日ではありませんか" in call.html
    assert "電話番号は、090-1234-5678" in call.html
    assert "お名前を、カードのとおりに入力してください" in call.html
    assert call.fields["birth_date"] == ["昭和64年1月8日"]
    assert call.fields["address"] == [PERSON["address"]]


def test_a_my_number_is_refused_beside_the_field(call):
    call.to_person().press(**{**PERSON, "unreadable_characters": "123456789018"})
    assert "マイナンバー（個人番号）と思われる" in call.html
    assert call.fields["step"] == ["3"]


def test_somebody_under_15_is_led_to_the_ward_office(call):
    call.to_person().press(**{**PERSON, "birth_date": "2015-04-01"})
    assert "西暦2015年では11歳です" in call.html
    assert "手続きの日に15歳未満の方は" in call.html
    assert "15歳未満の方は区役所で。" in call.html


def test_the_box_for_those_too_young_names_the_age_of_the_rules(call):
    decide_rule(key="min_age", value=18, effective_from=clock.now(), actor=SYSTEM)
    assert "手続きの日に18歳未満" in CallScreen(call.client).html


def test_each_line_is_read_aloud_before_the_booking(call):
    call.to_read_back().press(read=["visit"])
    assert "まだ読み上げていないものが5つあります" in call.html
    assert call.fields["read"] == ["visit"]
    assert Reservation.objects.count() == 0
    assert "12月15日（火）午前9時、星見東郵便局" in call.html
    assert "変更は12月8日（火）午後5時まで、取消しは12月14日（月）正午まで" in call.html
    assert "住所　〒999-0002　星見市西区見本町2丁目1番1号" in call.html
    assert "メールアドレス　hanako@example.jp" in call.html


def test_without_mail_no_mail_is_read_back(call):
    assert "メールアドレス　" not in call.to_read_back(email="").html


def test_a_family_on_the_same_telephone_is_a_hint(call):
    book(somebody(1, phone=HANAKO.phone), hour=11)
    call.to_read_back()
    assert "同じ方か、ご家族の予約かもしれません" in call.html
    assert "見本　1郎" in call.html
    assert listed() == 1
    call.press(read=call.lines())
    assert Reservation.objects.count() == 2


def test_a_second_booking_of_one_person_is_a_warning_that_can_be_passed_knowingly(call):
    book(day=16)
    call.to_read_back().press(read=call.lines())
    assert "同じ手続きの予約があります" in call.html
    assert Reservation.objects.count() == 1
    call.press(read=call.lines(), may_repeat="on")
    assert Reservation.objects.count() == 2


def test_a_time_that_is_gone_opens_the_grid_again_with_everything_kept(call, now):
    call.to_read_back()
    with clock.travel(now + timedelta(minutes=11)):
        book(TARO, hour=9, minute=0)
    call.press(read=call.lines())
    assert "ほかの方の予約が入りました" in call.html
    assert call.fields["step"] == ["2"]
    assert call.fields["name"] == ["福岡　花子"]
    assert call.fields["address"] == [PERSON["address"]]
    slot = slot_at(15, 10)
    call.take("HM01:2026-12-15").press(slot=str(slot)).press().press(read=call.lines())
    assert Reservation.objects.count() == 2


def test_going_back_keeps_what_came_after(call):
    call.to_read_back().press("open:1")
    assert call.fields["step"] == ["1"]
    assert call.fields["name"] == ["福岡　花子"]
    call.press("back").press("open:4")
    assert call.fields["step"] == ["1"]


def test_what_a_browser_made_up_does_no_harm(call):
    call.press(
        "offices:-9",
        step="999",
        page="x" * 400,
        since="nonsense",
        cell="PO99:never",
        slot="99999999999999",
        ward="000000",
        procedures=["CERT_RENEW", "NONE"],
    )
    assert call.answer.status_code == 200
    call.press("cell:HM01:not-a-day", step="2", procedures=["CERT_RENEW"])
    assert call.answer.status_code == 200
    call.press(step="4", slot="99999999999999999999", read=["visit"], procedures=["CERT_RENEW"])
    assert call.answer.status_code == 200
    assert Reservation.objects.count() == 0


def test_the_bar_counts_todays_rows(call):
    book()
    html = call.client.get("/operator/").content.decode()
    assert "<dt>電話予約</dt><dd>1</dd>" in "".join(line.strip() for line in html.splitlines())


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.OFFICE, Role.HELPDESK, Role.CITY, Role.ADMIN])
def test_only_operators_open_the_call_screen(client, role):
    client.force_login(member(role, "someone"))
    assert client.get("/operator/").status_code == 403


def test_more_people_found_take_no_more_queries(call, django_assert_max_num_queries):
    for number in range(3):
        book(somebody(number), hour=9 + number)
    with django_assert_max_num_queries(40) as few:
        call.press("search", q="見本")
    for number in range(3, 8):
        book(somebody(number), hour=9 + number)
    with django_assert_max_num_queries(len(few)):
        call.press("search", q="見本")


def test_more_days_and_offices_in_the_grid_take_no_more_queries(call, django_assert_max_num_queries):
    with django_assert_max_num_queries(40) as grid:
        call.to_place()
    with django_assert_max_num_queries(len(grid)):
        call.press(next(values(call.html, "days:")))


def test_a_caller_who_does_not_know_the_whole_birth_date_is_booked_and_found(call):
    call.to_read_back(birth_date="S13.4.不詳")
    assert "昭和13年4月（日は不詳）生まれ" in call.html
    call.press(read=call.lines())
    assert reservation(Reservation.objects.get().id, scope=EVERYWHERE).person.birth_date == PartialDate(
        1938, 4
    )
    again = CallScreen(call.client).press("search", q="S13.4.不詳")
    assert "福岡　花子" in again.html
    assert "福岡　花子" not in CallScreen(call.client).press("search", q="S13.4.1").html


def test_sex_is_asked_by_the_rule_only_and_not_read_aloud(call, asks_sex):
    call.to_person()
    assert "性別" in call.html
    call.press(**PERSON, sex="FEMALE")
    assert "女" not in call.html
    call.press(read=call.lines())
    assert reservation(Reservation.objects.get().id, scope=EVERYWHERE).person.details.sex == "FEMALE"
