"""SIGKILL in mid-load: no acknowledged booking is lost, none is doubled, and the ledgers still agree."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from support.city import NOON
from support.web_server import Server, free_slots

from madoguchi.accounts.partners import issue_token
from madoguchi.audit.actor import SYSTEM
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.notifications.services import put_text
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import Reservation
from madoguchi.workflows.messages import mail

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
CLIENTS, EACH = 4, 15


@pytest.fixture
def server():
    one = Server()
    one.start()
    yield one
    one.kill()


class Outside:
    """A gateway that remembers who was written to."""

    keeps_text = False

    def __init__(self):
        self.recipients = []

    def send(self, message, **_facts):
        self.recipients.append(message.recipient)


def test_a_server_killed_in_mid_load_loses_and_doubles_nothing(server, monkeypatch):
    body = "{reference} {when} {office} {link} {phone}"
    put_text(kind=MailKind.CONFIRMATION, subject="お知らせ", body=body, actor=SYSTEM)
    outside = Outside()
    monkeypatch.setattr(mail, "gateway", lambda: outside)
    token = issue_token(name="見本アプリ", actor=SYSTEM)
    slots = free_slots()
    acknowledged, killed = {}, Event()

    def send(number, slot):
        """Post with the same key until an answer arrives, as a careful client does."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                status, answer = server.book(number, slot, token)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.05)
                continue
            assert status == 201, answer
            acknowledged[number] = answer["reference"]
            return

    def client(place):
        for step in range(EACH):
            number = place * EACH + step
            send(number, slots[number])
            if place == 0 and step == EACH // 3:
                killed.set()
                server.kill()
                server.start()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    assert killed.is_set()
    assert len(acknowledged) == CLIENTS * EACH
    booked = set(Reservation.objects.values_list("reference", flat=True))
    assert {reference.replace("-", "") for reference in acknowledged.values()} == booked
    # By the clock of the tests, whatever day it is: else a mail would be due tomorrow, or never.
    assert set(Reservation.objects.values_list("booked_at", flat=True)) == {NOON}
    assert Mail.objects.filter(kind="confirmation").count() == len(booked)
    while mail.send_due_mail():
        pass
    written_to = [f"mihon{number}@example.jp" for number in range(CLIENTS * EACH)]
    assert sorted(outside.recipients) == sorted(written_to)
    assert breaches(NOON) == []
