"""A real web server on this machine, for tests that kill it or what it stands on."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from socket import socket

from django.db import connection
from support.city import NOON

from madoguchi.reservations.availability import starts

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    """Return a port of this machine that nobody listens on."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """Granian with our application, in a process group of its own."""

    def __init__(self, url="", **settings):
        """Take a free port, and the database of the tests unless told another; settings are environment."""
        self.port = free_port()
        parts = connection.settings_dict
        self.url = url or f"postgresql://{parts['USER']}@/{parts['NAME']}?host={parts['HOST']}"
        self.settings = settings
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2",
                "--blocking-threads", "1",
                "--host", "127.0.0.1", "--port", str(self.port), "--no-access-log", "--log-level", "error",
                "support.frozen_wsgi:application",
            ],
            cwd=ROOT / "tests",
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}:{os.environ.get('PYTHONPATH', '')}",
                "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings_test",
                "FROZEN_AT": NOON.isoformat(),
                "DATABASE_URL": self.url,
                **self.settings,
            },
        )  # fmt: skip
        deadline = time.monotonic() + 60
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

    def book(self, number, slot, token):
        """Post booking `number` as a partner does, always with the same key; return status and answer.

        Raises OSError, HTTPException or ValueError when no whole answer comes.
        """
        body = json.dumps(
            {
                "slot": slot, "procedures": ["CERT_RENEW"], "name": f"見本　{number}郎",
                "date_of_birth": "1960-01-01", "postal_code": "8140006", "address": "星見市見本町1番1号",
                "phone": f"0900000{number:04d}", "email": f"mihon{number}@example.jp", "consent": True,
            }
        )  # fmt: skip
        headers = {
            "Content-Type": "application/json", "Authorization": f"Bearer {token}",
            "Idempotency-Key": f"key-{number:016d}",
        }  # fmt: skip
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as call:
            call.request("POST", "/api/v1/reservations", body.encode(), headers)
            reply = call.getresponse()
            return reply.status, json.loads(reply.read())


def free_slots():
    """Return the slots of two offices in ten days that nobody has taken."""
    since = NOON + timedelta(days=21)
    return [
        start.slot
        for office in ("HM01", "HM02")
        for start in starts(
            office=office, since=since, until=since + timedelta(days=10), slots=1, slot_minutes=30
        )
        if start.free
    ]
