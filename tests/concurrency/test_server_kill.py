"""SIGKILL in mid-load: no acknowledged booking is lost, none is doubled, and the ledgers still agree."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from socket import socket
from threading import Event

import pytest
from city import NOON
from django.db import connection

from madoguchi.accounts.partners import issue_token
from madoguchi.audit.actor import SYSTEM
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.notifications.services import put_text
from madoguchi.reservations.availability import starts
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import Reservation
from madoguchi.workflows import mail

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
ROOT = Path(__file__).resolve().parent.parent.parent
CLIENTS, EACH = 4, 15


class Server:
    """Granian with our application, in a process group of its own."""

    def __init__(self):
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = None

    def start(self):
        parts = connection.settings_dict
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2",
                "--blocking-threads", "1",
                "--host", "127.0.0.1", "--port", str(self.port), "--no-access-log", "--log-level", "error",
                "frozen_wsgi:application",
            ],
            cwd=ROOT / "tests",
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
                "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings_test",
                "FROZEN_AT": NOON.isoformat(),
                "DATABASE_URL": f"postgresql://{parts['USER']}@/{parts['NAME']}?host={parts['HOST']}",
            },
        )  # fmt: skip
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)) as call:
                    call.request("GET", "/healthz")
                    if call.getresponse().status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


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
    since = NOON + timedelta(days=21)
    slots = [
        start.slot
        for office in ("HM01", "HM02")
        for start in starts(
            office=office, since=since, until=since + timedelta(days=10), slots=1, slot_minutes=30
        )
        if start.free
    ]
    acknowledged, killed = {}, Event()

    def send(number, slot):
        """Post with the same key until an answer arrives, as a careful client does."""
        body = json.dumps(
            {
                "slot": slot, "procedures": ["CERT_RENEW"], "name": f"見本　{number}郎",
                "date_of_birth": "1960-01-01", "postal_code": "8140006", "address": "見本町1番1号",
                "phone": f"0900000{number:04d}", "email": f"mihon{number}@example.jp", "consent": True,
            }
        )  # fmt: skip
        headers = {
            "Content-Type": "application/json", "Authorization": f"Bearer {token}",
            "Idempotency-Key": f"key-{number:016d}",
        }  # fmt: skip
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)) as call:
                    call.request("POST", "/api/v1/reservations", body.encode(), headers)
                    reply = call.getresponse()
                    answer = json.loads(reply.read())
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.05)
                continue
            assert reply.status == 201, answer
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
    assert Mail.objects.filter(kind="confirmation").count() == len(booked)
    while mail.drain():
        pass
    written_to = [f"mihon{number}@example.jp" for number in range(CLIENTS * EACH)]
    assert sorted(outside.recipients) == sorted(written_to)
    assert breaches(NOON) == []
