"""The outbox: queued once, claimed once, and never sent twice by the program."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from madoguchi.audit.actor import Actor
from madoguchi.audit.selectors import entries_about
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.notifications import selectors, services
from madoguchi.notifications.errors import (
    AddressRefused,
    ContentRefused,
    Interrupted,
    NotResendable,
    PeerBusy,
    TextNotValid,
    Unreachable,
)
from madoguchi.notifications.gateways import MailboxGateway, Message
from madoguchi.notifications.kinds import MailError, MailKind, MailState
from madoguchi.notifications.models import Mail, MailText
from madoguchi.notifications.rules import WAITS
from madoguchi.sealing.services import KeyDestroyed, destroy_keys, new_key

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
STAFF = Actor("staff", "1")
MESSAGE = Message("hanako@example.jp", "【星見市】ご予約のお知らせ", "予約番号：K7MT-AWX-R74", "星見市")
BODY = "{reference} {when} {office} {link} {phone}"


class Gateway:
    """Answers as told, and keeps no text, like the real one."""

    keeps_text = False

    def __init__(self, answer=None):
        self.answer, self.sent = answer, []

    def send(self, _message, *, message_id):
        self.sent.append(message_id)
        if self.answer:
            raise self.answer


@pytest.fixture(autouse=True)
def _now():
    with clock.travel(NOW):
        yield


@pytest.fixture
def key():
    key = new_key()
    key.save(force_insert=True)
    return key


@pytest.fixture
def text():
    services.put_text(
        kind=MailKind.CONFIRMATION, subject="お知らせ", body=BODY, actor=STAFF, effective_from=NOW
    )
    return MailText.objects.get()


def queue(kind=MailKind.CONFIRMATION, target="one", occasion="once", **more):
    services.queue_mail(kind=kind, target=target, occasion=occasion, **more)
    return Mail.objects.get(kind=kind, target=target, occasion=occasion)


def deliver(key, text, answer=None, through=None):
    through = through or Gateway(answer)
    mail = services.claim_next()
    services.hand_over(mail=mail, key_id=key.pk, text_id=text.pk, message=MESSAGE, through=through)
    return Mail.objects.get(pk=mail.id)


def test_the_same_news_is_queued_once():
    queue()
    queue()
    queue(occasion="again")
    assert Mail.objects.count() == 2


def test_a_sent_mail_is_not_queued_again(key, text):
    queue()
    deliver(key, text)
    assert queue().state == MailState.SENT


def test_a_reminder_withdrawn_with_its_visit_comes_back_with_it():
    queue(occasion="10:30")
    services.withdraw_mail(target="one")
    later = NOW + timedelta(hours=3)
    mail = queue(occasion="10:30", due_at=later)
    assert (mail.state, mail.due_at, mail.try_at) == (MailState.QUEUED, later, later)


def test_only_the_kinds_asked_for_are_withdrawn_and_only_of_that_target():
    queue()
    queue(kind=MailKind.REMINDER_1)
    queue(kind=MailKind.REMINDER_1, target="two")
    services.withdraw_mail(target="one", kinds=[MailKind.REMINDER_1])
    assert Mail.objects.filter(state=MailState.WITHDRAWN).values_list("target", "kind").get() == (
        "one",
        "reminder_1",
    )


def test_a_mail_is_claimed_by_one_process_and_not_before_it_is_due():
    queue(due_at=NOW + timedelta(minutes=1))
    assert services.claim_next() is None
    with clock.travel(NOW + timedelta(minutes=1)):
        assert services.claim_next()
        assert services.claim_next() is None


def test_the_mail_that_is_due_longest_goes_first():
    queue(occasion="late", due_at=NOW - timedelta(minutes=1))
    queue(occasion="early", due_at=NOW - timedelta(minutes=9))
    assert services.claim_next().occasion == "early"


@pytest.mark.django_db(transaction=True)
def test_a_claim_inside_another_transaction_is_refused():
    # Otherwise `sending` would not be on disk when the mail leaves.
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        services.claim_next()


def test_what_was_sent_shows_when_to_whom_and_with_which_text(key, text):
    queue()
    mail = deliver(key, text)
    assert (mail.state, mail.sent_at, mail.text, mail.attempts) == (MailState.SENT, NOW, text, 1)
    [row] = selectors.mails_about("one")
    assert (row.recipient, row.state_name) == ("h●●●@example.jp", "送信済")
    assert mail.subject is mail.body is None
    assert b"hanako" not in bytes(mail.recipient)


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        (AddressRefused(), MailState.FAILED, MailError.ADDRESS_REFUSED),
        (ContentRefused(), MailState.FAILED, MailError.CONTENT_REFUSED),
        (Interrupted(), MailState.UNSURE, MailError.INTERRUPTED),
        (PeerBusy(), MailState.QUEUED, MailError.PEER_BUSY),
        (Unreachable(), MailState.QUEUED, MailError.UNREACHABLE),
    ],
)
def test_what_the_gateway_answers_decides_the_state(key, text, answer, state, error):
    queue()
    mail = deliver(key, text, answer)
    assert (mail.state, mail.error, mail.sent_at) == (state, error, None)


def test_a_busy_server_is_tried_again_later_and_later_then_a_person_is_told(key, text):
    queue()
    tried, now = [], NOW
    while (mail := Mail.objects.get()).state == MailState.QUEUED:
        now = mail.try_at
        tried.append(now - NOW)
        with clock.travel(now):
            deliver(key, text, PeerBusy())
    assert len(tried) == len(WAITS) + 1
    assert sorted(set(tried)) == tried
    assert (mail.state, mail.error) == (MailState.FAILED, MailError.PEER_BUSY)
    assert [row.id for row in selectors.troubled_mails()] == [mail.pk]


def test_a_mail_found_in_sending_is_left_to_people(key, text):
    queue()
    claimed = services.claim_next()
    assert services.recover_interrupted() == 0
    with clock.travel(NOW + services.LEASE + timedelta(seconds=1)):
        assert services.recover_interrupted() == 1
        assert services.claim_next() is None
    mail = Mail.objects.get()
    assert (mail.pk, mail.state, mail.error) == (claimed.id, MailState.UNSURE, MailError.INTERRUPTED)


def test_a_process_that_slept_too_long_sends_nothing(key, text):
    queue()
    sleeper = services.claim_next()
    with clock.travel(NOW + services.LEASE + timedelta(seconds=1)):
        services.recover_interrupted()
        gateway = Gateway()
        services.hand_over(mail=sleeper, key_id=key.pk, text_id=text.pk, message=MESSAGE, through=gateway)
        assert Mail.objects.get().state == MailState.UNSURE
        services.resend_mail(mail_id=sleeper.id, actor=STAFF)
        other = services.claim_next()
        services.hand_over(mail=sleeper, key_id=key.pk, text_id=text.pk, message=MESSAGE, through=gateway)
        assert not gateway.sent
        services.hand_over(mail=other, key_id=key.pk, text_id=text.pk, message=MESSAGE, through=gateway)
        assert len(gateway.sent) == 1


def test_a_slow_process_that_did_send_clears_the_doubt(key, text):
    queue()

    class Slow(Gateway):
        def send(self, message, *, message_id):
            with clock.travel(NOW + services.LEASE + timedelta(seconds=1)):
                services.recover_interrupted()
            super().send(message, message_id=message_id)

    assert deliver(key, text, through=Slow()).state == MailState.SENT


def test_a_person_sends_again_under_the_same_message_id_and_it_is_on_record(key, text):
    before = queue()
    deliver(key, text, Interrupted())
    services.resend_mail(mail_id=before.pk, actor=STAFF)
    through = Gateway()
    mail = deliver(key, text, through=through)
    assert (mail.state, mail.attempts, through.sent) == (MailState.SENT, 1, [before.message_id])
    assert [entry.action for entry in entries_about(f"mail:{mail.pk}")] == ["notifications.mail.resent"]


def test_a_person_settles_what_need_not_be_sent_any_more(key, text):
    queue()
    mail = deliver(key, text, AddressRefused())
    services.settle_mail(mail_id=mail.pk, actor=STAFF)
    assert selectors.troubled_mails() == []
    assert services.claim_next() is None


@pytest.mark.parametrize("act", [services.resend_mail, services.settle_mail])
def test_a_mail_that_is_still_queued_cannot_be_resent_or_settled(act):
    mail = queue()
    with pytest.raises(NotResendable):
        act(mail_id=mail.pk, actor=STAFF)
    with pytest.raises(NotVisible):
        act(mail_id=uuid.uuid4(), actor=STAFF)


def test_a_mail_that_came_back_is_shown_to_staff(key, text):
    queue()
    mail = deliver(key, text)
    for _twice in range(2):
        services.record_bounce(message_id=mail.message_id)
    [row] = selectors.troubled_mails()
    assert (row.id, row.error_name, row.sent_at) == (mail.pk, "届かずに戻ってきました", NOW)
    assert len(entries_about(f"mail:{mail.pk}")) == 1
    with pytest.raises(NotVisible):
        services.record_bounce(message_id="<nobody@example.jp>")


def test_an_erased_person_gets_no_mail_and_leaves_no_address(key, text):
    queue()
    deliver(key, text)
    queue(occasion="again")
    destroy_keys(key_ids=[key.pk])
    mail = services.claim_next()
    gateway = Gateway()
    with pytest.raises(KeyDestroyed):
        services.hand_over(mail=mail, key_id=key.pk, text_id=text.pk, message=MESSAGE, through=gateway)
    assert not gateway.sent
    assert [row.recipient for row in selectors.mails_about("one")] == ["", ""]


def test_a_training_system_keeps_the_mail_to_be_read(key, text, settings):
    queue()
    mail = deliver(key, text, through=MailboxGateway())
    [letter] = selectors.demo_mailbox()
    assert (letter.recipient, letter.subject, letter.body) == (
        MESSAGE.recipient,
        MESSAGE.subject,
        MESSAGE.body,
    )
    assert selectors.demo_letter(mail.pk) == letter
    settings.TRAINING = False
    with pytest.raises(NotVisible):
        selectors.demo_mailbox()
    with pytest.raises(NotVisible):
        selectors.demo_letter(mail.pk)


def test_the_backlog_tells_what_waits_since_when(key, text):
    queue(due_at=NOW - timedelta(minutes=5))
    queue(occasion="later", due_at=NOW + timedelta(hours=1))
    backlog = selectors.backlog()
    assert (backlog.waiting, backlog.age, backlog.troubled) == (1, timedelta(minutes=5), 0)
    deliver(key, text, AddressRefused())
    assert selectors.backlog() == selectors.Backlog(waiting=0, oldest=None, troubled=1)
    assert selectors.backlog().age == timedelta()


def test_the_list_is_narrowed_and_paged(key, text):
    for number in range(selectors.PAGE_SIZE + 1):
        queue(target=str(number))
    queue(kind=MailKind.CHANGED)
    page = selectors.outbox(kinds=[MailKind.CONFIRMATION], page=2)
    assert (len(page.rows), page.total, page.page) == (1, selectors.PAGE_SIZE + 1, 2)
    assert selectors.outbox(states=[MailState.SENT]).rows == []
    assert selectors.outbox(page=99).page == 2


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "sent"}, {"state": "lost"}, {"kind": "news"}, {"error": "550 no"},
        {"state": "sending"}, {"state": "failed"}, {"sent_at": NOW}, {"recipient": b"x"},
        {"subject": b"x", "body": b"x"}, {"try_at": NOW - timedelta(days=1)},
    ],
    ids=str,
)  # fmt: skip
def test_the_database_refuses_impossible_mails(columns):
    queue()
    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.update(**columns)


def test_versions_of_a_text_are_added_and_the_one_in_force_is_used(text):
    def put(body, **more):
        return services.put_text(
            kind=MailKind.CONFIRMATION, subject="お知らせ", body=body, actor=STAFF, **more
        )

    assert put(BODY) == 1
    assert put(BODY + "新") == 2
    assert put(BODY + "次", effective_from=NOW + timedelta(days=1)) == 3
    assert selectors.text_in_force(kind=MailKind.CONFIRMATION, at=NOW).version == 2
    assert selectors.text_in_force(kind=MailKind.CONFIRMATION, at=NOW + timedelta(days=1)).version == 3
    assert [row.version for row in selectors.texts()] == [3, 2, 1]


def test_a_language_without_a_text_falls_back_to_japanese(text):
    assert selectors.text_in_force(kind=MailKind.CONFIRMATION, at=NOW, language="en").version == 1
    services.put_text(kind=MailKind.CONFIRMATION, subject="Notice", body=BODY, actor=STAFF, language="en")
    assert selectors.text_in_force(kind=MailKind.CONFIRMATION, at=NOW, language="en").subject == "Notice"
    with pytest.raises(NotVisible):
        selectors.text_in_force(kind=MailKind.CHANGED, at=NOW)


@pytest.mark.parametrize("act", [lambda rows: rows.update(subject="別"), lambda rows: rows.delete()])
def test_a_decided_text_stays_as_it_is(text, act):
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        act(MailText.objects.all())


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [
        ("マイナンバーカードのお知らせ", BODY, "subject"),
        ("電子証明書のご予約", BODY, "subject"),
        ("お知らせ\r\nBcc: x@example.jp", BODY, "subject"),
        ("お知らせ {reference}", BODY, "subject"),
        ("お知らせ", BODY + "{name}", "body"),
        ("お知らせ", BODY + "{phone.__class__}", "body"),
        ("お知らせ", BODY + "{", "body"),
        ("お知らせ", BODY.replace("{link}", ""), "body"),
    ],
)
def test_a_text_that_tells_too_much_or_too_little_is_refused(subject, body, field):
    with pytest.raises(TextNotValid) as refusal:
        services.put_text(kind=MailKind.CONFIRMATION, subject=subject, body=body, actor=STAFF)
    assert refusal.value.fields == {"field": field}
    assert not MailText.objects.exists()
