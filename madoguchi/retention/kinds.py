"""Why people are erased, and how far a file has come, each with its word in Japanese."""

from django.db import models


class ErasureReason(models.TextChoices):
    """Why the city has people erased."""

    TERM_OVER = "TERM_OVER", "保存期間の満了"
    CONTRACT_END = "CONTRACT_END", "契約の終了"
    CITY = "CITY", "本市の個別の指示"
    PERSON = "PERSON", "ご本人からの請求"


# Why all up to a day are erased; one person is at their own request.
REASONS = [choice for choice in ErasureReason.choices if choice[0] != ErasureReason.PERSON]


class ExportState(models.TextChoices):
    """How far the file of a list has come."""

    WAITING = "WAITING", "作成中"
    READY = "READY", "作成済"
    FAILED = "FAILED", "作成できず"
