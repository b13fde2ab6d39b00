"""Audit actions of the outbox; a name is never reused. What was sent when, the outbox itself tells."""

from enum import StrEnum


class NotificationAction(StrEnum):
    """What people do with mails and their texts."""

    RESENT = "notifications.mail.resent"
    SETTLED = "notifications.mail.settled"
    BOUNCED = "notifications.mail.bounced"
    TEXT_DECIDED = "notifications.text.decided"


class AnnouncementAction(StrEnum):
    """What can happen to an announcement; a name is never reused."""

    MADE = "notifications.announcement.made"
    CHANGED = "notifications.announcement.changed"
    ENDED = "notifications.announcement.ended"
