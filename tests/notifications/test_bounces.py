"""Notifications of mail servers: what is given up is on the staff list, everything else changes nothing."""

import io
import os
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.notifications import bounces, selectors
from madoguchi.notifications.errors import NotANotification
from madoguchi.notifications.gateways import MailboxGateway, Message
from madoguchi.notifications.kinds import MailKind, MailState
from madoguchi.notifications.models import Mail, MailText
from madoguchi.notifications.services import claim_next, hand_over, put_text, queue_mail
from madoguchi.sealing.services import new_key

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
OURS = "<0123456789abcdef0123456789abcdef@yoyaku.example.jp>"

# As Postfix writes it, shortened. The address is nobody's.
DSN = """\
Return-Path: <>
From: MAILER-DAEMON@mail.example.jp (Mail Delivery System)
To: madoguchi@yoyaku.example.jp
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F2A.1/mail.example.jp"

This is a MIME-encapsulated message.

--4F2A.1/mail.example.jp
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<hanako@example.jp>: host mx.example.jp said: 550 5.1.1 User unknown

--4F2A.1/mail.example.jp
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.jp
Arrival-Date: Tue, 24 Nov 2026 10:00:00 +0900 (JST)

Final-Recipient: rfc822; hanako@example.jp
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--4F2A.1/mail.example.jp
Content-Description: Undelivered Message
Content-Type: {returned}

Subject: =?utf-8?b?44GU5LqI57SE44Gu44GK55+l44KJ44Gb?=
Message-ID:
 {message_id}
To: hanako@example.jp

{text}
--4F2A.1/mail.example.jp--
"""


def dsn(*, action="failed", status="5.1.1", returned="message/rfc822", message_id=OURS, text="本文") -> bytes:
    return DSN.format(
        action=action, status=status, returned=returned, message_id=message_id, text=text
    ).encode()


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize(
    ("action", "status"), [("failed", "5.1.1"), ("Failed", "5.2.2"), ("failed", "4.4.7")], ids=str
)
def test_a_mail_that_is_given_up_is_known_by_our_message_id(returned, action, status):
    assert bounces.failed_message_id(dsn(action=action, status=status, returned=returned)) == OURS


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_the_ends_of_lines_do_not_matter(ends):
    assert bounces.failed_message_id(dsn().replace(b"\n", ends)) == OURS


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_a_delay_or_a_delivery_is_no_bounce(action):
    assert bounces.failed_message_id(dsn(action=action, status="4.4.1")) == ""


@pytest.mark.parametrize("message_id", ["", "no brackets", "<\x00>", "<窓口@example.jp>"])
def test_a_notification_that_names_no_mail_of_ours_is_none(message_id):
    assert bounces.failed_message_id(dsn(message_id=message_id)) == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\x00\xfe",
        b"Subject: Re: yoyaku\n\nCan I come on Tuesday?\n",
        b"Content-Type: multipart/report; boundary=x\n\n--x\n\nno status in it\n--x--\n",
        b"Content-Type: multipart/report\n\nno parts at all\n",
        dsn().replace(b"multipart/report", b"multipart/mixed"),
    ],
    ids=["empty", "bytes", "an answer", "no status", "no parts", "forwarded"],
)
def test_what_is_no_notification_is_refused(raw):
    with pytest.raises(NotANotification):
        bounces.failed_message_id(raw)


@given(cut=st.integers(0, len(dsn())), at=st.integers(0, len(dsn())), junk=st.binary(max_size=60))
def test_a_damaged_notification_never_breaks_the_reader(cut, at, junk):
    raw = dsn()[:cut]
    try:
        found = bounces.failed_message_id(raw[:at] + junk + raw[at:])
    except NotANotification:
        return
    assert found.isascii()


@pytest.fixture
def sent(db):
    """A mail of ours that a server took."""
    with clock.travel(NOW):
        key = new_key()
        key.save(force_insert=True)
        put_text(
            kind=MailKind.CONFIRMATION,
            subject="お知らせ",
            body="{reference} {when} {office} {link} {phone}",
            actor=SYSTEM,
        )
        queue_mail(kind=MailKind.CONFIRMATION, target="one", occasion="once")
        claimed = claim_next()
        message = Message("hanako@example.jp", "【星見市】ご予約のお知らせ", "本文", "星見市")
        hand_over(
            mail=claimed, key_id=key.pk, text_id=MailText.objects.get().pk, message=message,
            through=MailboxGateway(),
        )  # fmt: skip
        yield Mail.objects.get()


@pytest.fixture
def pipe(monkeypatch):
    """Pipe a mail to the command and return what it prints."""

    def receive(raw: bytes) -> str:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        printed = io.StringIO()
        call_command("receive_bounce", stdout=printed)
        return printed.getvalue()

    return receive


def everything_stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT json_agg(m)::text FROM notifications_mail AS m")
        mails = cursor.fetchone()[0]
        cursor.execute("SELECT json_agg(e)::text FROM audit_auditentry AS e")
        return mails + (cursor.fetchone()[0] or "")


def test_a_piped_notification_puts_the_mail_on_the_staff_list_and_keeps_nothing_of_itself(sent, pipe):
    assert "記録しました" in pipe(dsn(message_id=sent.message_id, text="himitsu"))
    assert "記録しました" in pipe(dsn(message_id=sent.message_id))
    [row] = selectors.troubled_mails()
    assert (row.id, row.error_name) == (sent.pk, "届かずに戻ってきました")
    stored = everything_stored()
    assert "himitsu" not in stored
    assert "User unknown" not in stored
    assert "hanako" not in stored


@pytest.mark.parametrize("action", ["delayed", "failed"])
def test_a_delay_and_a_mail_of_somebody_else_are_taken_and_change_nothing(sent, pipe, action):
    message_id = sent.message_id if action == "delayed" else OURS
    assert "記録することはありません" in pipe(dsn(action=action, message_id=message_id))
    sent.refresh_from_db()
    assert sent.state == MailState.SENT


def test_an_answer_of_a_person_is_refused_with_a_sentence_and_nothing_is_stored(sent, pipe):
    before = everything_stored()
    with pytest.raises(CommandError, match="お電話ください") as refused:
        pipe(b"Subject: Re: yoyaku\n\nhimitsu\n")
    assert refused.value.returncode == os.EX_DATAERR == 65
    assert "himitsu" not in str(refused.value)
    assert everything_stored() == before


def test_without_the_database_the_mail_server_tries_again_later(pipe, monkeypatch):
    def gone(**_facts):
        raise OperationalError

    monkeypatch.setattr("madoguchi.notifications.management.commands.receive_bounce.record_bounce", gone)
    with pytest.raises(CommandError) as refused:
        pipe(dsn())
    assert refused.value.returncode == os.EX_TEMPFAIL == 75
