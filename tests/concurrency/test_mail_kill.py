"""Killed between the server's yes and our own note of it: never a second mail, and a person is told."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from support.people import HANAKO, OPERATOR, somebody

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.notifications import services
from madoguchi.notifications.gateways import SmtpGateway
from madoguchi.notifications.kinds import MailKind, MailState
from madoguchi.notifications.models import Mail
from madoguchi.reservations.availability import starts
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.messages import mail

pytestmark = pytest.mark.slow
VISIT = datetime(2026, 12, 15, 9, tzinfo=JST)
# The sender, as the command runs it; the control sends without having committed `sending` first.
SENDER = """
import sys
import django
django.setup()
from contextlib import nullcontext
from datetime import datetime
from django.db import transaction
from madoguchi.common import clock
from madoguchi.notifications import services
from madoguchi.workflows.messages import mail
control = sys.argv[1] == "control"
if control:
    services.claim_next = services.claim_next.__wrapped__
with clock.travel(datetime.fromisoformat(sys.argv[2])), transaction.atomic() if control else nullcontext():
    mail.send_due_mail(limit=1)
"""


@pytest.fixture(autouse=True)
def _text(lasting_city):
    body = "{reference} {when} {office} {link} {phone}"
    services.put_text(kind=MailKind.CONFIRMATION, subject="お知らせ", body=body, actor=SYSTEM)


def book(person, begins=VISIT, place="HM01"):
    slot = starts(office=place, since=begins, until=begins + timedelta(minutes=1), slots=1, slot_minutes=30)[
        0
    ].slot
    request = booking.BookingRequest(visitors=(booking.Visitor(("CERT_RENEW",), person),), slot=slot)
    booking.book(replace(request, channel="PHONE", actor=OPERATOR, submission=person.name, fingerprint=""))


def start_sender(smtp_url, how):
    parts = connection.settings_dict
    url = f"postgresql://{parts['USER']}@/{parts['NAME']}?host={parts['HOST']}"
    return subprocess.Popen(
        [sys.executable, "-c", SENDER, how, clock.now().isoformat()],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings_test",
            "DATABASE_URL": url,
            "MAIL_URL": smtp_url,
            "TRAINING": "0",
        },
    )


@pytest.mark.parametrize(("how", "mails"), [("guarded", 1), ("control", 2)])
def test_a_sender_killed_after_the_server_took_the_mail_never_sends_it_twice(
    settings, peer, smtp_url, how, mails
):
    settings.TRAINING, settings.MAIL_URL = False, smtp_url
    book(HANAKO)
    senders = []
    peer.when_taken = lambda: senders.pop().send_signal(signal.SIGKILL)
    senders.append(process := start_sender(smtp_url, how))
    assert process.wait(60) == -signal.SIGKILL
    assert len(peer.taken) == 1
    peer.when_taken = None
    # After the crash everything starts again, then and later.
    mail.send_due_mail()
    with clock.travel(clock.now() + services.LEASE + timedelta(minutes=1)):
        mail.send_due_mail()
    assert len(peer.taken) == mails
    expected = MailState.UNSURE if how == "guarded" else MailState.SENT
    assert Mail.objects.get().state == expected
    assert len({taken["Message-ID"] for taken in peer.taken}) == 1


def test_several_senders_share_the_work_and_send_each_mail_once(monkeypatch, peer, smtp_url):
    for number in range(8):
        book(somebody(number, email=f"mail{number}@example.jp"), VISIT + number * timedelta(minutes=30))
        book(
            somebody(100 + number, email=f"west{number}@example.jp"),
            VISIT + number * timedelta(minutes=30),
            "HM02",
        )
    monkeypatch.setattr(mail, "gateway", lambda: SmtpGateway(smtp_url))

    def send(_number):
        try:
            return mail.send_due_mail()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(send, range(4)))
    assert sum(counts) == 16
    assert len({str(taken["To"]) for taken in peer.taken}) == len(peer.taken) == 16
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.SENT}
