"""Kinds of the outbox: kinds of mail, states, errors, announcements."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.db import models


class MailKind(StrEnum):
    """The kind of a mail; its text is a MailText that the city approved."""

    CONFIRMATION = "confirmation"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    OFFICE_CANCELLED = "office_cancelled"  # by us: closure, outage, weather
    MOVE_REQUEST = "move_request"  # by us: the time is no longer served, please choose another
    AS_PLANNED = "as_planned"  # by us: the time that was gone is served again
    REMINDER_3 = "reminder_3"  # the first; how many days before the visit is a rule of each office
    REMINDER_1 = "reminder_1"  # the second
    ACCESS_CODE = "access_code"
    WAIT_ENTERED = "wait_entered"
    WAIT_OFFER = "wait_offer"
    WAIT_OVER = "wait_over"
    CONTACT_CHANGED = "contact_changed"  # to the address that was registered until now


class MailState(StrEnum):
    """The state of a mail; SENDING is committed before SMTP and precedes SENT."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    UNSURE = "unsure"  # perhaps sent: a person decides, never the program


class MailError(StrEnum):
    """Why the last attempt failed, as a code without addresses."""

    ADDRESS_REFUSED = "address_refused"
    CONTENT_REFUSED = "content_refused"
    PEER_BUSY = "peer_busy"
    UNREACHABLE = "unreachable"
    INTERRUPTED = "interrupted"
    BOUNCED = "bounced"
    NOT_WRITTEN = "not_written"  # the text is missing or the program failed; nothing left the machine
    PERSON_ERASED = "person_erased"  # the key is destroyed; nothing left the machine


REMINDERS: Final = frozenset({MailKind.REMINDER_3, MailKind.REMINDER_1})
# A change of address stays true whatever becomes of the visit: who took a booking over cannot hide it.
ABOUT_THE_VISIT: Final = frozenset(MailKind) - {MailKind.CONTACT_CHANGED}
ABOUT_WAITING: Final = frozenset({MailKind.WAIT_ENTERED, MailKind.WAIT_OFFER, MailKind.WAIT_OVER})
# With a file that puts the visit into a calendar, or takes it out again.
CALENDAR_FILE_NAME: Final = "yoyaku.ics"
TAKES_OUT_OF_CALENDAR: Final = frozenset({MailKind.CANCELLED, MailKind.OFFICE_CANCELLED})
WITH_CALENDAR: Final = TAKES_OUT_OF_CALENDAR | {MailKind.CONFIRMATION, MailKind.CHANGED}
# What a person of staff has to look at.
TROUBLED: Final = (MailState.FAILED, MailState.UNSURE)

KIND_NAMES: Final[Mapping[str, str]] = {
    MailKind.CONFIRMATION: "予約の受付",
    MailKind.CHANGED: "変更",
    MailKind.CANCELLED: "取消し",
    MailKind.OFFICE_CANCELLED: "取消し（こちらの都合）",
    MailKind.MOVE_REQUEST: "日時の変更のお願い",
    MailKind.AS_PLANNED: "予定どおりのお知らせ",
    MailKind.REMINDER_3: "お知らせ（1回目）",
    MailKind.REMINDER_1: "お知らせ（2回目）",
    MailKind.ACCESS_CODE: "確認コード",
    MailKind.WAIT_ENTERED: "空き待ちの受付",
    MailKind.WAIT_OFFER: "空きのご案内",
    MailKind.WAIT_OVER: "空き待ちの終了",
    MailKind.CONTACT_CHANGED: "メールアドレスの変更（前の宛先へ）",
}
STATE_NAMES: Final[Mapping[str, str]] = {
    MailState.QUEUED: "送信待ち",
    MailState.SENDING: "送信中",
    MailState.SENT: "送信済",
    MailState.WITHDRAWN: "送信不要",
    MailState.FAILED: "不達",
    MailState.UNSURE: "送信未確認",
}
ERROR_NAMES: Final[Mapping[str, str]] = {
    "": "",
    MailError.ADDRESS_REFUSED: "宛先が受け付けられませんでした",
    MailError.CONTENT_REFUSED: "相手のサーバーが内容を受け付けませんでした",
    MailError.PEER_BUSY: "相手のサーバーが混み合っています",
    MailError.UNREACHABLE: "送信サーバーにつながりません",
    MailError.INTERRUPTED: "送信の途中で止まりました。届いたかどうか分かりません",
    MailError.BOUNCED: "届かずに戻ってきました",
    MailError.NOT_WRITTEN: "文を作れませんでした",
    MailError.PERSON_ERASED: "本市の指示により、この方の情報を消去しました",
}


class AnnouncementKind(models.TextChoices):
    """The kind of an announcement, which decides its icon and place on the page."""

    INFORMATION = "INFORMATION", "お知らせ"
    MAINTENANCE = "MAINTENANCE", "保守のための停止"
    OUTAGE = "OUTAGE", "障害"
