"""Parse delivery status notifications sent to MAIL_FROM (RFC 3464). Plain Python.

Only the outcome and our own Message-ID are read. The rest may hold a whole mail, with whom it was for and
what it said: nothing of it is kept, logged or put in an exception.
"""

import re
from email import message_from_bytes
from email.message import Message

from madoguchi.notifications.errors import NotANotification

# Printable characters only: it is looked up in the database.
MESSAGE_ID = re.compile(r"<[!-;=?-~]+>")


def failed_message_id(raw: bytes) -> str:
    """Return the Message-ID of the mail that a notification reports as permanently failed.

    "" for a notification of a delay or a delivery, and for one that does not name the mail.
    Raises NotANotification.
    """
    report = message_from_bytes(raw)
    parts = {part.get_content_type(): part for part in _parts(report)}
    status = parts.get("message/delivery-status")
    if report.get_content_type() != "multipart/report" or status is None:
        raise NotANotification
    # "failed" is final, whether the mail was refused (5.x.x) or not delivered for days (4.4.7).
    if not any(_field(recipient, "Action").casefold() == "failed" for recipient in _parts(status)):
        return ""
    found = MESSAGE_ID.search(_message_id(parts))
    return found.group() if found else ""


def _message_id(parts: dict[str, Message]) -> str:
    """Return the Message-ID of the returned mail, of which some servers return the headers only."""
    if whole := parts.get("message/rfc822"):
        return "".join(_field(mail, "Message-ID") for mail in _parts(whole))
    if headers := parts.get("text/rfc822-headers"):
        text = headers.get_payload(decode=True)
        return _field(message_from_bytes(text), "Message-ID") if isinstance(text, bytes) else ""
    return ""


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _field(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip()
