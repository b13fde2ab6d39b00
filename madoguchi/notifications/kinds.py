"""Words of the outbox: which mails there are, what state one is in, and why one was not delivered."""

from enum import StrEnum


class MailKind(StrEnum):
    """Which message; what it says stands in MailText, decided by the city."""

    CONFIRMATION = "confirmation"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    OFFICE_CANCELLED = "office_cancelled"  # by us: closure, outage, weather
    REMINDER_3 = "reminder_3"  # three calendar days before the visit
    REMINDER_1 = "reminder_1"  # the day before
    ACCESS_CODE = "access_code"
    OFFER = "offer"  # a seat for somebody on the waiting list


class MailState(StrEnum):
    """Where a mail stands; the only way to SENT leads over SENDING, which is committed before SMTP."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    UNSURE = "unsure"  # perhaps sent: a person decides, never the program


class MailError(StrEnum):
    """Why the last attempt went wrong; a code, so that no address gets into the ledger."""

    ADDRESS_REFUSED = "address_refused"
    CONTENT_REFUSED = "content_refused"
    PEER_BUSY = "peer_busy"
    UNREACHABLE = "unreachable"
    INTERRUPTED = "interrupted"
    BOUNCED = "bounced"


REMINDERS = frozenset({MailKind.REMINDER_3, MailKind.REMINDER_1})
