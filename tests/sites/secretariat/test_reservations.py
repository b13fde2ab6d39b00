"""The secretariat finds, registers, changes and cancels; what it sees of people is on record."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse
from support.people import HANAKO, TARO, somebody
from support.secretariat import book, member, slot_at
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.births import PartialDate
from madoguchi.common.clock import JST
from madoguchi.common.references import show_reference
from madoguchi.notifications.models import Mail
from madoguchi.rendering.csv_file import read_csv
from madoguchi.reservations import search
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.people import Details
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, sessions
from madoguchi.workflows.privacy import access

pytestmark = pytest.mark.usefixtures("city")
LIST = "/secretariat/reservations/"
# One office, one day: given at once.
SHORT = f"{LIST}export/?office=HM01&from=2026-12-15&to=2026-12-15"
PERSON = {
    "name": "福岡　花子",
    "name_kana": "フクオカ　ハナコ",
    "birth_date": "S25.4.1",
    "phone": "090-0000-5678",
    "postal_code": "814-0006",
    "address": "星見市西区見本町2丁目1番1号",
    "email": "hanako@example.jp",
    "contact_by": "PHONE",
    "submission": "once",
}


def actions(target=None):
    rows = AuditEntry.objects.filter(actor__startswith="staff:")
    rows = rows.filter(target=target) if target else rows
    return list(rows.order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize(
    "asked",
    ["福岡", "花子", "ふくおか　はなこ", "ﾊﾅｺ", "5678", "09000005678", "090-0000-5678", "hanako@example.jp"],
)
def test_a_person_is_found_by_whatever_is_known(staff, asked):
    book()
    book(TARO, hour=11)
    html = page(staff.get(LIST, {"q": asked}))
    assert "福岡　花子" in html
    assert "博多　太郎" not in html


def test_only_the_people_on_the_page_are_shown_and_on_record(staff, monkeypatch):
    monkeypatch.setattr(search, "PAGE_SIZE", 1)
    first, second = book(), book(TARO, hour=11)
    seen = AuditEntry.objects.filter(action="reservations.list.viewed").order_by("pk")
    html = page(staff.get(LIST))
    assert ("福岡　花子" in html, "博多　太郎" in html) == (True, False)
    assert [entry.target for entry in seen] == [f"reservation:{first.id}"]
    html = page(staff.get(LIST, {"page": "2"}))
    assert f'href="?page=2&amp;open={second.reference}">博多　太郎' in html
    assert [entry.target for entry in seen.all()] == [f"reservation:{each.id}" for each in (first, second)]


def test_a_reference_is_found_as_it_is_spoken(staff):
    made = book()
    book(TARO, hour=11)
    html = page(staff.get(LIST, {"q": show_reference(made.reference).lower()}))
    assert "福岡　花子" in html
    assert "博多　太郎" not in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"from": "2026-12-15", "to": "2026-12-15"}, {"花子"}),
        ({"office": ["HM02"]}, {"太郎"}),
        ({"procedure": ["PIN_RESET"]}, {"太郎"}),
        ({"channel": ["WEB"]}, set()),
        ({"status": ["CANCELLED"]}, set()),
        ({"order": "nonsense"}, {"花子", "太郎"}),
        ({"from": "nonsense"}, set()),
        ({"page": "nonsense"}, set()),
    ],
)
def test_the_list_is_narrowed_by_its_address(staff, query, found):
    book()
    book(TARO, day=16, office="HM02", codes=("CERT_RENEW", "PIN_RESET"))
    html = page(staff.get(LIST, query))
    assert {name for name in ("花子", "太郎") if name in html} == found


def test_visits_that_are_over_stay_out_until_somebody_looks_for_them(staff):
    book()
    with clock.travel(clock.at(clock.today().replace(month=12, day=20), clock.MIDNIGHT)):
        assert "福岡　花子" not in page(staff.get(LIST))
        assert "福岡　花子" in page(staff.get(LIST, {"from": ""}))
        assert "来局日後" in page(staff.get(LIST, {"q": "花子"}))


def test_an_empty_list_says_what_to_do(staff):
    assert "条件に合う予約はありません" in page(staff.get(LIST))


def test_everyone_on_a_list_is_on_record_as_seen(staff):
    made = book()
    staff.get(LIST)
    entry = AuditEntry.objects.get(action="reservations.list.viewed")
    assert (entry.target, entry.detail["people"]) == (f"reservation:{made.id}", 1)


def test_telephone_and_mail_stay_masked_until_a_reason_is_given(staff):
    made = book()
    masked = page(staff.get(LIST, {"open": made.reference}))
    assert "090-****-5678" in masked
    assert "h●●●@example.jp" in masked
    assert "090-0000-5678" not in masked
    assert "hanako@example.jp" not in masked
    shown = page(staff.post(f"{LIST}?open={made.reference}", {"what": "phone", "reason": "CALL"}))
    assert "090-0000-5678" in shown
    assert "hanako@example.jp" not in shown
    entry = AuditEntry.objects.get(action="reservations.reservation.revealed")
    assert entry.detail == {"what": "phone", "reason": "CALL"}


def test_without_a_reason_from_the_list_nothing_is_shown(staff):
    made = book()
    html = page(staff.post(f"{LIST}?open={made.reference}", {"what": "phone", "reason": "気になる"}))
    assert "090-0000-5678" not in html
    assert "reservations.reservation.revealed" not in actions()


def test_the_record_of_a_person_shows_who_looked(staff):
    made = book()
    staff.get(LIST, {"open": made.reference})
    html = page(staff.get(reverse("secretariat:reservations-history", args=[made.reference])))
    assert "内容の表示" in html
    assert "中洲 次郎" in html


def test_more_people_on_a_page_take_no_more_queries(staff, django_assert_max_num_queries):
    for number in range(3):
        book(somebody(number), hour=9 + number)
    with django_assert_max_num_queries(30) as few:
        staff.get(LIST)
    for number in range(3, 7):
        book(somebody(number), hour=9 + number)
    with django_assert_max_num_queries(len(few)):
        staff.get(LIST)


def test_a_reservation_is_registered_by_telephone_and_the_second_press_books_nothing(staff):
    chosen = page(
        staff.get(
            "/secretariat/reservations/add/",
            {"procedures": "CERT_RENEW", "office": "HM01", "day": "2026-12-15"},
        )
    )
    slot = slot_at(15, 10, 30)
    assert f"slot={slot}" in chosen
    url = f"/secretariat/reservations/add/details/?procedures=CERT_RENEW&slot={slot}"
    assert "12/15(火) 10:30" in page(staff.get(url))
    first, again = staff.post(url, PERSON), staff.post(url, PERSON)
    assert first.url == again.url
    row = reservation(Reservation.objects.get().id, scope=EVERYWHERE)
    assert (row.channel, row.person.name, row.person.phone) == ("SECRETARIAT", "福岡　花子", "09000005678")


def test_a_taken_time_leaves_what_was_typed_and_offers_others(staff):
    book(TARO)
    url = f"/secretariat/reservations/add/details/?procedures=CERT_RENEW&slot={slot_at(15, 10, 30)}"
    html = page(staff.post(url, PERSON))
    assert "ほかの方の予約が入りました" in html
    assert 'value="福岡　花子"' in html
    other = re.search(r'formaction="([^"]+)"', html)[1].replace("&amp;", "&")
    assert staff.post(other, PERSON).status_code == 302


def test_a_second_booking_of_one_person_is_a_warning_that_staff_may_pass(staff):
    made = book()
    url = f"/secretariat/reservations/add/details/?procedures=CERT_RENEW&slot={slot_at(16, 9)}"
    html = page(staff.post(url, PERSON))
    assert show_reference(made.reference) in html
    assert Reservation.objects.count() == 1
    staff.post(url, {**PERSON, "may_repeat": "on"})
    assert Reservation.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("address", "見本町 1234 5678 9018", "マイナンバー"),
        ("phone", "12", "090-1234-5678"),
        ("name", "", "カードのとおりに"),
        ("birth_date", "S64.1.8", "平成元年"),
        ("name_kana", "1234", "フクオカ　ハナコ"),
    ],
)
def test_a_mistake_is_answered_with_what_to_type_and_nothing_is_lost(staff, field, typed, says):
    url = f"/secretariat/reservations/add/details/?procedures=CERT_RENEW&slot={slot_at(15, 10, 30)}"
    html = page(staff.post(url, {**PERSON, field: typed}))
    assert says in html
    assert "<title>エラー：" in html
    assert 'value="090-0000-5678"' in html or field == "phone"
    assert not Reservation.objects.exists()


def test_a_move_shows_old_and_new_before_it_is_saved(staff):
    made = book()
    here = reverse("secretariat:reservations-move", args=[made.reference])
    url = f"{here}?office=HM02&day=2026-12-16&slot={slot_at(16, 9, office='HM02')}"
    html = page(staff.get(url))
    assert re.search(r"<del[^>]*>12/15\(火\) 10:30", html)
    assert "12/16(水) 09:00 に変更する" in html
    assert reservation(made.id, scope=EVERYWHERE).office == "HM01"
    staff.post(url, {"reason": "SCHEDULE"})
    row = reservation(made.id, scope=EVERYWHERE)
    assert (row.office, row.starts_at.astimezone(JST).hour) == ("HM02", 9)
    entry = AuditEntry.objects.get(action="reservations.reservation.moved")
    assert entry.detail["reason"] == "SCHEDULE"


def test_a_visit_moves_closer_than_a_new_booking_may_be_made(staff):
    made = book()
    asked = {"office": "HM01", "day": "2026-11-26"}
    move = reverse("secretariat:reservations-move", args=[made.reference])
    assert "10:30" in page(staff.get(move, asked)).split("変更後")[-1]
    assert "予約を受け付けている日ではありません" not in page(staff.get(move, asked))
    add = reverse("secretariat:reservations-add")
    assert "予約を受け付けている日ではありません" in page(
        staff.get(add, {**asked, "procedures": "CERT_RENEW"})
    )


def test_a_correction_keeps_what_was_not_asked_and_opens_the_check_again(staff):
    made = book()
    staff.post(reverse("secretariat:checks-check", args=[made.reference]))
    url = reverse("secretariat:reservations-correct", args=[made.reference])
    html = page(staff.get(url))
    assert 'value="814-0006"' in html
    staff.post(url, {**PERSON, "address": "星見市西区見本町9番9号"})
    row = reservation(made.id, scope=EVERYWHERE)
    assert row.person.address == "星見市西区見本町9番9号"
    assert row.checked_at is None
    assert "訂正　住所" in page(staff.get(LIST, {"open": made.reference}))


def test_cancelling_is_idempotent_and_leads_to_the_same_page(staff):
    made = book()
    url = reverse("secretariat:reservations-cancel", args=[made.reference])
    first, second = (staff.post(url, {"reason": "SCHEDULE"}) for _ in range(2))
    assert first.url == second.url
    assert actions(f"reservation:{made.id}").count("reservations.reservation.cancelled") == 1


def test_a_visit_that_is_cancelled_between_page_and_press_leads_there_too(staff, monkeypatch):
    made = book()
    url = reverse("secretariat:reservations-cancel", args=[made.reference])
    cancel = changes.cancel

    def cancel_after_the_citizen(**facts):
        cancel(reservation_id=facts["reservation_id"], actor=CITIZEN, channel="WEB")
        cancel(**facts)

    monkeypatch.setattr(changes, "cancel", cancel_after_the_citizen)
    answer = staff.post(url, {"reason": "SCHEDULE"})
    assert (answer.status_code, made.reference in answer.url) == (302, True)


@pytest.mark.parametrize(
    ("reason", "kind"), [("SCHEDULE", "cancelled"), ("OFFICE_CLOSED", "office_cancelled")]
)
def test_a_cancellation_names_its_reason_and_whose_doing_it_is(staff, reason, kind):
    made = book()
    url = reverse("secretariat:reservations-cancel", args=[made.reference])
    assert "取消しの理由を選んでください" in page(staff.post(url, {}))
    assert f'value="{reason}" selected' in page(staff.get(url, {"reason": reason}))
    staff.post(url, {"reason": reason})
    row = reservation(made.id, scope=EVERYWHERE)
    assert (row.is_booked, row.cancel_reason) == (False, reason)
    assert kind in set(Mail.objects.values_list("kind", flat=True))
    assert staff.get(url).status_code == 302


def test_a_list_leaves_as_csv_with_its_reason_and_without_address_birth_date_or_telephone(staff):
    made = book()
    answer = staff.post(f"{SHORT}&q=花子", {"file": "csv", "reason": "PREPARATION"})
    rows = list(read_csv(answer.content))
    assert rows[0][:5] == ["来局日時", "所要（分）", "郵便局", "予約番号", "氏名"]
    assert rows[1][3:5] == [show_reference(made.reference), "福岡　花子"]
    text = answer.content.decode("utf-8-sig")
    assert not any(word in text for word in (HANAKO.address, "1950", "5678", "hanako"))
    assert re.fullmatch(
        r'attachment; filename="training-reservations-HM01-20261215-20261124-1000\.csv"',
        answer.headers["Content-Disposition"],
    )
    entry = AuditEntry.objects.get(action="reservations.list.exported")
    assert (entry.detail["file"], entry.detail["reason"]) == ("csv", "PREPARATION")


@pytest.mark.parametrize(("file", "magic"), [("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_a_list_leaves_as_excel_and_as_pdf(staff, file, magic):
    book()
    answer = staff.post(SHORT, {"file": file, "reason": "PREPARATION"})
    assert answer.content.startswith(magic)


def test_a_list_too_long_to_be_needed_at_once_is_refused(staff, monkeypatch):
    monkeypatch.setattr(access, "MAX_ROWS", 1)
    book()
    book(TARO, hour=11)
    answer = staff.post(SHORT, {"file": "csv", "reason": "CITY"}, follow=True)
    assert "絞り込んでください" in page(answer)
    assert "reservations.list.exported" not in actions()


def test_a_file_without_a_reason_is_not_made(staff):
    book()
    answer = staff.post(f"{LIST}export/", {"file": "csv"}, follow=True)
    assert "用途と形式" in page(answer)


def test_the_slip_of_a_person_is_a_pdf_and_on_record(staff):
    made = book()
    address = reverse("secretariat:reservations-slip", args=[made.reference])
    assert staff.get(address).status_code == 405
    assert staff.post(address).content.startswith(b"%PDF")
    assert "reservations.list.exported" in actions(f"reservation:{made.id}")


def test_looking_changes_nothing_but_the_record(staff):
    made = book()
    before = Reservation.objects.values().get()
    for url in (
        LIST,
        f"{LIST}?open={made.reference}",
        reverse("secretariat:reservations-move", args=[made.reference]),
        reverse("secretariat:reservations-cancel", args=[made.reference]),
        reverse("secretariat:reservations-correct", args=[made.reference]),
    ):
        staff.get(url)
    assert Reservation.objects.values().get() == before


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICE, Role.ADMIN, Role.CITY])
def test_other_roles_see_no_reservation_here(client, role):
    made = book()
    client.force_login(member(role))
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}export/", {"file": "csv", "reason": "CITY"}).status_code == 403
    assert (
        client.post(f"{LIST}?open={made.reference}", {"what": "phone", "reason": "CALL"}).status_code == 403
    )


def test_strangers_are_sent_to_sign_in(client):
    assert client.get(LIST).status_code == 302


def test_a_birth_date_of_which_a_part_is_unknown_is_written_down_and_read(staff):
    made = book()
    url = reverse("secretariat:reservations-correct", args=[made.reference])
    staff.post(url, {**PERSON, "birth_date": "S13.4.不詳"})
    assert reservation(made.id, scope=EVERYWHERE).person.birth_date == PartialDate(1938, 4)
    assert "昭和13年4月（日は不詳）（88歳以上）" in page(staff.get(LIST, {"open": made.reference}))
    assert 'value="昭和13年4月（日は不詳）"' in page(staff.get(url))


def test_the_name_to_be_called_by_goes_with_every_list(staff):
    book(replace(HANAKO, details=Details(called_name="博多　花子")))
    assert "お呼びする名前　博多　花子" in page(staff.get(LIST))
    answer = staff.post(SHORT, {"file": "csv", "reason": "PREPARATION"})
    head, row = list(read_csv(answer.content))
    assert row[head.index("お呼びする名前")] == "博多　花子"


def test_sex_is_corrected_where_the_rule_asks_for_it_and_stands_on_no_list(staff, asks_sex):
    made = book(replace(HANAKO, details=Details(sex="FEMALE")))
    url = reverse("secretariat:reservations-correct", args=[made.reference])
    assert '<option value="FEMALE" selected>女</option>' in page(staff.get(url))
    staff.post(url, {**PERSON, "sex": "NOT_TOLD"})
    assert reservation(made.id, scope=EVERYWHERE).person.details.sex == "NOT_TOLD"
    shown = page(staff.get(LIST, {"open": made.reference}))
    assert "性別" not in shown
    assert "回答しない" not in shown


def test_where_the_rule_does_not_ask_for_sex_there_is_no_field(staff):
    made = book()
    url = reverse("secretariat:reservations-correct", args=[made.reference])
    assert "性別" not in page(staff.get(url))
    staff.post(url, {**PERSON, "address": "星見市西区見本町9番9号", "sex": "MALE"})
    assert reservation(made.id, scope=EVERYWHERE).person.details.sex == ""


def test_reservations_booked_together_are_linked_without_a_name(staff):
    codes = ("CERT_RENEW",)
    family = [HANAKO, replace(HANAKO, name="福岡　月子", name_kana="フクオカ　ツキコ")]
    token = sessions.start_session(source="1", form_data={})
    sessions.hold_slot(token=token, slot=slot_at(15, 9), codes=codes, others=[codes])
    first, second = booking.book_held(
        booking.BookingRequest(
            visitors=tuple(booking.Visitor(codes, person) for person in family), token=token
        )
    )
    html = page(staff.get(f"{LIST}?open={first.reference}&q={first.reference}"))
    assert f"open={second.reference}" in html
    assert "12/15(火) 09:30" in html
    assert "月子" not in html
