"""Mail as people get it: what still holds, once, and never old news."""

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.core.management import call_command
from support.crowd import sell_out
from support.mails import (
    DAY,
    MINUTE,
    THIRD_DAY,
    VISIT,
    book,
    drain_at,
    slot_at,
    states,
    text_decided_before,
    values,
)
from support.people import HANAKO, OPERATOR, somebody

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN, SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.common.references import show_reference
from madoguchi.contract.services import decide_rule
from madoguchi.notifications import selectors, services
from madoguchi.notifications.errors import TextNotValid
from madoguchi.notifications.kinds import MailKind, MailState
from madoguchi.notifications.models import Mail
from madoguchi.notifications.rules import PLACEHOLDERS
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.waiting import wait
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.sealing.services import KeyDestroyed, destroy_keys
from madoguchi.workflows import tasks
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, lookup, sessions, waiting
from madoguchi.workflows.messages import mail

pytestmark = pytest.mark.usefixtures("city", "texts", "outside")
REMINDER = "{when}\n{office}\n{phone}"


def test_the_confirmation_says_when_where_and_what_and_never_who(outside):
    made = book()
    assert mail.send_due_mail() == 1
    [message] = outside.sent
    told = values(message)
    assert message.recipient == HANAKO.email
    assert message.sender_name == "星見市（見本事務局）"
    assert told["when"] == "12月15日（火）午前10時30分"
    assert (told["office"], told["address"]) == ("星見東郵便局", "星見市見本町1番1号")
    assert told["procedures"] == "電子証明書の更新、暗証番号の初期化・再設定"
    # A hint has a line of its own: it may hold brackets.
    assert told["belongings"] == "・マイナンバーカード\n・本人確認書類 1点\n　運転免許証、資格確認書など"
    assert (told["minutes"], told["access"]) == ("60", "星見市見本町1番1号")
    assert told["link"].endswith(f"/r/{made.link_token}/")
    assert "変更は 12月8日（火）午後5時 まで、取消しは 12月14日（月）正午 まで" in told["deadlines"]
    assert "福岡" not in message.body
    assert b"METHOD:PUBLISH" in message.attachments[0].content
    assert states() == [MailState.SENT]


def test_a_mail_comes_in_the_language_of_the_person(outside):
    services.put_text(
        kind=MailKind.CONFIRMATION, subject="Your booking", body="{when} {reference} {office} {link} {phone}",
        actor=SYSTEM, language="en",
    )  # fmt: skip
    book(replace(HANAKO, language="en"))
    book(somebody(1, email="1@example.jp", language="ja-easy"), begins=VISIT + timedelta(hours=2))
    drain_at(clock.now())
    english, easy = sorted(outside.sent, key=lambda message: message.recipient, reverse=True)
    assert english.subject == "Your booking"
    assert "Tuesday 15 December 2026, 10:30\u00a0am" in english.body
    # A text that the city has only in Japanese, with dates as its reader knows them.
    assert "when=12月15日（火曜日） 午後0時30分" in easy.body


def test_nobody_without_an_address_is_written_to():
    book(person=somebody(1))
    assert not Mail.objects.exists()


def test_four_people_with_one_address_get_a_mail_each_and_none_shows_anything_of_another(outside):
    family = [replace(HANAKO, name=f"福岡　{name}") for name in ("花子", "月子", "星子", "空子")]
    token = sessions.start_session(source="1", form_data={})
    codes = ("CERT_RENEW",)
    sessions.hold_slot(token=token, slot=slot_at(VISIT + 60 * MINUTE), codes=codes, others=[codes] * 3)
    made = booking.book_held(
        booking.BookingRequest(
            visitors=tuple(booking.Visitor(codes, person) for person in family), token=token
        )
    )
    mail.send_due_mail()
    assert [message.recipient for message in outside.sent] == [HANAKO.email] * 4
    for message in outside.sent:
        whole = f"{message.subject}{message.body}{[each.content for each in message.attachments]}"
        [own] = [each for each in made if each.link_token in whole]
        assert not [each for each in made if each is not own and each.reference[:4] in whole]
        assert "福岡" not in whole


CAN_DO_BOTH = (
    "変更は 12月8日（火）午後5時 まで、取消しは 12月14日（月）正午 まで、このページでできます。"
    "そのあとは、お電話ください。"
)


@pytest.mark.parametrize(
    ("left_at", "cancel_days", "says"),
    [
        (datetime(2026, 12, 8, 17, tzinfo=JST), 1, CAN_DO_BOTH),
        (
            datetime(2026, 12, 8, 17, 1, tzinfo=JST),
            1,
            "取消しは 12月14日（月）正午 まで、このページでできます。変更は、お電話ください。",
        ),
        (datetime(2026, 12, 14, 12, 1, tzinfo=JST), 1, "変更と取消しは、お電話ください。"),
        (
            datetime(2026, 12, 8, 16, tzinfo=JST),
            8,
            "変更は 12月8日（火）午後5時 まで、このページでできます。取消しは、お電話ください。",
        ),
    ],
)
def test_a_mail_sends_nobody_to_a_page_where_the_deadline_is_over(outside, left_at, cancel_days, says):
    decide_rule(key="cancel_days", value=cancel_days, effective_from=clock.now(), actor=SYSTEM)
    book()
    drain_at(left_at)
    assert values(outside.sent[-1])["deadlines"] == says


@pytest.mark.parametrize(
    ("left_at", "told"),
    [
        (datetime(2026, 12, 8, 17, tzinfo=JST), ["変更は12月8日（火）午後5時", "取消しは12月14日（月）正午"]),
        (datetime(2026, 12, 8, 17, 1, tzinfo=JST), ["取消しは12月14日（月）正午"]),
        (datetime(2026, 12, 14, 12, 1, tzinfo=JST), []),
    ],
)
def test_a_text_of_former_days_keeps_silent_about_a_deadline_that_is_over(outside, left_at, told):
    text_decided_before(
        MailKind.CONFIRMATION,
        subject="ご予約",
        body="{reference} {when}\n{office} {link}\n変更は{change_until}\n取消しは{cancel_until}\n{phone}",
    )
    book()
    drain_at(left_at)
    lines = outside.sent[-1].body.split("\n")
    assert lines[2:-1] == told
    assert lines[-1].startswith("0")


@pytest.mark.parametrize(
    ("kind", "line", "says"),
    [
        (MailKind.CONFIRMATION, "{change_until}まで", "{deadlines} と書いてください"),
        (MailKind.REMINDER_1, "{cancel_until}まで", "{deadlines} と書いてください"),
        (MailKind.CANCELLED, "{deadlines}", "「{deadlines}」は、このメールでは使えません"),
        (MailKind.MOVE_REQUEST, "{deadlines}", "「{deadlines}」は、このメールでは使えません"),
        (MailKind.CANCELLED, "{change_until}まで", "「{change_until}」は、このメールでは使えません"),
    ],
)
def test_no_new_text_promises_what_may_be_over(kind, line, says):
    _, needed = PLACEHOLDERS[kind]
    body = "\n".join([*(f"{{{name}}}" for name in sorted(needed)), line])
    with pytest.raises(TextNotValid, match=re.escape(says)):
        services.put_text(kind=kind, subject="ご予約", body=body, actor=SYSTEM)


def test_texts_that_could_not_be_decided_today_are_found_until_somebody_rewrites_them():
    assert selectors.texts_to_rewrite() == []
    text_decided_before(MailKind.REMINDER_1, subject="ご予約は明日です", body=REMINDER)
    [(row, sentence)] = selectors.texts_to_rewrite()
    assert row.kind == MailKind.REMINDER_1
    assert sentence.startswith("「明日」は書けません")
    services.put_text(
        kind=MailKind.REMINDER_1, subject="ご予約は{visit_day}です", body=REMINDER, actor=SYSTEM
    )
    assert selectors.texts_to_rewrite() == []


def test_a_cancelled_booking_is_not_confirmed_any_more(outside):
    made = book()
    changes.cancel(reservation_id=made.id, actor=CITIZEN, channel="WEB")
    mail.send_due_mail()
    [message] = outside.sent
    assert b"METHOD:CANCEL" in message.attachments[0].content
    assert sorted(states()) == [MailState.SENT, MailState.WITHDRAWN]


def test_no_mail_says_what_is_not_so(outside):
    made = book()
    services.queue_mail(kind=MailKind.CANCELLED, target=str(made.id), occasion="once")
    drain_at(VISIT)
    assert outside.sent == []
    assert states() == [MailState.WITHDRAWN] * 2


def test_a_cancellation_of_ours_tells_the_cause_and_leads_to_a_new_booking(outside):
    made = book()
    mail.send_due_mail()
    changes.cancel(reservation_id=made.id, actor=OPERATOR, channel="PHONE", reason="OFFICE_CLOSED")
    mail.send_due_mail()
    told = values(outside.sent[-1])
    assert told["cause"] == "郵便局の休業・枠の変更"
    assert told["link"] == "http://localhost:8000/"


def test_a_change_replaces_the_entry_in_the_calendar(outside):
    made = book()
    mail.send_due_mail()
    with clock.travel(clock.now() + MINUTE):
        changes.move(reservation_id=made.id, slot=slot_at(VISIT + DAY), actor=OPERATOR, channel="PHONE")
        mail.send_due_mail()
    first, second = (message.attachments[0].content for message in outside.sent)
    uid = re.compile(rb"UID:\S+")
    assert uid.findall(first) == uid.findall(second)
    assert b"SEQUENCE:0" in first
    assert b"SEQUENCE:0" not in second
    assert b"20261216T103000" in second


def test_the_access_code_is_sent_while_it_works(outside):
    made = book()
    mail.send_due_mail()
    lookup.send_access_code(reservation_id=made.id, source="1")
    mail.send_due_mail()
    told = values(outside.sent[-1])
    assert re.fullmatch(r"\d{6}", told["code"])
    assert told["code_until"] == "11月24日（火）午前10時15分"


def test_a_code_that_has_expired_is_not_sent(outside):
    made = book()
    mail.send_due_mail()
    lookup.send_access_code(reservation_id=made.id, source="1")
    drain_at(clock.now() + timedelta(minutes=15))
    assert len(outside.sent) == 1
    assert states(MailKind.ACCESS_CODE) == [MailState.WITHDRAWN]


def test_no_mail_goes_to_a_withdrawn_address_or_an_erased_person(outside):
    made = book()
    changes.correct(reservation_id=made.id, person=replace(HANAKO, email=""), actor=OPERATOR)
    other = book(person=replace(somebody(2), email="two@example.jp"), begins=VISIT + timedelta(hours=1))
    destroy_keys(key_ids=[Reservation.objects.get(pk=other.id).applicant.key_id])
    mail.send_due_mail()
    assert states(MailKind.CONFIRMATION) == [MailState.WITHDRAWN] * 2
    assert set(Mail.objects.values_list("error", flat=True)) == {"", "person_erased"}
    assert len(outside.sent) == 1


@pytest.mark.parametrize("new", ["new@example.jp", ""], ids=["another address", "none any more"])
def test_the_former_address_is_told_of_its_replacement_and_of_nothing_else(outside, new):
    made = book()
    mail.send_due_mail()
    changes.correct(reservation_id=made.id, person=replace(HANAKO, email=new), actor=CITIZEN)
    changes.cancel(reservation_id=made.id, actor=CITIZEN, channel="WEB")
    mail.send_due_mail()
    [told] = [message for message in outside.sent[1:] if message.recipient == HANAKO.email]
    assert values(told).keys() == {"reference", "phone", "phone_hours"}
    assert not told.attachments
    assert [message.recipient for message in outside.sent[1:] if message is not told] == [new] * bool(new)


def test_a_first_address_replaces_none(outside):
    made = book(person=replace(HANAKO, email=""))
    changes.correct(reservation_id=made.id, person=HANAKO, actor=OPERATOR)
    mail.send_due_mail()
    assert [message.recipient for message in outside.sent] == [HANAKO.email]
    assert states(MailKind.CONTACT_CHANGED) == []


def test_the_former_address_of_an_erased_person_is_not_written_to(outside):
    made = book()
    mail.send_due_mail()
    changes.correct(reservation_id=made.id, person=replace(HANAKO, email=""), actor=OPERATOR)
    destroy_keys(key_ids=[Reservation.objects.get(pk=made.id).applicant.key_id])
    mail.send_due_mail()
    assert len(outside.sent) == 1
    assert states(MailKind.CONTACT_CHANGED) == [MailState.WITHDRAWN]


@pytest.mark.parametrize("step", ["_values", "filled"], ids=["while it is written", "when it is handed over"])
def test_a_person_erased_at_that_moment_gets_no_mail_and_the_others_get_theirs(outside, monkeypatch, step):
    made = book()
    book(person=replace(somebody(2), email="two@example.jp"), begins=VISIT + timedelta(hours=1))
    key = Reservation.objects.get(pk=made.id).applicant.key_id
    real = getattr(mail, step)

    def erased_meanwhile(*facts):
        destroy_keys(key_ids=[key])
        if step == "_values" and facts[1].id == made.id:
            raise KeyDestroyed
        return real(*facts)

    monkeypatch.setattr(mail, step, erased_meanwhile)
    mail.send_due_mail()
    assert [message.recipient for message in outside.sent] == ["two@example.jp"]
    row = Mail.objects.get(target=str(made.id))
    assert (row.state, row.error) == (MailState.WITHDRAWN, "person_erased")
    assert selectors.troubled_mails() == []


def test_a_mail_that_cannot_be_written_waits_and_the_others_go_out(outside, monkeypatch, caplog):
    book()
    book(person=replace(somebody(2), email="two@example.jp"), begins=VISIT + timedelta(hours=1))
    real = mail.calendar_entry
    monkeypatch.setattr(
        mail, "calendar_entry", lambda row: real(row) if row.person.email[0] == "t" else 1 / 0
    )
    mail.send_due_mail()
    assert [message.recipient for message in outside.sent] == ["two@example.jp"]
    row = Mail.objects.get(error="not_written")
    assert row.state == MailState.QUEUED
    assert row.try_at > clock.now()


def test_a_bad_address_stands_on_the_staff_list(monkeypatch):
    book(person=replace(HANAKO, email="hanako@example"))
    monkeypatch.undo()
    mail.send_due_mail()
    [row] = selectors.troubled_mails()
    assert (row.recipient, row.error_name) == ("h●●●@example", "宛先が受け付けられませんでした")


def test_the_command_sends_everything_once(outside):
    for number in range(3):
        person = replace(somebody(number), email=f"mail{number}@example.jp")
        book(person=person, begins=VISIT + number * timedelta(hours=1))
    call_command("send_mail", "--once")
    assert len(outside.sent) == 3


def test_the_command_stops_when_told_to(outside, monkeypatch):
    from madoguchi.workflows.management.commands import send_mail  # noqa: PLC0415 - a command is a module

    command = send_mail.Command()
    handlers, rests = {}, []
    monkeypatch.setattr(
        send_mail.signal, "signal", lambda number, handler: handlers.update({number: handler})
    )

    def rest(seconds):
        rests.append(seconds)
        if len(rests) == 2:
            handlers[send_mail.signal.SIGTERM](15, None)

    monkeypatch.setattr(send_mail.time, "sleep", rest)
    monkeypatch.setattr(send_mail, "close_old_connections", lambda: None)
    book()
    command.handle(once=False)
    assert (len(outside.sent), rests) == (1, [2, 2])


def test_the_periodic_jobs_do_their_work():
    book()
    with clock.travel(THIRD_DAY - MINUTE):
        tasks.queue_reminders(timestamp=0)
        tasks.purge(timestamp=0)
    assert states(MailKind.REMINDER_3) == [MailState.QUEUED]


@pytest.fixture
def offered():
    """花子 waits for a seat of a full day, and one has just come free."""
    visits = sell_out(VISIT.date())
    wish = Wish(("HM01",), VISIT.date(), VISIT.date())
    row = waiting.enter(person=HANAKO, procedures=("CERT_RENEW",), wish=wish)
    changes.cancel(reservation_id=visits[0].id, actor=OPERATOR, channel="PHONE")
    return wait(row.id, scope=EVERYWHERE)


def test_the_mail_of_an_offer_says_when_where_and_until_when(offered, outside):
    mail.send_due_mail()
    told = next(message for message in outside.sent if "offer_until=" in message.body)
    assert told.recipient == HANAKO.email
    assert "when=12月15日（火）午前9時" in told.body
    assert "offer_until=11月24日（火）正午" in told.body
    assert f"/w/{offered.link_token}/" in told.body
    assert f"reference={show_reference(offered.reference)}" in told.body
    assert "people=1" in told.body


def test_an_offer_that_is_answered_is_mailed_no_more(offered, outside):
    waiting.accept(token=offered.link_token)
    mail.send_due_mail()
    assert not [message for message in outside.sent if "offer_until=" in message.body]


def test_no_offer_is_mailed_at_night(outside):
    with clock.travel(clock.at(clock.today(), time(23))):
        wish = Wish(("HM01",), VISIT.date(), VISIT.date())
        row = waiting.enter(person=HANAKO, procedures=("CERT_RENEW",), wish=wish)
    due = Mail.objects.get(kind="wait_offer", target=str(row.id)).due_at
    assert due == clock.at(clock.today() + DAY, time(8))
