"""The call screen: five blocks, everything typed stays, and the last press books once."""

import re
from datetime import date, time, timedelta

import pytest
from support.callcentre import PERSON, CallScreen, put_texts
from support.crowd import sell_out
from support.people import HANAKO, OPERATOR, TARO, somebody
from support.secretariat import book, member, slot_at

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.births import PartialDate
from madoguchi.common.references import show_reference
from madoguchi.reservations.errors import SlotFull
from madoguchi.reservations.models import Reservation, Seat, Wait
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.waiting import Wish, wait
from madoguchi.workflows.booking.changes import cancel
from madoguchi.workflows.booking.waiting import enter

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def call(client):
    put_texts()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    return CallScreen(client)


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


def test_the_time_can_be_kept_longer_once(call, now):
    call.to_person()
    with clock.travel(now + timedelta(minutes=9)):
        call.press("extend", name="福岡　花子")
        assert "10:19まで確保" in call.html
        assert "延長</button>" not in call.html
        assert call.fields["name"] == ["福岡　花子"]
        call.press("extend")
        assert "10:19まで確保" in call.html


def test_a_time_held_too_long_is_said_to_be_so_and_still_booked_where_it_is_free(call, now):
    call.to_read_back()
    with clock.travel(now + timedelta(minutes=11)):
        call.press("extend")
        assert "確保の時間が過ぎました" in call.html
        call.press(read=call.lines())
    assert Reservation.objects.count() == 1


@pytest.mark.parametrize("do", ["back", "open:1", "open:2", "leave"])
def test_who_leaves_the_time_gives_it_back_at_once(call, do):
    call.to_person().press(do)
    assert held() == []


def test_an_operator_who_begins_ever_new_calls_holds_three_times_at_most(call):
    for day in (15, 16, 17, 18):
        CallScreen(call.client).to_person(cell=f"HM01:2026-12-{day}")
    assert held() == [slot_at(day, 9) for day in (16, 17, 18)]


def test_taking_a_time_twice_holds_it_once(call):
    call.to_place().take("HM01:2026-12-15")
    fields = {**call.fields, "do": "next"}
    for _ in range(2):
        call.client.post("/operator/", fields)
    assert held() == [slot_at(15, 9)]


def test_nothing_of_a_call_is_kept_before_the_booking(call):
    call.to_read_back()
    session = call.client.session
    assert "福岡" not in str(dict(session))
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


def test_who_is_found_is_not_shown_with_time_and_place_before_the_caller_is_known(call):
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


def test_without_a_procedure_the_first_block_stays_open_and_says_why(call):
    call.press(card_expires_on="2035-13-01")
    assert "手続きを、1つ以上選んでください" in call.html
    assert "カードの有効期限は、2027.2.3 か R9.2.3 のように入力してください" in call.html
    assert call.fields["card_expires_on"] == ["2035-13-01"]
    assert call.html.startswith("<!doctype html>")
    assert "<title>エラー：" in call.html


@pytest.mark.parametrize("typed", ["9999-12-31", "0001-01-01", "R99.2.30", "明日", "2027-2-3ごろ", "12"])
def test_a_date_that_no_card_carries_is_answered_with_an_example(call, typed):
    call.to_place(cert_expires_on=typed)
    assert "電子証明書の有効期限は、2027.2.3 か R9.2.3 のように入力してください" in call.html
    assert call.fields["cert_expires_on"] == [typed]


def test_a_card_that_ends_with_its_certificate_leads_to_the_ward_office(call):
    call.to_place(card_expires_on="R9.2.3", cert_expires_on="2027.2.3")
    assert "カードの作り直しは区役所で。" in call.html
    assert call.fields["step"] == ["1"]


def test_what_the_caller_says_can_lead_to_the_ward_office(call):
    call.to_place(conditions=["not_self"])
    assert "代理の方の手続きは区役所で。" in call.html
    assert call.fields["step"] == ["1"]


def test_a_certificate_that_is_over_is_issued_anew(call):
    call.to_place(cert_expires_on="R8.11.1")
    assert "「新規発行」にしました" in call.html
    assert call.fields["procedures"] == ["CERT_ISSUE"]


def test_a_renewal_that_no_bookable_day_reaches_stays_at_the_procedures_and_says_from_when(call):
    call.to_place(cert_expires_on="2027-04-22")
    assert "更新できるのは、令和9年1月23日(土)からです。" in call.html
    assert "1月25日（月）の予約は、11月26日（木）午前9時から受け付けます。" in call.html
    assert call.fields["step"] == ["1"]
    call.press(cert_expires_on="2031-04-22")
    assert "区役所をご案内してください" in call.html


def test_a_certificate_that_ends_before_any_visit_by_telephone_is_led_to_the_ward(call):
    call.to_place(cert_expires_on="2026-11-26")
    assert "区役所で受け付けています。" in call.html
    assert call.fields["step"] == ["1"]
    call.press(cert_expires_on="2026-11-27")
    assert call.fields["step"] == ["2"]


def test_the_renewal_window_bounds_the_grid(call):
    call.to_place(cert_expires_on="2027-03-14")
    assert "更新できるのは、12月15日（火）からです。" in call.html
    assert "cell:HM01:2026-12-15" in call.html
    assert "cell:HM01:2026-12-14" not in call.html


def test_the_nearest_office_comes_first_and_a_key_takes_a_time(call):
    call.to_place().press(near="999-0002")
    rows = call.html[call.html.index('<table class="grid">') :]
    assert rows.index("星見西") < rows.index("星見東")
    assert "data-key=" in rows
    call.press("cell:HM02:2026-12-01")
    assert 'aria-pressed="true"' in call.html
    assert "<mark>星見西郵便局</mark>" in call.html
    assert "<mark>12月1日、火曜日、</mark>" in call.html


def test_an_unknown_postal_code_is_no_reason_to_refuse(call):
    call.to_place().press(near="100-0001")
    assert "早い順に並べています" in call.html
    assert '<table class="grid">' in call.html


def test_a_postal_code_that_is_none_is_answered_beside_the_field(call):
    call.to_place().press(near="12")
    assert "郵便番号は、810-0001 のように7桁の数字で入力してください" in call.html
    assert call.fields["near"] == ["12"]


def test_the_grid_turns_to_later_days_and_back(call):
    call.to_place()
    first = call.fields["since"]
    call.press(next(_values(call.html, "days:")))
    assert call.fields["since"] != first
    call.press(next(_values(call.html, "days:")))
    assert call.fields["since"] == first


def _values(html, start):
    for part in html.split('value="')[1:]:
        value = part.partition('"')[0]
        if value.startswith(start):
            yield value


def test_seats_kept_for_the_telephone_are_offered_and_days_closer_than_on_the_web(call):
    call.to_place()
    assert "cell:HM01:2026-11-27" in call.html
    assert "cell:HM01:2026-11-26" not in call.html


def test_without_a_time_the_second_block_stays_open(call):
    call.to_place().press("next", slot="")
    assert "日時を選んでください" in call.html


def test_the_address_follows_from_the_postal_code(call):
    call.to_place().press(near="999-0002").take("HM01:2026-12-15").press()
    assert call.fields["postal_code"] == ["999-0002"]
    assert call.fields["address"] == ["星見市西区見本町"]


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


def test_each_line_is_read_aloud_before_the_booking(call):
    call.to_read_back().press(read=["visit"])
    assert "まだ読み上げていないものが3つあります" in call.html
    assert call.fields["read"] == ["visit"]
    assert Reservation.objects.count() == 0
    assert "12月15日（火）午前9時、星見東郵便局" in call.html
    assert "変更は12月8日（火）午後5時まで、取消しは12月14日（月）正午まで" in call.html


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
        call.press(next(_values(call.html, "days:")))


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
    assert not Reservation.objects.filter(applicant__person_hash=Wait.objects.get().person_hash).exists()


def test_who_waits_already_is_told_on_the_call_and_a_way_back_leads_to_the_times(call):
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
    assert f'href="/operator/?with={first.reference}"' in booked
    call.answer = call.client.get(f"/operator/?with={first.reference}")
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
    call.client.get(f"/operator/?with={made.reference}")
    call.to_read_back().press(read=call.lines(), **{"with": made.reference})
    assert Reservation.objects.count() == 2
    assert not Reservation.objects.exclude(party=None).exists()


def test_when_the_visit_beside_is_cancelled_the_next_press_books_alone(call):
    call.to_read_back().press(read=call.lines())
    first = Reservation.objects.get()
    call.answer = call.client.get(f"/operator/?with={first.reference}")
    own = {"name": "福岡　月子", "name_kana": "フクオカ　ツキコ", "birth_date": "S55.5.5"}
    call.press(procedures=["CERT_RENEW"]).press().press(**own)
    cancel(reservation_id=first.id, actor=OPERATOR, channel="PHONE")
    call.press(read=call.lines())
    assert "この方だけの予約として登録します" in call.html
    call.press(read=call.lines())
    assert Reservation.objects.exclude(pk=first.pk).get().party is None
