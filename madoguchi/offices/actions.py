"""Audit actions of offices and their hours; a code is never reused."""

from enum import StrEnum


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
