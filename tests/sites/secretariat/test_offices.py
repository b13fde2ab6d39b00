"""Hours, seats, closures and rules on screen: shown before they are saved, and no booking is dropped."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from support.callcentre import put_texts
from support.people import SECRETARIAT, TARO
from support.secretariat import book, member, slot_at
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import User
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.common.phones import show_phone
from madoguchi.contract.selectors import booking_rules
from madoguchi.contract.services import decide_rule
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.notifications.services import put_text
from madoguchi.offices.models import CapacityPreset, Closure, DayHours, Slot, WeeklyHours
from madoguchi.offices.rules import Span
from madoguchi.offices.services import set_weekly_hours
from madoguchi.reservations.disruptions import mark_called
from madoguchi.reservations.models import DisruptedVisit, Disruption
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.booking import changes as booking_changes
from madoguchi.workflows.messages.mail import send_due_mail
from madoguchi.workflows.outage.disruptions import mail_affected

pytestmark = pytest.mark.usefixtures("city")
DAY = "2026-12-15"
CLOSING = {"day": DAY, "kind": "closure", "start": "540", "end": "1020", "reason": "FACILITY", "seats": "1"}
MONTH = reverse("secretariat:offices-month", args=["HM01"])
SAVE = reverse("secretariat:offices-save-day", args=["HM01"])


def seats_on(day, office="HM01"):
    begins = clock.at(date.fromisoformat(day), clock.MIDNIGHT)
    slots = Slot.objects.filter(office=office, starts_at__gte=begins, starts_at__lt=begins + clock.DAY)
    return sum(slots.values_list("capacity", flat=True))


def test_the_day_of_an_office_shows_each_time_and_who_comes(staff):
    book()
    html = page(staff.get(reverse("secretariat:offices-day", args=["HM01", date.fromisoformat(DAY)])))
    assert "福岡　花子" in html
    assert html.count("空き 1") == 15
    assert staff.get("/secretariat/offices/HM01/days/2026-13-40/").status_code == 404


def test_a_closure_is_previewed_with_the_affected_people_before_it_is_saved(staff):
    book()
    html = page(staff.get(MONTH, CLOSING))
    assert "福岡　花子" in html
    assert "保存して1人への連絡に進む" in html
    assert "代わりの案" in html
    assert not Closure.objects.exists()
    assert seats_on(DAY) == 16
    assert AuditEntry.objects.filter(action="offices.closure.created").count() == 0


def test_the_alternative_offered_is_not_inside_the_closure(staff):
    book()
    html = page(staff.get(MONTH, {**CLOSING, "day": DAY}))
    offered = html.split("代わりの案</span><br>")[1].split("<")[0].strip()
    assert offered
    assert not offered.startswith("12/15")


def test_saved_it_drops_nobody_and_opens_a_worklist_that_ends_when_each_is_dealt_with(staff):
    put_texts()
    kept, moved = book(), book(TARO, hour=11)
    answer = staff.post(SAVE, CLOSING)
    disruption = Disruption.objects.get()
    assert answer.url == f"/secretariat/disruptions/{disruption.pk}/"
    assert seats_on(DAY) == 0
    assert reservation(kept.id, scope=EVERYWHERE).is_booked
    html = page(staff.get(answer.url))
    assert "残り <b>2</b>人" in html
    visits = {visit.reservation.reference: visit.pk for visit in DisruptedVisit.objects.all()}
    panel = page(staff.get(f"{answer.url}?open={visits[moved.reference]}"))
    assert show_phone(TARO.phone) in panel
    assert "申し訳ございません" in panel
    staff.post(reverse("secretariat:disruptions-tell", args=[disruption.pk, visits[kept.reference]]))
    assert "伝えた・返事待ち" in page(staff.get(answer.url))
    staff.post(reverse("secretariat:disruptions-keep", args=[disruption.pk, visits[kept.reference]]))
    offer = panel.split('class="button button-accent" href="')[1].split('"')[0].replace("&amp;", "&")
    staff.post(offer, {"reason": "OFFICE_CLOSED"})
    html = page(staff.get(answer.url))
    assert "残り <b>0</b>人" in html
    assert "日時を変更" in html
    assert "完了" in page(staff.get("/secretariat/disruptions/"))


def test_people_notified_before_are_not_on_the_printed_call_list(staff):
    made = book(TARO)
    staff.post(SAVE, CLOSING)
    disruption = Disruption.objects.get()
    show = f"/secretariat/disruptions/{disruption.pk}/"
    assert "電話連絡リスト（PDF）" in page(staff.get(show))
    mark_called(visit_id=DisruptedVisit.objects.get().pk, actor=SECRETARIAT)
    assert "電話連絡リスト（PDF）" not in page(staff.get(show))
    staff.post(reverse("secretariat:disruptions-calls", args=[disruption.pk]))
    assert not AuditEntry.objects.filter(
        action="reservations.reservation.revealed", target=f"reservation:{made.id}"
    ).exists()


def test_affected_people_are_offered_days_too_close_for_a_new_booking(staff):
    made = book(day=1, hour=10)
    with clock.travel(datetime(2026, 11, 30, 10, 0, tzinfo=JST)):
        staff.force_login(member(username="asa"))
        staff.post(SAVE, {**CLOSING, "day": "2026-12-01", "start": "540", "end": "720"})
        disruption, visit = Disruption.objects.get(), DisruptedVisit.objects.get()
        panel = page(staff.get(f"/secretariat/disruptions/{disruption.pk}/?open={visit.pk}"))
        assert "12/1(火) 13:00 星見東" in panel
        assert "12/1(火) 09:00 星見西" in panel
        staff.post(
            reverse("secretariat:reservations-move", args=[made.reference]) + f"?slot={slot_at(1, 13)}",
            {"reason": "OFFICE_CLOSED"},
        )
    assert reservation(made.id, scope=EVERYWHERE).starts_at == datetime(2026, 12, 1, 13, 0, tzinfo=JST)


def test_a_list_ends_truly_even_when_the_time_of_the_visit_has_passed(staff):
    made = book()
    staff.post(SAVE, CLOSING)
    disruption, visit = Disruption.objects.get(), DisruptedVisit.objects.get()
    with clock.travel(datetime(2026, 12, 15, 13, 0, tzinfo=JST)):
        staff.force_login(member(username="gogo"))
        html = page(staff.get(f"/secretariat/disruptions/{disruption.pk}/?open={visit.pk}"))
        assert "ほかの日時" in html
        staff.post(
            reverse("secretariat:reservations-cancel", args=[made.reference]), {"reason": "OFFICE_CLOSED"}
        )
        assert "残り <b>0</b>人" in page(staff.get(f"/secretariat/disruptions/{disruption.pk}/"))
    assert DisruptedVisit.objects.get().resolution == "CANCELLED"


def test_the_people_to_call_leave_as_a_paper_and_each_number_is_on_record(staff):
    made = book(TARO)
    staff.post(SAVE, CLOSING)
    answer = staff.post(reverse("secretariat:disruptions-calls", args=[Disruption.objects.get().pk]))
    assert answer.content.startswith(b"%PDF")
    assert AuditEntry.objects.filter(
        action="reservations.reservation.revealed", target=f"reservation:{made.id}"
    ).exists()


def test_a_shorter_day_and_fewer_seats_are_changes_of_that_day_alone(staff):
    staff.post(SAVE, {**CLOSING, "kind": "hours", "start": "600", "end": "720"})
    assert (seats_on(DAY), seats_on("2026-12-22")) == (4, 16)
    staff.post(SAVE, {**CLOSING, "kind": "seats", "start": "600", "end": "660", "seats": "3"})
    assert seats_on(DAY) == 8
    staff.post(reverse("secretariat:offices-reset-day", args=["HM01", date.fromisoformat(DAY)]))
    assert seats_on(DAY) == 16
    assert not DayHours.objects.exists()


def test_a_change_nobody_is_hit_by_is_saved_without_a_worklist(staff):
    answer = staff.post(SAVE, CLOSING, follow=True)
    assert "予約に影響はありません" in page(answer)
    assert not Disruption.objects.exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"start": "1020", "end": "540"}, "終わりの時刻は、始まりより後に"),
        ({"kind": "seats", "seats": ""}, "枠数を、0から20まで"),
        ({"reason": ""}, "休業の理由を選んでください"),
        ({"day": "2026-11-20"}, "過ぎた日は変更できません"),
    ],
)
def test_a_change_that_cannot_be_meant_is_answered_and_not_saved(staff, changes, says):
    wrong = {**CLOSING, **changes}
    assert says in page(staff.get(MONTH, wrong))
    staff.post(SAVE, wrong)
    assert not Closure.objects.exists()


def test_a_closure_can_be_taken_back(staff):
    staff.post(SAVE, CLOSING)
    closure = Closure.objects.get()
    staff.post(reverse("secretariat:offices-withdraw-closure", args=["HM01", closure.pk]))
    assert seats_on(DAY) == 16
    assert "取下げ" in page(staff.get(reverse("secretariat:offices-closures", args=["HM01"])))


def test_all_offices_can_be_closed_at_once_for_days(staff):
    book()
    book(TARO, office="HM02", hour=11)
    url = reverse("secretariat:offices-closures", args=["all"])
    asked = {"first": DAY, "last": "2026-12-16", "start": "", "end": "", "reason": "TYPHOON", "note": ""}
    html = page(staff.post(url, {**asked, "action": "preview"}))
    assert "保存して2人への連絡に進む" in html
    assert not Closure.objects.exists()
    staff.post(url, {**asked, "action": "save"})
    assert (seats_on(DAY), seats_on("2026-12-16", "HM02"), seats_on("2026-12-17")) == (0, 0, 16)
    assert "12/15(火)–12/16(水) 終日" in page(staff.get(url))


def test_the_weekly_hours_change_from_a_day_on_with_a_break_and_the_old_ones_stay_as_history(staff):
    made = book(hour=12, minute=0)
    url = reverse("secretariat:offices-hours", args=["HM01"])
    asked = {"effective_from": "2026-12-14", "note": "協議による"}
    for weekday in range(5):
        asked |= {
            f"start_{weekday}_1": "540",
            f"end_{weekday}_1": "720",
            f"start_{weekday}_2": "780",
            f"end_{weekday}_2": "1020",
            f"seats_{weekday}": "1",
        }
    html = page(staff.post(url, {**asked, "action": "preview"}))
    assert "福岡　花子" in html
    assert WeeklyHours.objects.filter(office="HM01").count() == 5
    staff.post(url, {**asked, "action": "save"})
    assert (seats_on("2026-12-11"), seats_on(DAY)) == (16, 14)
    assert reservation(made.id, scope=EVERYWHERE).is_booked
    html = page(staff.get(url))
    assert "09:00–12:00、13:00–17:00" in html
    assert "09:00–17:00" in html
    assert "協議による" in page(staff.get(reverse("secretariat:offices-history", args=["HM01"])))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"end_0_1": ""}, "月曜日は、始まりと終わりの両方を"),
        ({"start_0_1": "1020", "end_0_1": "540"}, "月曜日の終わりの時刻は"),
        ({"start_0_2": "600", "end_0_2": "660"}, "受付時間が重なっている"),
        ({"effective_from": "2026-11-01"}, "過ぎた日からは変更できません"),
    ],
)
def test_hours_that_cannot_be_are_answered_and_not_saved(staff, changes, says):
    url = reverse("secretariat:offices-hours", args=["HM01"])
    asked = {
        "effective_from": DAY,
        "start_0_1": "540",
        "end_0_1": "1020",
        "seats_0": "1",
        "action": "save",
        **changes,
    }
    assert says in page(staff.post(url, asked))
    assert WeeklyHours.objects.filter(office="HM01").count() == 5


def test_on_busy_days_fewer_slots_are_offered_everywhere_or_at_one_office(staff):
    url = reverse("secretariat:offices-presets", args=["HM01"])
    asked = {"day_kind": "PENSION_DAY", "keep_one_in": "2", "effective_from": "2026-12-01", "action": "save"}
    staff.post(url, asked)
    assert (seats_on(DAY), seats_on(DAY, "HM02")) == (8, 16)
    assert "2枠に1枠" in page(staff.get(url))
    staff.post(url, {**asked, "keep_one_in": "1"})
    assert seats_on(DAY) == 16
    assert not CapacityPreset.objects.filter(during__contains=date.fromisoformat(DAY)).exists()


def test_a_rule_changes_from_a_day_on_for_all_or_for_one_office_and_says_who_decided(staff):
    later = datetime(2026, 12, 1, 0, 0, tzinfo=JST)
    hand = Actor("staff", str(User.objects.get().pk))
    decide_rule(
        key="register_days", value=3, scope="HM01", effective_from=later, note="協議による", actor=hand
    )
    assert booking_rules(clock.now(), "HM01").register_days == 5
    assert booking_rules(later, "HM01").register_days == 3
    assert booking_rules(later, "HM02").register_days == 5
    html = page(staff.get(reverse("secretariat:offices-rules", args=["HM01"])))
    assert "12/1(火) 00:00から 3開庁日前" in html
    assert "中洲 次郎" in html
    decide_rule(key="register_time", value="16:00", effective_from=clock.now(), actor=hand)
    assert f"{booking_rules(clock.now(), 'HM02').register_time:%H:%M}" == "16:00"
    assert "16:00" in page(staff.get("/secretariat/rules/"))


def test_one_office_is_not_offered_a_rule_that_holds_for_all_alike(staff):
    assert "性別をたずねる" in page(staff.get("/secretariat/rules/"))
    assert "性別をたずねる" not in page(staff.get(reverse("secretariat:offices-rules", args=["HM01"])))


def test_an_unknown_office_is_not_there(staff):
    for name in ("month", "hours", "closures", "presets", "rules", "history"):
        assert staff.get(reverse(f"secretariat:offices-{name}", args=["XX99"])).status_code == 404


def test_more_offices_and_days_take_no_more_queries(staff, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        staff.get("/secretariat/matrix/")
    with django_assert_max_num_queries(20):
        staff.get("/secretariat/offices/")
    with django_assert_max_num_queries(26):
        staff.get(MONTH, {"day": DAY})


def test_the_home_page_counts_what_waits(staff):
    book()
    book(TARO, day=1, hour=10)
    html = page(staff.get("/secretariat/"))
    assert "確認待ちの予約" in html
    assert '<p class="card-figure">2<small>件</small></p>' in html
    assert "開庁日・Web受付は本日17:00まで 12/1(火)の予約を受付" in html
    assert "11/25(水) 10:00まで" in html
    decide_rule(key="relay_time", value=time(9, 30), effective_from=clock.now(), actor=SYSTEM)
    assert "11/25(水) 09:30まで" in page(staff.get("/secretariat/"))
    with clock.travel(clock.now() + timedelta(days=2)):
        staff.force_login(member(username="asa"))
        assert "期限切れ" in page(staff.get("/secretariat/"))


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICE, Role.CITY, Role.ADMIN])
def test_other_roles_change_no_hours(client, role):
    client.force_login(member(role))
    assert client.get(MONTH).status_code == 403
    assert client.post(SAVE, CLOSING).status_code == 403
    assert not Closure.objects.exists()


def test_people_with_mail_are_mailed_once_each_and_their_number_is_confirmed(staff):
    book()
    book(TARO, hour=11)
    staff.post(SAVE, CLOSING)
    disruption = Disruption.objects.get()
    assert "確かめるため、1 と入力" in page(staff.get(f"/secretariat/disruptions/{disruption.pk}/"))
    url = reverse("secretariat:disruptions-mail", args=[disruption.pk])
    assert "入力した数と違います" in page(staff.post(url, {"people": "2"}, follow=True))
    assert not Mail.objects.filter(kind="move_request").exists()
    staff.post(url, {"people": "１人"})
    staff.post(url, {"people": "1"})
    assert Mail.objects.filter(kind="move_request").count() == 1
    told = DisruptedVisit.objects.exclude(notified_at=None).get()
    assert told.reservation.applicant.has_email


@pytest.mark.parametrize("number", ["1234 5678 9018", "暗証番号は1234"])
@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("offices-closures", {"first": DAY, "last": DAY, "reason": "FACILITY"}),
        ("offices-hours", {"effective_from": "2026-12-14", "start_0_1": "540", "end_0_1": "720"}),
    ],
    ids=["closure", "hours"],
)
def test_a_number_that_may_not_be_kept_is_answered_beside_the_note(staff, name, asked, number):
    url = reverse(f"secretariat:{name}", args=["HM01"])
    before = (WeeklyHours.objects.count(), AuditEntry.objects.count())
    html = page(staff.post(url, {**asked, "note": number, "action": "save"}))
    assert "消してください" in html.split('name="note"')[0][-1500:]
    assert not Closure.objects.exists()
    assert (WeeklyHours.objects.count(), AuditEntry.objects.count()) == before


def test_a_person_who_moved_meanwhile_gets_no_mail_about_the_old_time(staff):
    put_text(
        kind=MailKind.MOVE_REQUEST, subject="お知らせ", body="{when} {office} {link} {phone}", actor=SYSTEM
    )
    put_text(
        kind=MailKind.CONFIRMATION,
        subject="お知らせ",
        body="{reference} {when} {office} {link} {phone}",
        actor=SYSTEM,
    )
    put_text(
        kind=MailKind.CHANGED,
        subject="お知らせ",
        body="{reference} {when} {office} {link} {phone}",
        actor=SYSTEM,
    )
    made = book()
    staff.post(SAVE, CLOSING)
    mail_affected(disruption_id=Disruption.objects.get().pk, people=1, actor=SECRETARIAT)
    booking_changes.move(reservation_id=made.id, slot=slot_at(22, 9), actor=SECRETARIAT, channel="PHONE")
    send_due_mail()
    states = dict(Mail.objects.values_list("kind", "state"))
    assert states == {"confirmation": "sent", "move_request": "withdrawn", "changed": "sent"}


def test_one_day_is_shortened_everywhere_and_each_office_keeps_its_own_break(staff):
    set_weekly_hours(
        office="HM02",
        spans=[(weekday, span) for weekday in range(5) for span in (Span(540, 720, 1), Span(780, 1020, 2))],
        effective_from=date(2026, 11, 24),
        actor=SYSTEM,
    )
    staff.post(SAVE, {**CLOSING, "kind": "hours", "start": "540", "end": "900", "everywhere": "on"})
    assert (seats_on(DAY), seats_on(DAY, "HM02")) == (12, 6 + 2 * 4)
    staff.post(SAVE, {**CLOSING, "everywhere": "on"})
    assert Closure.objects.get().office is None
    assert (seats_on(DAY), seats_on(DAY, "HM02")) == (0, 0)


def test_the_same_hours_can_hold_everywhere_from_a_day_on(staff):
    asked = {"effective_from": "2026-12-14", "note": "", "everywhere": "on", "action": "save"}
    for weekday in range(5):
        asked |= {f"start_{weekday}_1": "540", f"end_{weekday}_1": "720", f"seats_{weekday}": "2"}
    staff.post(reverse("secretariat:offices-hours", args=["HM01"]), asked)
    assert (seats_on(DAY), seats_on(DAY, "HM02")) == (12, 12)
