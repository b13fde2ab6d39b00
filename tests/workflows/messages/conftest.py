"""The words of every kind of mail, and a gateway that remembers what left."""

import pytest

from madoguchi.audit.actor import SYSTEM
from madoguchi.notifications import services
from madoguchi.notifications.rules import PLACEHOLDERS
from madoguchi.workflows.messages import mail


class Outside:
    """A gateway that remembers what left."""

    keeps_text = True

    def __init__(self):
        self.sent = []

    def send(self, message, **_facts):
        self.sent.append(message)


@pytest.fixture
def texts():
    for kind, (allowed, _needed) in PLACEHOLDERS.items():
        body = "\n".join(f"{name}={{{name}}}" for name in sorted(allowed))
        services.put_text(kind=kind, subject="【星見市】ご予約のお知らせ", body=body, actor=SYSTEM)


@pytest.fixture
def outside(monkeypatch):
    gateway = Outside()
    monkeypatch.setattr(mail, "gateway", lambda: gateway)
    return gateway
