"""A real SMTP server on this machine, which can be told to refuse."""

from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from madoguchi.notifications.gateways import SmtpGateway


@dataclass
class Peer:
    """Keeps what it takes; `answers` says what to reply to a command instead of taking it."""

    taken: list[EmailMessage] = field(default_factory=list)
    # The same as bytes, the addresses read from their envelopes, and MAIL and RCPT as they were said.
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    when_taken: Callable[[], None] | None = None

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802
        # An old server: without 8BITMIME, everything has to come as ASCII.
        session.host_name = hostname
        return [each for each in responses if "8BITMIME" not in each]

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        self.recipients.append(address)
        return "250 OK"

    async def handle_MAIL(self, _server, _session, envelope, address, _options):  # noqa: N802
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        self.senders.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802
        if self.answers.get("DATA") == "hang up":
            server.transport.abort()
            return "250 nobody hears this"
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.raw.append(envelope.content)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.when_taken:
            self.when_taken()
        return "250 OK"


class NotingServer(SMTP):
    """Notes MAIL and RCPT as they were said, before it reads the address in them."""

    async def smtp_MAIL(self, arg):  # noqa: N802 - aiosmtpd's name
        self.event_handler.said.append(arg)
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):  # noqa: N802
        self.event_handler.said.append(arg)
        await super().smtp_RCPT(arg)


class AnyPort(Controller):
    """Listens on a port that the system gives it."""

    def factory(self):
        return NotingServer(self.handler)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def peer():
    return Peer()


@pytest.fixture
def smtp_url(peer):
    controller = AnyPort(peer, hostname="127.0.0.1", port=0, ready_timeout=30)
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def smtp(smtp_url):
    return SmtpGateway(smtp_url)
