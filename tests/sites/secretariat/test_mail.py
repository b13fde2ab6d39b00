"""Mail texts with preview, failures, calls, the training mailbox, announcements and the system's state."""

from datetime import timedelta

import pytest
from django.urls import reverse
from support.mails import text_decided_before
from support.people import TARO, somebody
from support.secretariat import book, member
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.models import AuditEntry
from madoguchi.audit.services import record_check
from madoguchi.common import clock
from madoguchi.common.phones import show_phone
from madoguchi.notifications.kinds import MailError, MailKind, MailState
from madoguchi.notifications.models import Mail
from madoguchi.notifications.services import put_text
from madoguchi.reservations.models import ReminderCall, Reservation
from madoguchi.workflows.messages import mail

pytestmark = pytest.mark.usefixtures("city")
SUBJECT = "【星見市】ご予約のお知らせ"
BODY = "予約番号 {reference}\n{when}\n{office}\n{link}\n{phone}\n"
TALK = {"title": "ただいま予約ができません", "body": "復旧の見込みは午後3時です。"}


@pytest.fixture
def text(city):
    put_text(kind=MailKind.CONFIRMATION, subject=SUBJECT, body=BODY, actor=SYSTEM)


def test_a_text_that_could_not_be_decided_today_is_marked_with_the_reason_until_it_is_rewritten(staff):
    body = "{when}\n{office}\n{phone}"
    text_decided_before(MailKind.REMINDER_1, subject="ご予約は明日です", body=body)
    html = page(staff.get("/secretariat/texts/"))
    assert "書き直しが必要" in html
    assert "来られる日は {visit_day} と書いてください" in html
    assert "お知らせ（2回目）（日本語）" in page(staff.get("/secretariat/status/"))
    put_text(kind=MailKind.REMINDER_1, subject="ご予約は{visit_day}です", body=body, actor=SYSTEM)
    for address in ("/secretariat/texts/", "/secretariat/status/"):
        assert "書き直しが必要" not in page(staff.get(address))


def failed(state=MailState.FAILED):
    book()
    Mail.objects.update(state=state, error=MailError.ADDRESS_REFUSED, claimed_at=clock.now())
    return Mail.objects.get()


@pytest.mark.parametrize("state", [MailState.FAILED, MailState.UNSURE])
def test_what_did_not_arrive_is_listed_masked_and_sent_again_with_one_press(staff, state):
    row = failed(state)
    html = page(staff.get("/secretariat/mails/"))
    assert "宛先が受け付けられませんでした" in html
    assert "hanako@example.jp" not in html
    staff.post(reverse("secretariat:mails-resend", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == MailState.QUEUED
    assert "対応が必要なメールはありません" in page(staff.get("/secretariat/mails/"))


def test_a_person_told_otherwise_leaves_the_list_and_a_second_press_says_so(staff):
    row = failed()
    url = reverse("secretariat:mails-settle", args=[row.pk])
    staff.post(url)
    again = page(staff.post(url, follow=True))
    assert "banner-error" in again
    row.refresh_from_db()
    assert row.state == MailState.WITHDRAWN


def test_beside_a_reservation_its_mails_and_their_failures_show(staff):
    failed()
    reference = Reservation.objects.get().reference
    html = page(staff.get("/secretariat/reservations/", {"open": reference}))
    assert "メール（予約の受付）　不達" in html


def test_all_mails_are_found_by_state_and_kind(staff):
    failed()
    assert "予約の受付" in page(staff.get("/secretariat/mails/", {"state": "failed"}))
    assert "条件に合うメールはありません" in page(staff.get("/secretariat/mails/", {"kind": "cancelled"}))


@pytest.mark.usefixtures("text")
def test_in_training_mail_is_read_in_the_browser_and_nowhere_else(staff, settings, monkeypatch):
    book()
    mail.send_due_mail()
    html = page(staff.get("/secretariat/mailbox/"))
    assert SUBJECT in html
    letter = Mail.objects.get()
    assert "予約番号 " in page(staff.get(reverse("secretariat:mailbox-letter", args=[letter.pk])))
    settings.TRAINING = False
    monkeypatch.setattr("madoguchi.web.middleware.has_second_factor", lambda _: True)
    assert staff.get("/secretariat/mailbox/").status_code == 404


def test_people_without_mail_are_called_the_number_is_on_record_and_a_call_counts_once(staff):
    made = book(TARO, day=1)
    day = "2026-12-01"
    html = page(staff.get("/secretariat/calls/", {"day": day}))
    assert "092-***-0142" in html or "0142" in html
    assert show_phone(TARO.phone) not in html
    panel = page(staff.get("/secretariat/calls/", {"day": day, "open": made.reference}))
    assert show_phone(TARO.phone) in panel
    assert AuditEntry.objects.filter(
        action="reservations.reservation.revealed", target=f"reservation:{made.id}"
    ).exists()
    url = reverse("secretariat:calls-record", args=[made.reference])
    for _ in range(2):
        staff.post(f"{url}?day={day}", {"reached": "0", "after": "0"})
    assert ReminderCall.objects.count() == 1
    assert "不在 1回" in page(staff.get("/secretariat/calls/", {"day": day}))
    staff.post(f"{url}?day={day}", {"reached": "1", "after": "1"})
    assert "残り <b>0</b>人" in page(staff.get("/secretariat/calls/", {"day": day}))


def test_the_call_list_leaves_as_a_paper(staff):
    book(TARO, day=1)
    answer = staff.post("/secretariat/calls/paper/?day=2026-12-01")
    assert answer.content.startswith(b"%PDF")


def test_by_itself_the_list_shows_the_next_business_day(staff):
    assert "11/25(水)" in page(staff.get("/secretariat/calls/", {"day": "nonsense"}))


def test_an_outage_is_told_at_once_seen_before_it_is_saved_and_on_record_until_it_is_ended(staff, client):
    asked = {**TALK, "shows_from": "2026-11-24T09:00", "shows_until": "2026-11-24T18:00"}
    url = "/secretariat/announcements/add/"
    html = page(staff.post(url, {**asked, "action": "preview"}))
    assert "banner-error" in html
    assert TALK["body"] in html
    assert "お知らせはありません" in page(staff.get("/secretariat/announcements/"))
    staff.post(url, {**asked, "action": "save"})
    assert "表示中" in page(staff.get("/secretariat/announcements/"))
    row = AuditEntry.objects.get(action="notifications.announcement.made").target.partition(":")[2]
    staff.post(reverse("secretariat:announcements-edit", args=[row]), {**asked, "title": "復旧しました"})
    assert "復旧しました" in page(staff.get("/secretariat/announcements/"))
    staff.post(reverse("secretariat:announcements-end", args=[row]))
    assert "終了" in page(staff.get("/secretariat/announcements/"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"shows_until": "2026-11-24T08:00"}, "始める日時より後に"),
        ({"title": ""}, "必須"),
        ({"body": "123456789018"}, "マイナンバー"),
        ({"shows_from": "いつか"}, "2026-12-01 09:00"),
    ],
)
def test_an_announcement_that_cannot_be_is_answered(staff, changes, says):
    asked = {**TALK, "shows_from": "2026-11-24T09:00", "shows_until": "2026-11-24T18:00", **changes}
    html = page(staff.post("/secretariat/announcements/add/", {**asked, "action": "save"}))
    assert says in html
    assert "お知らせはありません" in page(staff.get("/secretariat/announcements/"))


def test_the_state_of_the_system_names_what_to_do(staff):
    html = page(staff.get("/secretariat/status/"))
    assert "まだ一度も確認していません" in html
    assert "システム管理者に連絡してください" in html
    record_check(name="invariants", findings=[])
    assert "予約と枠の数は合っています" in page(staff.get("/secretariat/status/"))
    record_check(name="invariants", findings=[{"what": "x"}])
    assert "不整合 1件" in page(staff.get("/secretariat/status/"))
    failed()
    assert "不達など 1通" in page(staff.get("/secretariat/status/"))


def test_late_mail_is_named_with_its_age(staff):
    book()
    Mail.objects.update(try_at=clock.now(), due_at=clock.now() - timedelta(minutes=11))
    assert "11分の遅れ" in page(staff.get("/secretariat/status/"))


def test_an_administrator_sees_the_state_of_the_system_and_nothing_of_people(client):
    client.force_login(member(Role.ADMIN))
    html = page(client.get("/secretariat/status/"))
    assert "稼働の状況" in html
    assert "予約の検索" not in html
    assert client.get("/secretariat/mails/").status_code == 403


def test_more_mails_and_calls_take_no_more_queries(staff, django_assert_max_num_queries):
    book(TARO, day=1)
    with django_assert_max_num_queries(25) as few:
        staff.get("/secretariat/calls/", {"day": "2026-12-01"})
    book(somebody(1), day=1, hour=11)
    with django_assert_max_num_queries(len(few)):
        staff.get("/secretariat/calls/", {"day": "2026-12-01"})


def test_a_name_that_cannot_be_printed_does_not_stop_the_papers(staff):
    made = book(somebody(1, name="博多　\U000323b0郎"), day=1)
    slip = reverse("secretariat:reservations-slip", args=[made.reference])
    for address in ("/secretariat/calls/paper/?day=2026-12-01", slip):
        assert staff.post(address).content.startswith(b"%PDF")


def test_a_day_without_calls_has_a_paper(staff):
    assert staff.post("/secretariat/calls/paper/?day=2026-12-01").content.startswith(b"%PDF")
