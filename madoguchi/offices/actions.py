"""Audit actions of offices and their hours; a code is never reused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class OfficeAction(StrEnum):
    """Actions on an office."""

    PUT = "offices.office.put"
    HOURS_SET = "offices.hours.set"
    DAY_SET = "offices.day_hours.set"
    CLOSED = "offices.closure.created"
    REOPENED = "offices.closure.withdrawn"
    PAUSED = "offices.pause.begun"
    PAUSE_EXTENDED = "offices.pause.extended"
    PAUSE_LIFTED = "offices.pause.lifted"
    PRESET_SET = "offices.preset.set"


ACTION_LABELS: Final[Mapping[str, str]] = {
    OfficeAction.PUT: "郵便局の情報",
    OfficeAction.HOURS_SET: "基本の受付時間と枠",
    OfficeAction.DAY_SET: "1日だけの受付時間・枠",
    OfficeAction.CLOSED: "休業",
    OfficeAction.REOPENED: "休業の取下げ",
    OfficeAction.PAUSED: "停止の開始",
    OfficeAction.PAUSE_EXTENDED: "停止の延長",
    OfficeAction.PAUSE_LIFTED: "停止の解除",
    OfficeAction.PRESET_SET: "枠を減らす日",
}
