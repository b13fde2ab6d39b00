"""Mail gateways: an SMTP server, or the mailbox page in training (仕様書 4(3)ア).

Tests hold both to one contract.
"""

import re
import smtplib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar, Final, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.smtp import EmailBackend

from madoguchi.common.mail_addresses import is_mail_address
from madoguchi.notifications.errors import (
    AddressRefused,
    ContentRefused,
    Interrupted,
    PeerBusy,
    Unreachable,
)
from madoguchi.notifications.mime import mailbox_of, mime_bytes

TIMEOUT_SECONDS: Final = 30
PERMANENT_FAILURE: Final = 500


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment of a mail."""

    name: str
    content: bytes
    mime: str
    # What stands behind the type, such as the method of a calendar file.
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to one person, ready to send."""

    recipient: str
    subject: str
    body: str
    sender_name: str
    attachments: tuple[Attachment, ...] = ()


class MailGateway(Protocol):
    """Delivers a mail, or raises a NotTaken."""

    # Whether subject and body stay readable here afterwards: only where they go nowhere else.
    keeps_text: ClassVar[bool]

    def send(self, message: Message, *, message_id: str) -> None:
        """Send the mail; when this returns, the server has accepted it.

        Raises AddressRefused and ContentRefused (for good), PeerBusy and Unreachable (later perhaps),
        Interrupted (perhaps taken).
        """


class MailboxGateway:
    """The gateway of training: nothing is sent, the outbox itself is the mailbox."""

    keeps_text: ClassVar[bool] = True

    def send(self, message: Message, *, message_id: str) -> None:
        """Accept every mail that could be sent."""
        _checked(message, message_id=message_id)


class SmtpGateway:
    """The server of MAIL_URL: smtp://user:password@host:587/?tls=True, or smtps:// for TLS from the start."""

    keeps_text: ClassVar[bool] = False

    def __init__(self, url: str) -> None:
        """Read the address of the server; nothing is opened yet."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ImproperlyConfigured("MAIL_URL must look like smtp://user:password@host:587/?tls=True")
        asks_for_tls = parse_qs(parts.query).get("tls", [""])[0].lower() in {"1", "true"}
        self._server = EmailBackend(
            host=parts.hostname,
            port=parts.port or (465 if parts.scheme == "smtps" else 25),
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            use_ssl=parts.scheme == "smtps",
            use_tls=parts.scheme == "smtp" and asks_for_tls,
            timeout=TIMEOUT_SECONDS,
        )

    def send(self, message: Message, *, message_id: str) -> None:
        """Send the mail in a connection of its own, so that a broken one affects one mail only."""
        mail = _checked(message, message_id=message_id)
        try:
            connection = self._opened()
            connection.sendmail(settings.MAIL_FROM, [mailbox_of(message.recipient)], mail)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, _words)] = error.recipients.values()
            raise (AddressRefused if code >= PERMANENT_FAILURE else PeerBusy) from error
        except smtplib.SMTPDataError as error:
            raise (ContentRefused if error.smtp_code >= PERMANENT_FAILURE else PeerBusy) from error
        except smtplib.SMTPResponseException as error:
            # The sender was refused, or the greeting: our own affair, never the person's.
            raise PeerBusy from error
        except OSError as error:
            raise Interrupted from error
        finally:
            # What was taken stays taken, however the farewell goes.
            with suppress(OSError):
                self._server.close()

    def _opened(self) -> smtplib.SMTP:
        try:
            self._server.open()
        except OSError as error:
            raise Unreachable from error
        return cast("smtplib.SMTP", self._server.connection)


def gateway() -> MailGateway:
    """Return the gateway of the settings. Raises ImproperlyConfigured outside training without MAIL_URL."""
    if settings.TRAINING:
        return MailboxGateway()
    return SmtpGateway(settings.MAIL_URL)


def _checked(message: Message, *, message_id: str) -> bytes:
    """Return the mail as it is sent. Raises AddressRefused and ContentRefused before anything is sent."""
    if not is_mail_address(message.recipient):
        raise AddressRefused
    if re.search(r"[\r\n\x00]", message.subject + message.sender_name + message_id):
        raise ContentRefused
    return mime_bytes(
        headers={
            "Subject": message.subject,
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
        },
        sender=(message.sender_name, settings.MAIL_FROM),
        to=mailbox_of(message.recipient),
        body=message.body,
        attachments=tuple(
            (file.name, file.content, file.mime, file.parameters) for file in message.attachments
        ),
    )
