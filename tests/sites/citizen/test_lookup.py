"""Seeing, changing and cancelling a booking: by reference and birth date, by a code, by the secret link."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.journeys import BIRTH, CONTACT, forget_all_but_links, opens, slot_at, text_of, to_booked
from support.people import HANAKO, TARO
from support.secretariat import book

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN, SYSTEM
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.births import PartialDate
from madoguchi.common.clock import JST
from madoguchi.contract.services import decide_rule
from madoguchi.notifications.models import Mail
from madoguchi.reservations.disruptions import create_disruption
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import Reservation, Seat
from madoguchi.reservations.selectors import access_code, reservation
from madoguchi.workflows.booking import changes as booking_changes
from madoguchi.workflows.booking import lookup

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def booked(client):
    """花子's booking, and a browser that knows nothing of it."""
    client.link = to_booked(client).url.split("?")[0]
    forget_all_but_links(client)
    return Reservation.objects.get()


def here(client):
    """Return where this browser's last look-up shows what it found."""
    return [cookie["path"] for name, cookie in client.cookies.items() if name.startswith("booking-")][-1]


def look_up(client, booked, **changes):
    return client.post("/lookup/", {"reference": booked.reference, **BIRTH, **changes})


def test_reference_and_birth_date_show_the_state_and_the_time_but_not_the_person_or_the_place(client, booked):
    assert look_up(client, booked).url == here(client)
    page = text_of(client.get(here(client)))
    assert "ご予約をお受けしています" in page
    assert "12月15日（火）午前10時30分" in page
    assert "福●　花●" in page
    assert "h●●●@example.jp" in page
    for hidden in ("福岡　花子", "フクオカ", "星見東郵便局", "見本町", "090-0000-5678", "hanako@"):
        assert hidden not in page


def test_the_reference_may_be_written_as_people_write(client, booked):
    shown = f"{booked.reference[:4]}－{booked.reference[4:7]} {booked.reference[7:]}".lower()
    assert look_up(client, booked, reference=shown).url == here(client)


@pytest.mark.parametrize(
    "changes", [{"birth_date_day": "2"}, {"reference": "K7MTAWXR74"}], ids=["birth date", "reference"]
)
def test_a_wrong_reference_and_a_wrong_birth_date_get_the_same_answer(client, booked, changes):
    page = text_of(look_up(client, booked, **changes))
    assert "予約が見つかりませんでした" in page
    assert not [name for name in client.cookies if name.startswith("booking-")]


def test_trying_out_is_stopped(client, booked, monkeypatch):
    monkeypatch.setattr(lookup, "LOOK_UPS_PER_REFERENCE", 1)
    look_up(client, booked, birth_date_day="2")
    assert look_up(client, booked).status_code == 429


def test_without_a_look_up_there_is_nothing_to_see(client):
    assert client.get("/booking/none/").url == "/lookup/"
    assert client.get("/booking/none/change/").status_code == 404
    assert client.post("/booking/none/cancel/").status_code == 404


def test_an_altered_cookie_opens_nothing(client, booked):
    look_up(client, booked)
    name = f"booking-{here(client).split('/')[2]}"
    client.cookies[name] = client.cookies[name].value[:-2] + "xx"
    assert client.get(here(client)).url == "/lookup/"


def test_an_unknown_link_is_not_found(client, booked):
    assert client.get(client.link[:-3] + "xx/").status_code == 404


def test_the_link_shows_everything_and_the_look_is_on_record(client, booked):
    page = text_of(client.get(client.link))
    for shown in ("福岡　花子", "星見東郵便局", "090-0000-5678", "hanako@example.jp", "マイナンバーカード"):
        assert shown in page
    assert AuditEntry.objects.get(action="reservations.reservation.viewed").actor == str(CITIZEN)


def test_the_mailed_code_opens_everything_once(client, booked):
    look_up(client, booked)
    assert client.post(f"{here(client)}code/").url == f"{here(client)}code/use/"
    assert Mail.objects.filter(kind="access_code").count() == 1
    code = access_code(booked.id)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert "確認コードが正しくない" in text_of(client.post(f"{here(client)}code/use/", {"code": wrong}))
    assert client.post(f"{here(client)}code/use/", {"code": code}).url == here(client)
    assert "福岡　花子" in text_of(client.get(here(client)))
    assert access_code(booked.id) == ""


def test_a_change_is_asked_once_more_and_then_made_once(client, booked):
    slot = slot_at(16, 14)
    asked = client.post(client.link + "change/", {"slot": slot})
    assert "この日時に変更しますか" in text_of(asked)
    assert Reservation.objects.get().starts_at == booked.starts_at
    for _ in range(2):
        answer = client.post(client.link + "change/", {"slot": slot, "sure": "1"})
        assert answer.url == f"{client.link}?changed=1"
    row = Reservation.objects.get()
    assert row.starts_at == datetime(2026, 12, 16, 14, 0, tzinfo=JST)
    assert row.reference == booked.reference
    assert Mail.objects.filter(kind="changed").count() == 1


def test_a_change_by_reference_asks_for_the_office_and_so_tells_nothing_of_it(client, booked):
    look_up(client, booked)
    page = client.get(f"{here(client)}change/?day=2026-12-16")
    assert "郵便局は変えずに日時を変える" in text_of(page)
    # No time of the office: their numbers and gaps would tell which one it is.
    assert "slot" not in text_of(page)
    pages = [client.get(f"{here(client)}change/?office={code}&day=2026-12-16") for code in ("HM01", "HM02")]
    assert [each.context["times"].office for each in pages] == ["星見東郵便局", "星見西郵便局"]
    for code, name in (("HM01", "星見東郵便局"), ("HM02", "星見西郵便局")):
        slot = slot_at(16, 14, office=code)
        asked = client.post(f"{here(client)}change/?office={code}", {"slot": slot})
        assert text_of(asked).count(name) == 1


def test_a_change_to_another_office(client, booked):
    slot = slot_at(16, 14, office="HM02")
    assert "星見西郵便局" in text_of(client.post(client.link + "change/?office=HM02", {"slot": slot}))
    client.post(client.link + "change/?office=HM02", {"slot": slot, "sure": "1"})
    assert Reservation.objects.get().office_id == "HM02"


def test_the_same_office_comes_first_and_the_last_four_digits_lead_to_its_times(client, booked):
    look_up(client, booked)
    content = client.get(f"{here(client)}change/").content.decode().replace("\u200b", "")
    assert content.index("郵便局は変えずに日時を変える") < content.index("郵便局を変える</h2>")
    answer = client.post(f"{here(client)}place/?to=change", {"phone_end": "５６７８"})
    assert answer.url == f"{here(client)}change/"
    page = client.get(answer.url)
    assert page.context["times"].office == "星見東郵便局"
    assert "郵便局は変わりません" in text_of(page)
    assert "郵便局も変わります" in text_of(client.get(f"{answer.url}?office=HM02"))
    assert "星見西郵便局" in text_of(client.get(f"{answer.url}?office=all"))


def test_the_last_four_digits_of_the_telephone_show_the_place_and_nothing_else(client, booked):
    look_up(client, booked)
    assert client.post(f"{here(client)}place/", {"phone_end": "5678"}).url == here(client)
    page = text_of(client.get(here(client)))
    assert "星見東郵便局" in page
    assert "福●　花●" in page
    for hidden in ("福岡　花子", "フクオカ", "090-0000-5678", "hanako@"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("typed", "says"), [("5679", "と合いません"), ("567", "4桁の数字で"), ("", "4桁の数字で")]
)
def test_wrong_digits_are_refused_beside_their_field_and_stay_typed(client, booked, typed, says):
    look_up(client, booked)
    page = client.post(f"{here(client)}place/?to=change", {"phone_end": typed})
    assert says in page.context["form"].errors["phone_end"][0]
    assert f'value="{typed}"' in page.content.decode() or not typed
    assert "表示していません" in text_of(client.get(here(client)))


def test_whoever_saw_the_place_does_not_see_where_the_booking_is_moved_by_its_owner(client, booked):
    look_up(client, booked)
    client.post(f"{here(client)}place/", {"phone_end": "5678"})
    slot = slot_at(16, 14, office="HM02")
    client.post(client.link + "change/?office=HM02", {"slot": slot, "sure": "1"})
    page = text_of(client.get(here(client)))
    assert "表示していません" in page
    assert "星見西郵便局" not in page


@pytest.mark.parametrize(
    ("office", "says"), [("HM01", "日時を変更しました"), ("HM02", "日時と郵便局を変更しました")]
)
@pytest.mark.parametrize("by_link", [True, False])
def test_a_moved_booking_says_whether_the_office_changed_and_names_it(client, booked, office, says, by_link):
    look_up(client, booked)
    page = client.link if by_link else here(client)
    slot = slot_at(16, 14, office=office)
    asked = text_of(client.post(f"{page}change/?office={office}", {"slot": slot}))
    assert ("郵便局も変わります" in asked) is (by_link and office == "HM02")
    moved = client.post(f"{page}change/?office={office}", {"slot": slot, "sure": "1"}, follow=True)
    assert says in text_of(moved)
    assert {"HM01": "星見東郵便局", "HM02": "星見西郵便局"}[office] in text_of(moved)


def test_when_the_new_time_is_gone_the_old_one_stays(client, booked):
    Seat.objects.filter(slot=slot_at(16, 14)).update(is_withdrawn=True)
    page = client.post(client.link + "change/?day=2026-12-16", {"slot": slot_at(16, 14), "sure": "1"})
    assert "ほかの方の予約が入りました" in text_of(page)
    assert Reservation.objects.get().starts_at == booked.starts_at


def test_a_cancellation_without_a_reason_frees_the_seat_and_is_idempotent(client, booked):
    for _ in range(2):
        assert client.post(client.link + "cancel/").url == f"{client.link}?cancelled=1"
    assert Reservation.objects.get().status == ReservationStatus.CANCELLED
    page = text_of(client.get(client.link))
    assert "この予約は、取り消されています" in page
    assert "あらためて予約する" in page
    assert to_booked(client).status_code == 302


def test_a_reason_is_one_of_a_list(client, booked):
    assert client.post(client.link + "cancel/", {"reason": "自由に書いた理由"}).status_code == 200
    client.post(client.link + "cancel/", {"reason": "SCHEDULE"})
    assert Reservation.objects.get().cancel_reason == "SCHEDULE"


def test_deadlines_are_shown_as_dates_and_the_last_moment_still_counts(client, booked):
    page = text_of(client.get(client.link))
    assert "12月8日（火）午後5時まで" in page
    assert "12月14日（月）正午まで" in page
    assert "日前" not in page
    with clock.travel(datetime(2026, 12, 8, 17, 0, tzinfo=JST)):
        assert client.get(client.link + "change/").status_code == 200
    with clock.travel(datetime(2026, 12, 8, 17, 0, 1, tzinfo=JST)):
        assert client.get(client.link + "change/").url == client.link
        assert "にお電話ください" in text_of(client.get(client.link))


def test_a_cancelled_booking_looks_cancelled_on_page_and_slip(client, booked):
    assert "予約を取り消しました" not in text_of(client.get(f"{client.link}?cancelled=1")), "nothing is"
    page = client.post(client.link + "cancel/", follow=True)
    assert "予約を取り消しました" in text_of(page)
    later = client.get(client.link)
    assert "予約を取り消しました" not in text_of(later)
    assert "この予約は、取り消されています" in text_of(later)
    content = later.content.decode().replace("\u200b", "")
    assert content.index("あらためて予約する") < content.index("<details"), "what to do stands first"
    for address in ("calendar.ics", "slip/", "cancel/", "data:image"):
        assert address not in content, address
    slip = text_of(client.get(client.link + "slip/"))
    assert "取消済" in slip
    assert "当日の持ち物" not in slip


def test_after_the_deadline_a_press_on_an_old_page_cancels_nothing(client, booked):
    with clock.travel(datetime(2026, 12, 14, 12, 0, 1, tzinfo=JST)):
        client.post(client.link + "cancel/")
    assert Reservation.objects.get().status == ReservationStatus.BOOKED


def test_a_visit_that_is_over_can_be_neither_changed_nor_cancelled(client, booked):
    with clock.travel(booked.starts_at + timedelta(hours=1)):
        page = text_of(client.get(client.link))
    assert "予約の日時を過ぎました" in page
    assert "日時を変更する" not in page


@pytest.mark.parametrize(
    ("reason", "is_ours"), [("OFFICE_CLOSED", True), ("OPERATOR_ERROR", True), ("SCHEDULE", False)]
)
def test_page_and_mail_of_a_cancellation_apologise_alike_when_the_reason_is_ours(
    client, booked, reason, is_ours
):
    booking_changes.cancel(reservation_id=booked.pk, actor=SYSTEM, channel="PHONE", reason=reason)
    page = text_of(client.get(client.link))
    assert ("ご予約の日時では手続きができなくなりました" in page) is is_ours
    assert ("申し訳ございません" in page) is is_ours
    assert Mail.objects.filter(kind="office_cancelled").exists() is is_ours
    assert Mail.objects.filter(kind="cancelled").exists() is not is_ours


def test_a_visit_a_closure_has_hit_apologises_and_leads_to_another_time(client, booked):
    create_disruption(title="見本", reservations=[booked.pk], actor=SYSTEM)
    page = text_of(client.get(client.link))
    assert "ご予約の日時では手続きができなくなりました" in page
    assert "別の日時を選ぶか、予約を取り消してください" in page
    assert "何もしなくて大丈夫" not in page
    assert "メールで、日時と持ち物をお知らせします" not in page
    assert f"{client.link}change/" in client.get(client.link).content.decode()


@pytest.mark.parametrize(
    ("second", "days"), [(1, "12月12日（土）と12月14日（月）"), (0, "12月12日（土）"), (3, "12月12日（土）")]
)
def test_the_page_names_the_days_of_the_reminders_that_will_come(client, booked, second, days):
    decide_rule(key="reminder_days_second", value=second, effective_from=clock.now(), actor=SYSTEM)
    course = client.get(client.link).context["booking"].course
    assert [step.when for step in course if step.text.startswith("メールで、日時と持ち物")] == [days]


def test_a_person_without_mail_is_told_to_call(client):
    to_booked(client, email="")
    booked = Reservation.objects.get()
    client.cookies.clear()
    look_up(client, booked)
    page = text_of(client.get(here(client)))
    assert "メールアドレスの登録がない" in page
    assert "お電話で、日時と持ち物をお知らせします" in page
    assert client.post(f"{here(client)}code/").status_code == 404


def test_the_calendar_file_hides_the_matter(client, booked):
    file = client.get(client.link + "calendar.ics")
    content = file.content.decode()
    assert file["Content-Type"].startswith("text/calendar")
    assert "DTSTART;TZID=Asia/Tokyo:20261215T103000" in content
    assert "マイナンバー" not in content


def test_the_slip_holds_what_somebody_needs_on_paper(client, booked):
    page = text_of(client.get(client.link + "slip/"))
    for shown in (
        "予約番号",
        "12月15日（火）午前10時30分",
        "星見東郵便局",
        "マイナンバーカード",
        "000-000-0002",
        # Of a family each has a slip: whose this one is must be said.
        "福岡　花子",
        "この予約の内容を開く二次元コード",
    ):
        assert shown in page


def test_the_owner_of_the_link_corrects_the_contact_and_the_new_address_gets_the_confirmation(client, booked):
    answer = client.post(client.link + "contact/", CONTACT)
    assert answer.url == client.link
    person = reservation(booked.pk, scope=EVERYWHERE).person
    assert (person.phone, person.email, person.details.needs) == (
        "0920000142",
        "new@example.jp",
        ("WRITING",),
    )
    assert Mail.objects.filter(kind="confirmation").count() == 2


def test_a_contact_that_cannot_be_read_is_said_beside_its_field(client, booked):
    page = text_of(client.post(client.link + "contact/", {**CONTACT, "phone": "12", "email": ""}))
    assert "電話番号は、" in page
    assert "メールアドレスを入力してください" in page
    assert reservation(booked.pk, scope=EVERYWHERE).person.email == "hanako@example.jp"


def test_a_mail_address_with_a_number_that_may_not_be_kept_is_refused_beside_its_field(client, booked):
    page = text_of(client.post(client.link + "contact/", {**CONTACT, "email": "123456789018@example.jp"}))
    assert "消してください" in page.split('for="id_email"')[1].split('type="email"')[0]
    assert reservation(booked.pk, scope=EVERYWHERE).person.email == HANAKO.email


def test_reference_and_birth_date_alone_do_not_open_the_contact(client, booked):
    look_up(client, booked)
    assert client.get(f"{here(client)}contact/").status_code == 404
    assert client.post(f"{here(client)}contact/", CONTACT).status_code == 404


def test_with_an_unknown_part_of_the_birth_date_the_link_and_the_telephone_are_left(client):
    page = text_of(client.get("/lookup/"))
    assert "月や日が不詳の方は、予約の控えのメールのリンクから開くか、予約専用コールセンター" in page
    made = book(replace(HANAKO, birth_date=PartialDate(1938, 4)))
    typed = {**BIRTH, "birth_date_year": "13", "birth_date_day": "不詳"}
    answer = client.post("/lookup/", {"reference": made.reference, **typed})
    assert "お電話でお申し込みください" in text_of(answer)
    assert "昭和13年4月（日は不詳）" in text_of(client.get(opens(client, made.link_token)))


@pytest.mark.parametrize(
    ("way", "says"),
    [("PHONE", "からお電話します"), ("MAIL", "メールでご連絡します"), ("LETTER", "手紙でご連絡します")],
)
def test_people_who_cannot_telephone_are_told_that_nobody_will_call(client, way, says):
    made = book(replace(HANAKO, contact_by=way))
    assert says in text_of(client.get(opens(client, made.link_token)))


def test_whether_a_mail_follows_is_told_on_the_day_of_the_booking(client, now):
    made = book()
    page = opens(client, made.link_token)
    assert "予約の控えを、メールでお送りします" in text_of(client.get(page))
    with clock.travel(now + timedelta(days=1)):
        assert "予約の控えを" not in text_of(client.get(page))
    silent = book(replace(TARO, email=""), hour=9, minute=0)
    assert "予約の控えを" not in text_of(client.get(opens(client, silent.link_token)))
