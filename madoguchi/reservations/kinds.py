"""Kinds of the reservation ledger: states, channels, reasons, each with its label in Japanese."""

from collections.abc import Mapping
from typing import Final

from django.db import models


class ReservationStatus(models.TextChoices):
    """The state of a reservation; every other state on screen is derived from other columns."""

    BOOKED = "BOOKED", "予約中"
    CANCELLED = "CANCELLED", "取消し"


class Channel(models.TextChoices):
    """Where a reservation came from; all channels use the same workflow.

    PHONE is the reservation call centre. SECRETARIAT is what the secretariat registers for somebody who
    called, wrote or sent a FAX there; COUNTER what is registered for somebody who stands before it.
    """

    WEB = "WEB", "Web"
    PHONE = "PHONE", "電話"
    PARTNER = "PARTNER", "連携"
    SECRETARIAT = "SECRETARIAT", "事務局"
    COUNTER = "COUNTER", "窓口"


class ChangeReason(models.TextChoices):
    """Why a reservation was changed or cancelled; a list, because free text collects personal data."""

    NOT_GIVEN = "NOT_GIVEN", "理由なし"
    SCHEDULE = "SCHEDULE", "都合が悪くなった"
    DONE_ELSEWHERE = "DONE_ELSEWHERE", "ほかの窓口で済ませた"
    NOT_NEEDED = "NOT_NEEDED", "手続きが不要になった"
    WRONG_PROCEDURE = "WRONG_PROCEDURE", "手続きの選び間違い"
    WARD_REFERRAL = "WARD_REFERRAL", "区役所を案内"
    DUPLICATE = "DUPLICATE", "重複"
    OFFICE_CLOSED = "OFFICE_CLOSED", "郵便局の休業・枠の変更"
    INPUT_ERROR = "INPUT_ERROR", "入力の誤り"
    OPERATOR_ERROR = "OPERATOR_ERROR", "受付側の誤り"


class ContactMethod(models.TextChoices):
    """How a person wishes to be contacted."""

    PHONE = "PHONE", "電話"
    MAIL = "MAIL", "メール"
    FAX = "FAX", "ファクス"
    LETTER = "LETTER", "手紙"


class WaitState(models.TextChoices):
    """The state of a waiting entry."""

    WAITING = "WAITING", "空き待ち"
    OFFERED = "OFFERED", "空きをご案内中"
    BOOKED = "BOOKED", "予約済み"
    LAPSED = "LAPSED", "期限切れ"
    LEFT = "LEFT", "取りやめ"


STILL_WAITING = (WaitState.WAITING, WaitState.OFFERED)


class DisruptionResolution(models.TextChoices):
    """How an affected visit was resolved."""

    MOVED = "MOVED", "日時を変更"
    CANCELLED = "CANCELLED", "取消し"
    KEPT = "KEPT", "予定どおり受け付ける"


# Shown in place of the name of an erased person.
ERASED = "（消去済）"
NEED_LABELS: Final[Mapping[str, str]] = {
    "WRITING": "筆談",
    "WHEELCHAIR": "車いす",
    "READING": "読み上げ",
    "COMPANION": "付き添い",
}
CONTACT_LABELS: Final[Mapping[str, str]] = dict(ContactMethod.choices)
UNKNOWN_PIN_LABELS: Final[Mapping[str, str]] = {
    "FOUR_DIGITS": "数字4桁",
    "SIGNING": "英数字6～16文字",
    "UNSURE": "はっきりしない",
}
OUR_REASONS_HINT: Final = (
    "「郵便局の休業・枠の変更」「受付側の誤り」のときは、メールで、おわびと予約のし直し方をお伝えします。"
)
CHANGE_LABELS: Final[Mapping[str, str]] = {
    "ADDRESS": "住所",
    "NAME": "氏名",
    "OTHER": "その他（旧氏・通称、在留期間など）",
}
SEX_LABELS: Final[Mapping[str, str]] = {"MALE": "男", "FEMALE": "女", "NOT_TOLD": "回答しない"}


def reasons() -> list[tuple[str, str]]:
    """Return the reasons for a change or cancellation, as choices."""
    return list(ChangeReason.choices)


def channels() -> list[tuple[str, str]]:
    """Return where reservations come from, as choices."""
    return list(Channel.choices)
