"""Audit actions of the outbox; a name is never reused. What was sent when, the outbox itself tells."""

from enum import StrEnum


class NotificationAction(StrEnum):
    """What people do with mails and their texts."""

    RESENT = "notifications.mail.resent"
    SETTLED = "notifications.mail.settled"
    BOUNCED = "notifications.mail.bounced"
    TEXT_DECIDED = "notifications.text.decided"
