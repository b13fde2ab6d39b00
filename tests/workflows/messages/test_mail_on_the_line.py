"""Every kind of mail in every language, with the pack's texts, as an old mail server gets it."""

import re
import tomllib
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from django.conf import settings
from icalendar import Calendar
from support.mail_peer import peer, smtp, smtp_url
from support.people import HANAKO, OPERATOR

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.notifications import services
from madoguchi.notifications.kinds import (
    ABOUT_WAITING,
    TAKES_OUT_OF_CALENDAR,
    WITH_CALENDAR,
    MailKind,
    MailState,
)
from madoguchi.notifications.models import Mail
from madoguchi.offices.models import Office
from madoguchi.reservations.availability import starts
from madoguchi.reservations.waiting import wait
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import waiting
from madoguchi.workflows.messages import mail

__all__ = ["peer", "smtp", "smtp_url"]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("city")]
TEXTS = Path(__file__).parents[3] / "programs/fukuoka/texts"
LANGUAGES = [code for code, _name in settings.LANGUAGES]
VISIT = datetime(2026, 12, 15, 10, 30, tzinfo=JST)
LONG_NAME, LONG_ADDRESS = "長い名前の郵便局" * 7, "星見市見本町１丁目－" * 11
PERSON = replace(HANAKO, email="a..hanako.@docomo.example.ne.jp")
CODES = ("CERT_RENEW", "PIN_RESET")


def texts_of(language):
    rows = tomllib.loads((TEXTS / f"mails.{language}.toml").read_text(encoding="utf-8"))
    return {kind: rows[kind] for kind in MailKind}


@pytest.fixture
def all_sent(request, monkeypatch, smtp, peer):
    """Send every kind of mail to 花子 in one language, as if each was true; returns them by kind."""
    language = request.param
    for kind, text in texts_of(language).items():
        for each in {language, "ja"}:
            services.put_text(kind=kind, **text, actor=SYSTEM, language=each)
    Office.objects.filter(pk="HM01").update(name=LONG_NAME, address=LONG_ADDRESS, access="")
    person = replace(PERSON, language=language)
    slot = starts(office="HM01", since=VISIT, until=VISIT + timedelta(minutes=1), slots=1, slot_minutes=30)[0]
    request = booking.BookingRequest(visitors=(booking.Visitor(CODES, person),), slot=slot.slot)
    made = booking.book(replace(request, channel="PHONE", actor=OPERATOR, submission="1", fingerprint="1"))
    wish = Wish(("HM01",), VISIT.date() + timedelta(days=1), VISIT.date() + timedelta(days=1))
    other = replace(person, name="福岡　月子")
    row = wait(waiting.enter(person=other, procedures=CODES, wish=wish).id, scope=EVERYWHERE)
    Mail.objects.all().delete()
    offered = replace(row, office="HM01", starts_at=VISIT, offer_until=VISIT)
    monkeypatch.setattr(mail, "wait", lambda _id, **_: offered)
    monkeypatch.setattr(mail, "_still_waits", lambda *_: True)
    monkeypatch.setattr(mail, "_holds", lambda *_: True)
    monkeypatch.setattr(mail, "_about_a_pause", lambda *_: {"cause": "設備の点検・工事", "stopped": ""})
    monkeypatch.setattr(mail, "access_code", lambda _id: "012345")
    monkeypatch.setattr(mail, "kept_recipient", lambda _id: person.email)
    sent = {}
    for kind in MailKind:
        target = row.id if kind in ABOUT_WAITING else made.id
        occasion = VISIT.isoformat() + (" 1" if kind in mail.ABOUT_A_PAUSE else "")
        services.queue_mail(kind=kind, target=str(target), occasion=occasion)
        assert mail.send_due_mail(through=smtp) == 1
        assert Mail.objects.get(kind=kind).state == MailState.SENT, kind
        sent[kind] = peer.raw[-1]
    return sent


def parts(raw):
    """Return the headers, the body and the file of a mail, decoded by the oldest rules there are."""
    whole = message_from_bytes(raw)
    leaves = [part for part in whole.walk() if not part.is_multipart()]
    return whole, leaves[0].get_payload(decode=True).decode(), leaves[1:]


in_each_language = pytest.mark.parametrize("all_sent", LANGUAGES, indirect=True)


@in_each_language
def test_every_server_can_take_every_mail(all_sent, peer):
    assert not re.search("8BITMIME|SMTPUTF8", " ".join(peer.said), re.IGNORECASE)
    assert set(peer.recipients) == {PERSON.email}
    for kind, raw in all_sent.items():
        assert raw.isascii(), kind
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")
        assert all(len(word) <= 75 for word in re.findall(rb"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=", raw))
        assert b'\r\nTo: "a..hanako."@docomo.example.ne.jp\r\n' in raw
        assert not re.search(rb"Content-Transfer-Encoding: (8bit|binary)", raw)


@in_each_language
def test_a_mailbox_tells_the_mails_apart(all_sent):
    rows = {kind: parts(raw)[0] for kind, raw in all_sent.items()}
    subjects = [str(make_header(decode_header(row["Subject"]))) for row in rows.values()]
    assert len(set(subjects)) == len(MailKind)
    for kind, row in rows.items():
        assert row["References"] is row["In-Reply-To"] is row["Thread-Index"] is None
        assert row["Message-ID"] == Mail.objects.get(kind=kind).message_id
        assert row["Date"]
        assert len(row.get_all("Subject")) == len(row.get_all("From")) == len(row.get_all("To")) == 1


@in_each_language
def test_a_calendar_is_told_the_same_beside_the_file_as_in_it(all_sent):
    uids, methods = set(), {}
    for kind, raw in all_sent.items():
        _whole, _body, files = parts(raw)
        assert len(files) == (kind in WITH_CALENDAR), kind
        for file in files:
            calendar = Calendar.from_ical(file.get_payload(decode=True))
            [event] = calendar.walk("VEVENT")
            assert file.get_content_type() == "text/calendar"
            assert file.get_param("method") == calendar["METHOD"]
            assert file.get_param("charset") == "utf-8"
            assert event["LOCATION"] == f"{LONG_NAME} {LONG_ADDRESS}"
            assert all(len(line) <= 75 for line in file.get_payload(decode=True).split(b"\r\n"))
            uids.add(event["UID"])
            methods[kind] = calendar["METHOD"]
    assert len(uids) == 1
    assert methods == {
        kind: "CANCEL" if kind in TAKES_OUT_OF_CALENDAR else "PUBLISH" for kind in WITH_CALENDAR
    }


@in_each_language
def test_a_mail_says_where_how_long_and_how_to_get_there_and_never_who(all_sent):
    bodies = {kind: parts(raw)[1] for kind, raw in all_sent.items()}
    about_one_visit = set(MailKind) - ABOUT_WAITING - {MailKind.ACCESS_CODE, MailKind.CONTACT_CHANGED}
    for kind in about_one_visit | {MailKind.WAIT_OFFER}:
        assert LONG_NAME in bodies[kind], kind
    for kind in (
        MailKind.CONFIRMATION,
        MailKind.CHANGED,
        MailKind.REMINDER_3,
        MailKind.REMINDER_1,
        MailKind.WAIT_OFFER,
    ):
        assert re.search(r"(約|だいたい|about )\d+( minutes|分)", bodies[kind]), kind
        assert bodies[kind].count(LONG_ADDRESS) == 2  # the address, and the way there as none is known
    for body in bodies.values():
        assert not re.search("福岡[ 　](花子|月子)", body)
        assert not re.search(r"[{}]|）（|\) ?\(", body)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_subject_tells_the_matter_or_has_brackets_twice(language):
    for text in texts_of(language).values():
        assert re.fullmatch(r"(【[^【】]+】|\[[^\[\]]+\] )[^【】\[\]]+", text["subject"])


def test_a_second_try_has_the_same_message_id(smtp, peer):
    for kind, text in texts_of("ja").items():
        services.put_text(kind=kind, **text, actor=SYSTEM)
    slot = starts(office="HM01", since=VISIT, until=VISIT + timedelta(minutes=1), slots=1, slot_minutes=30)[0]
    request = booking.BookingRequest(visitors=(booking.Visitor(CODES, PERSON),), slot=slot.slot)
    booking.book(replace(request, channel="PHONE", actor=OPERATOR, submission="1", fingerprint="1"))
    peer.answers["DATA"] = "451 try later"
    mail.send_due_mail(through=smtp)
    peer.answers.clear()
    with clock.travel(clock.now() + timedelta(minutes=2)):
        mail.send_due_mail(through=smtp)
    [taken] = peer.taken
    assert taken["Message-ID"] == Mail.objects.get().message_id
    assert uuid.UUID(taken["Message-ID"].strip("<>").partition("@")[0])
