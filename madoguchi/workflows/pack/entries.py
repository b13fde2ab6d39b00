"""Rows of a program pack that are not rows of the contract: they are handed to other packages or laid out."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from madoguchi.common.calendar import WEEKDAYS
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.rows import (
    PHONE,
    POSTAL_CODE,
    SAYS_PHONE,
    SAYS_POSTAL_CODE,
    ContractRow,
    between,
    one_of,
    shaped,
    words,
)
from madoguchi.notifications.kinds import MailKind

# The kinds of day `offices` knows; a test holds the two lists together.
DAY_KINDS: Final = "PENSION_DAY|FIVE_TEN_DAY|MONTH_END|MONDAY_MORNING|FRIDAY_AFTERNOON"
YEAR_END: Final = re.compile(r"12-(0[1-9]|[12]\d|3[01])/01-(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeEntry(ContractRow):
    """A post office as the pack describes it."""

    LABEL = "郵便局"
    KEY = ("code",)
    SPOKEN = ("name", "access", "facilities")
    code: str = shaped(r"[A-Z0-9]{2,8}", "英大文字と数字8文字までで書いてください")
    name: str = words(60)
    short_name: str = words(40)
    kana: str = words(80)
    ward: str
    wave: str
    postal_code: str = shaped(POSTAL_CODE, SAYS_POSTAL_CODE)
    address: str = words(120)
    phone: str = shaped(f"({PHONE})?", SAYS_PHONE)
    latitude: float | None = between(20, 46)
    longitude: float | None = between(122, 154)
    access: str = words(200, may_be_empty=True)
    facilities: str = words(200, may_be_empty=True)
    post_office_number: str = shaped(r"(\d{5})?", "局番号は数字5桁で書いてください")
    is_demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursEntry(ContractRow):
    """From when to when an office serves on some weekdays, from a day on; a break is a gap between rows."""

    LABEL = "受付時間"
    KEY = ("office", "valid_from", "weekdays", "opens")
    office: str
    weekdays: tuple[int, ...]
    opens: time
    closes: time
    seats: int = between(1, 99)
    valid_from: date

    @property
    def key(self) -> str:
        """Return the key with weekdays as people write them."""
        days = "".join(WEEKDAYS[number] for number in self.weekdays)
        return f"{self.office} {self.valid_from} {days} {self.opens:%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetEntry(ContractRow):
    """On a kind of day one of every so many slots is offered."""

    LABEL = "混む日の枠"
    KEY = ("day_kind",)
    day_kind: str = shaped(DAY_KINDS, f"{DAY_KINDS.replace('|', '・')} のどれかを書いてください")
    keep_one_in: int = between(1, 16)
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry(ContractRow):
    """A rule of the program (scope empty) or of one office."""

    LABEL = "予約のきまり"
    KEY = ("scope", "rule")
    scope: str
    rule: str
    value: object
    effective_from: datetime
    note: str = words(200, may_be_empty=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTextEntry(ContractRow):
    """What a kind of mail says in one language."""

    LABEL = "メールの文"
    KEY = ("language", "kind")
    kind: str = one_of(MailKind)
    language: str = shaped(r"[a-z]{2}(-[a-z]{2,5})?", "ja のように書いてください")
    subject: str = words(100)
    body: str = words(5000)
    effective_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry(ContractRow):
    """A calendar before its holidays and year's end are laid out as days."""

    LABEL = "暦"
    KEY = ("code",)
    code: str = one_of(CalendarCode)
    name: str = words(40)
    closed_weekdays: tuple[int, ...]
    holidays: bool
    year_end: str = shaped(f"({YEAR_END.pattern})?", "年末年始は 12-29/01-03 のように書いてください")


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayEntry(ContractRow):
    """A national holiday, as the Cabinet Office publishes it."""

    LABEL = "祝日"
    KEY = ("day",)
    day: date
    name: str = words(60)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEntry(ContractRow):
    """A day on which one calendar departs from weekdays, holidays and year's end."""

    LABEL = "臨時の休み・開庁"
    KEY = ("calendar", "day")
    calendar: str
    day: date
    state: str = shaped("closed|open", "closed（休み）か open（開く）を書いてください")
    reason: str = words(60)
