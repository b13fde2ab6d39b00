"""Both gateways keep one contract; what only a network can do is shown on the real one."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from django.conf import settings as settings_of_django
from django.core.exceptions import ImproperlyConfigured
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from madoguchi.common import clock
from madoguchi.common.mail_addresses import LOCAL_SIGNS, MailAddressUnreadable, read_mail_address
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
    attachments=(
        Attachment(
            "yoyaku.ics",
            "SUMMARY:ご予約\r\n".encode(),
            "text/calendar",
            {"method": "PUBLISH", "charset": "utf-8"},
        ),
    ),
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
    assert dict(file["Content-Type"].params) == {"method": "PUBLISH", "charset": "utf-8"}
    assert file.get_content() == "SUMMARY:ご予約\r\n"


LETTERS = "abz09" + LOCAL_SIGNS + "."
locals_ = st.text(alphabet=LETTERS, min_size=1, max_size=64)
domains = st.lists(st.text(alphabet="abz09", min_size=1, max_size=60), min_size=1, max_size=3).map(".".join)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example("." * 64, "example")
@example("a..b.", "docomo.ne")
@example("=?utf-8?q?a?=", "example")
@example("'{a}&b=?", "example")
@example("a" * 64, ".".join(["b" * 63, "c" * 63, "d" * 58]))
@given(locals_, domains)
def test_what_the_reader_accepts_the_server_is_told(smtp, peer, local, domain):
    try:
        address = read_mail_address(f"{local}@{domain}.jp")
    except MailAddressUnreadable:
        return
    send(smtp, recipient=address)
    assert peer.recipients[-1] == address
    assert [each.addr_spec for each in peer.taken[-1]["To"].addresses] == [address]


@pytest.mark.parametrize(
    ("recipient", "said"),
    [
        ("hanako.f@example.jp", "<hanako.f@example.jp>"),
        ("a..b@docomo.ne.jp", '<"a..b"@docomo.ne.jp>'),
        ("hanako.@docomo.ne.jp", '<"hanako."@docomo.ne.jp>'),
        (".hanako@docomo.ne.jp", '<".hanako"@docomo.ne.jp>'),
    ],
)
def test_dots_that_no_server_expects_are_quoted(smtp, peer, recipient, said):
    send(smtp, recipient=recipient)
    assert peer.said[-1] == f"TO:{said}"
    assert f"\r\nTo: {said[1:-1]}\r\n".encode() in peer.raw[-1]


LONG = "あ" * 100


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": f"【{LONG}】", "sender_name": LONG, "body": LONG * 100},
        {"subject": "a" * 100, "sender_name": 'Fukuoka City (Secretariat, "Ltd")' * 3, "body": "b " * 2000},
        {"subject": "=?utf-8?q?a?=", "sender_name": "=?utf-8?q?a?=", "body": "From a\n.\n" + "c" * 5000},
        {"subject": "🎉é" * 40, "sender_name": "a🎉," * 30, "body": "x\rテスト\r\ny"},
    ],
    ids=["Japanese", "English", "like an encoded word", "beyond the plane"],
)
def test_a_mail_is_ascii_in_short_lines_whatever_it_says(smtp, peer, changes):
    before = clock.now().replace(microsecond=0)
    send(smtp, **changes)
    [raw] = peer.raw
    assert raw.isascii()
    assert "8BITMIME" not in "".join(peer.said).upper()
    assert "SMTPUTF8" not in "".join(peer.said).upper()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert max(map(len, re.findall(rb"=\?utf-8\?[bq]\?[^?\s]*\?=", raw)), default=0) <= 75
    old = message_from_bytes(raw)
    assert str(make_header(decode_header(old["Subject"]))) == changes["subject"]
    name, address = parseaddr(old["From"])
    assert str(make_header(decode_header(name))) == changes["sender_name"]
    assert address == settings_of_django.MAIL_FROM
    [mail] = peer.taken
    assert mail.get_body().get_content().split() == changes["body"].split()
    assert before <= mail["Date"].datetime <= clock.now()


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


def test_a_server_that_does_not_answer_is_unreachable():
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
