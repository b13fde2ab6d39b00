"""Audit actions of the outbox; a code is never reused. The outbox itself says what was sent when."""

from enum import StrEnum


class NotificationAction(StrEnum):
    """Actions of staff on mails and their texts."""

    RESENT = "notifications.mail.resent"
    SETTLED = "notifications.mail.settled"
    BOUNCED = "notifications.mail.bounced"
    TEXT_DECIDED = "notifications.text.decided"


class AnnouncementAction(StrEnum):
    """Actions on an announcement; a code is never reused."""

    MADE = "notifications.announcement.made"
    CHANGED = "notifications.announcement.changed"
    ENDED = "notifications.announcement.ended"
