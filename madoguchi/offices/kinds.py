"""Kinds of the ledger of offices, each with its label in Japanese."""

from django.db import models


class DayKind(models.TextChoices):
    """Days and half-days on which a counter has less room (domain knowledge of post offices)."""

    PENSION_DAY = "PENSION_DAY", "年金支給日（偶数月15日）"
    FIVE_TEN_DAY = "FIVE_TEN_DAY", "5・10日"
    MONTH_END = "MONTH_END", "月末"
    MONDAY_MORNING = "MONDAY_MORNING", "月曜日の午前"
    FRIDAY_AFTERNOON = "FRIDAY_AFTERNOON", "金曜日の午後"


class ClosureReason(models.TextChoices):
    """Why an office does not serve."""

    TYPHOON = "TYPHOON", "台風・大雨など"
    DISASTER = "DISASTER", "災害"
    FACILITY = "FACILITY", "設備の点検・工事"
    EQUIPMENT = "EQUIPMENT", "機器の不具合"
    ACCIDENT = "ACCIDENT", "郵便局の事故"
    NATIONAL_SYSTEM = "NATIONAL_SYSTEM", "国のシステムの停止"
    STAFF = "STAFF", "係員の都合"
    TRAINING = "TRAINING", "研修"
    OFFICE_HOLIDAY = "OFFICE_HOLIDAY", "郵便局の休業"
    OTHER = "OTHER", "その他"
