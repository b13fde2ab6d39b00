"""Both gateways keep one contract; what only a network can do is shown on the real one."""

from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured

from madoguchi.notifications.errors import (
    AddressRefused,
    ContentRefused,
    Interrupted,
    PeerBusy,
    Unreachable,
)
from madoguchi.notifications.gateways import Attachment, MailboxGateway, Message, SmtpGateway, gateway

MESSAGE = Message(
    recipient="hanako@example.jp",
    subject="【星見市】ご予約のお知らせ",
    body="予約を受け付けました。\n.\n予約番号：K7MT-AWX-R74\n",
    sender_name="星見市（見本事務局）",
    attachments=(Attachment("yoyaku.ics", "SUMMARY:ご予約\r\n".encode(), "text/calendar"),),
)


@pytest.fixture(params=["mailbox", "smtp"])
def either(request):
    return MailboxGateway() if request.param == "mailbox" else request.getfixturevalue("smtp")


def send(through, **changes):
    through.send(replace(MESSAGE, **changes), message_id="<1@example.jp>")


@pytest.mark.parametrize(
    "recipient", ["hanako@example.jp", "a..b.@docomo.example.ne.jp", "x+1@sub.example.co.jp"]
)
def test_a_good_mail_is_taken(either, recipient):
    send(either, recipient=recipient)


@pytest.mark.parametrize(
    "recipient",
    ["hanako", "", "花子@example.jp", "a@b", "a@example.jp, b@example.jp", "<a@example.jp>",
     "a@example.jp\r\nBcc: b@example.jp", "a b@example.jp", "a@example.jp\n"],
)  # fmt: skip
def test_a_bad_address_is_refused_for_good(either, recipient):
    with pytest.raises(AddressRefused):
        send(either, recipient=recipient)


@pytest.mark.parametrize("part", ["subject", "sender_name"])
def test_a_line_break_cannot_begin_another_header(either, part):
    with pytest.raises(ContentRefused):
        send(either, **{part: "お知らせ\r\nBcc: taro@example.jp"})


def test_the_mail_arrives_as_it_was_written(smtp, peer):
    send(smtp)
    [mail] = peer.taken
    assert mail["Message-ID"] == "<1@example.jp>"
    assert mail["Subject"] == MESSAGE.subject
    assert mail["From"].addresses[0].display_name == "星見市（見本事務局）"
    assert [str(address) for address in mail["To"].addresses] == ["hanako@example.jp"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body().get_content().replace("\r\n", "\n") == MESSAGE.body
    [file] = mail.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "yoyaku.ics")
    assert file.get_content() == "SUMMARY:ご予約\r\n"


@pytest.mark.parametrize(
    ("command", "answer", "refusal"),
    [
        ("RCPT", "550 no such mailbox", AddressRefused),
        ("RCPT", "450 greylisted", PeerBusy),
        ("MAIL", "550 you may not send", PeerBusy),
        ("DATA", "554 looks like spam", ContentRefused),
        ("DATA", "451 try later", PeerBusy),
        ("DATA", "hang up", Interrupted),
    ],
)
def test_what_the_server_says_decides_what_follows(smtp, peer, command, answer, refusal):
    peer.answers[command] = answer
    with pytest.raises(refusal):
        send(smtp)
    assert not peer.taken


def test_after_a_refusal_the_next_mail_goes_out(smtp, peer):
    peer.answers["RCPT"] = "550 no such mailbox"
    with pytest.raises(AddressRefused):
        send(smtp)
    peer.answers.clear()
    send(smtp)
    assert len(peer.taken) == 1


def test_nobody_there_is_tried_later():
    with pytest.raises(Unreachable):
        send(SmtpGateway("smtp://127.0.0.1:1"))


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "smtp://", "127.0.0.1:25"])
def test_an_address_of_no_server_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured):
        SmtpGateway(url)


def test_the_address_of_the_server_is_read(settings):
    server = SmtpGateway("smtp://user%40example.jp:p%3Aw@127.0.0.1:587/?tls=True")._server
    assert (server.host, server.port, server.use_tls, server.use_ssl) == ("127.0.0.1", 587, True, False)
    assert (server.username, server.password) == ("user@example.jp", "p:w")
    assert SmtpGateway("smtps://127.0.0.1")._server.port == 465


def test_a_training_system_sends_nothing_whatever_is_set(settings):
    settings.MAIL_URL = "smtp://127.0.0.1"
    assert isinstance(gateway(), MailboxGateway)
    settings.TRAINING = False
    assert isinstance(gateway(), SmtpGateway)
