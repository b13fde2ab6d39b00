"""What this ledger holds on a person, and how it erases one: asked by `retention` alone (仕様書 6)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from madoguchi.notifications.kinds import KIND_NAMES, STATE_NAMES, TROUBLED, MailError, MailState
from madoguchi.notifications.models import Mail
from madoguchi.notifications.sealed_columns import open_column
from madoguchi.notifications.services import CLEARED_FIELDS


@dataclass(frozen=True, slots=True)
class SentRow:
    """A mail with what is still held of it: address and text are empty once they were forgotten."""

    target: str
    at: datetime
    kind_name: str
    state_name: str
    recipient: str
    subject: str
    body: str


def held_on(targets: Collection[str]) -> list[SentRow]:
    """Return the mails of these targets unmasked, by time; the caller has the reason on record."""
    rows = Mail.objects.select_related("key").filter(target__in=list(targets)).order_by("due_at", "pk")
    return [
        SentRow(
            target=mail.target,
            at=mail.sent_at or mail.due_at,
            kind_name=KIND_NAMES[mail.kind],
            state_name=STATE_NAMES[mail.state],
            recipient=open_column(mail, "recipient"),
            subject=open_column(mail, "subject"),
            body=open_column(mail, "body"),
        )
        for mail in rows
    ]


def erase(*, targets: Collection[str]) -> int:
    """Forget to whom the mails of erased people went and what they said, and return how many there were.

    What was not sent is withdrawn; that there was a mail, and when, stays in the ledger.
    """
    mails = Mail.objects.filter(target__in=list(targets))
    mails.filter(state__in=[MailState.QUEUED, *TROUBLED]).update(
        state=MailState.WITHDRAWN, error=MailError.PERSON_ERASED, sent_at=None
    )
    mails.update(**CLEARED_FIELDS)
    return mails.count()
