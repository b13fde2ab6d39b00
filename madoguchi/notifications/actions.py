"""Audit actions of the outbox; a code is never reused. The outbox itself says what was sent when."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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


ACTION_LABELS: Final[Mapping[str, str]] = {
    NotificationAction.RESENT: "メールの再送",
    NotificationAction.SETTLED: "メール不達の対応の完了",
    NotificationAction.BOUNCED: "メールの不達",
    NotificationAction.TEXT_DECIDED: "メールの文面の決定",
    AnnouncementAction.MADE: "お知らせの掲載",
    AnnouncementAction.CHANGED: "お知らせの変更",
    AnnouncementAction.ENDED: "お知らせの終了",
}
