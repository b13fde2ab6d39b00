"""A birth date as the resident register has it: whole, or with the day, or month and day, unknown (不詳).

The one place that says what an unknown part means:

- It is written, sealed and hashed as ISO 8601 of reduced precision: 1938-04, 1938. The year is always known.
- Two are the same when the same parts are known and equal: for one person one reservation, for searching and
  for checking a caller, 1938-04 is not 1938-04-01.
- For conditions of age the latest day that it can mean counts: nobody too young comes in.
- Only staff enter one. Citizens are asked to telephone, and come back by the secret link or by telephone.
"""

from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from madoguchi.common import era
from madoguchi.common.errors import Refusal
from madoguchi.common.languages import gettext, gettext_noop
from madoguchi.common.unreadable import UNREADABLE, ValueUnreadable

UNKNOWN = "不詳"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, or a year and a month (0 when it is unknown)."""

    year: int
    month: int = 0

    def isoformat(self) -> str:
        """Return the known parts: 1938-04 or 1938. Raises ValueUnreadable for UNREADABLE_DATE."""
        if not self.year:
            raise ValueUnreadable
        return f"{self.year}-{self.month:02d}" if self.month else str(self.year)


BirthDate: TypeAlias = date | PartialDate
# In place of one that was stored and can no longer be read: shown, never compared or kept.
UNREADABLE_DATE = PartialDate(0)


class UnlikelyAge(Refusal):
    """The birth date makes somebody too young, or older than anybody: probably another era or year."""

    code = "unlikely_age"
    message = gettext_noop("生年月日の元号と年を確かめてください。")


class TooYoung(UnlikelyAge):
    """The birth date makes a person too young for a post office."""

    code = "too_young"


def from_iso(text: str) -> BirthDate:
    """Return what `isoformat` wrote.

    >>> from_iso("1938-04"), from_iso("1938"), from_iso("1938-04-01")
    (PartialDate(year=1938, month=4), PartialDate(year=1938, month=0), datetime.date(1938, 4, 1))
    """
    parts = [int(part) for part in text.split("-")]
    return date.fromisoformat(text) if len(parts) == 3 else PartialDate(*parts)  # noqa: PLR2004 - a whole date


def parse(era_name: str, year: str, month: str, day: str, today: date) -> BirthDate:
    """Parse a birth date typed in four fields; the day, or month and day, may be 不詳.

    Raises ImpossibleDate, with the sentence to show.

    >>> parse("昭和", "13", "4", "不詳", date(2026, 9, 1))
    PartialDate(year=1938, month=4)
    """
    if UNKNOWN not in (month, day):
        return era.parse_birth_date(era_name, year, month, day, today)
    if day != UNKNOWN:
        raise era.ImpossibleDate("月が不詳のときは、日にも「不詳」と入力してください。")
    # An era begins or ends inside a year or month: it holds one of these two days, or none of the days meant.
    for first_or_last, in_month in (("1", "1"), ("12", "30")):
        with suppress(era.ImpossibleDate):
            asked = first_or_last if month == UNKNOWN else month
            born = era.parse_birth_date(era_name, year, asked, in_month, today)
            return PartialDate(born.year, 0 if month == UNKNOWN else born.month)
    raise era.ImpossibleDate("この元号の、この年月はありません。元号と年を確かめて入力してください。")


def refuse_unlikely_age(
    era_name: str, year: str, born: BirthDate, *, today: date, visit_on: date, least: int
) -> None:
    """Raise UnlikelyAge for an age too young on the day of the visit, or older than anybody.

    Raises UnlikelyAge; its sentence names the other eras with which the age is likely.

    >>> refuse_unlikely_age(  # doctest: +ELLIPSIS
    ...     "令和", "5", date(2023, 4, 1), today=date(2026, 9, 1), visit_on=date(2026, 9, 1), least=15)
    Traceback (most recent call last):
    madoguchi.common.births.TooYoung: 令和5年では3歳です。昭和5年、平成5年、大正5年ではありませんか。...
    """
    day = latest(born)
    if least <= _age(day, visit_on) and _age(day, today) <= era.MAX_AGE_YEARS:
        return
    said, digits = era.split_year(era_name, year)
    chosen, years = era.era_named(said or era.SEIREKI), era.number_in(digits, "年")
    others = era.same_year_in_other_eras(
        chosen, years, day.month, day.day, today, ages=range(least, era.MAX_AGE_YEARS + 1)
    )
    fact = gettext("%(year)sでは%(age)d歳です。") % {
        "year": era.typed_year(chosen, years),
        "age": _age(day, today),
    }
    ask = era.asked_for(others) if others else gettext("元号と年を確かめてください。")
    if _age(day, today) > era.MAX_AGE_YEARS:
        raise UnlikelyAge(fact + ask)
    ward = gettext("手続きの日に%(age)d歳未満の方は、お住まいの区の区役所で受け付けています。") % {
        "age": least
    }
    raise TooYoung(fact + ask + ward)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def latest(born: BirthDate) -> date:
    """Return the day, or the latest possible one. Raises ValueUnreadable for UNREADABLE_DATE."""
    if isinstance(born, date):
        return born
    if born == UNREADABLE_DATE:
        raise ValueUnreadable
    month = born.month or 12
    return date(born.year, month, monthrange(born.year, month)[1])


def format_birth_date(born: BirthDate) -> str:
    """Return a birth date as it is read; in 西暦 where the era depends on what is unknown.

    >>> [format_birth_date(born) for born in (date(1938, 4, 1), PartialDate(1938, 4), PartialDate(1926))]
    ['昭和13年4月1日', '昭和13年4月（日は不詳）', '西暦1926年（月日は不詳）']
    """
    if isinstance(born, date):
        return era.era_date(born)
    if born == UNREADABLE_DATE:
        return UNREADABLE
    years = {era.era_year(day) for day in (date(born.year, born.month or 1, 1), latest(born))}
    year = years.pop() if len(years) == 1 else f"{era.SEIREKI}{born.year}年"
    return f"{year}{born.month}月（日は{UNKNOWN}）" if born.month else f"{year}（月日は{UNKNOWN}）"
