"""Dates and times as people in Japan write and read them (和暦)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time

from madoguchi.common.calendar import WEEKDAYS, to_jst
from madoguchi.common.errors import Refusal

SEIREKI = "西暦"
EXAMPLE = "生年月日は、昭和25年4月1日 のように入力してください。"


class ImpossibleDate(Refusal):
    """What was typed is not a birth date; the sentence offers the right era where there is one."""

    code = "impossible_date"
    message = EXAMPLE


@dataclass(frozen=True, slots=True)
class Era:
    """One era, from its first to its last day; on two of the changes both eras share a day."""

    name: str
    letter: str
    first: date
    last: date

    def year_of(self, day: date) -> int:
        """Return the year of this era a day falls in, also beyond its end."""
        return day.year - self.first.year + 1


# Latest first. Japan counts by the Gregorian calendar since 明治6年; before it days do not map one to one.
ERAS = (
    Era("令和", "R", date(2019, 5, 1), date.max),
    Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
    Era("大正", "T", date(1912, 7, 30), date(1926, 12, 25)),
    Era("明治", "M", date(1868, 1, 25), date(1912, 7, 30)),
)
EARLIEST = date(1873, 1, 1)
# What the first field of a birth date may hold, for the choices of a form.
ERA_NAMES = (*(era.name for era in ERAS), SEIREKI)


def era_of(day: date) -> Era:
    """Return the era of a day: on a shared day the new one. Raises ValueError before 明治6年."""
    if day < EARLIEST:
        raise ValueError("Before the Gregorian calendar.")
    return next(era for era in ERAS if day >= era.first)


def era_date(day: date) -> str:
    """Return a day as in letters and reports.

    >>> era_date(date(2026, 9, 1)), era_date(date(2019, 5, 1))
    ('令和8年9月1日', '令和元年5月1日')
    """
    return f"{era_year(day)}{day.month}月{day.day}日"


def era_year(day: date) -> str:
    """Return the year of a day: 令和元年."""
    era = era_of(day)
    return f"{era.name}{_era_year(era.year_of(day))}年"


def era_date_weekday(day: date) -> str:
    """Return a day with its weekday: 令和8年9月1日(火)."""
    return f"{era_date(day)}({WEEKDAYS[day.weekday()]})"


def short_era(day: date) -> str:
    """Return a day as on labels: R8.9.1."""
    era = era_of(day)
    return f"{era.letter}{era.year_of(day)}.{day.month}.{day.day}"


def citizen_day(day: date) -> str:
    """Return a day as citizens read it: 12月15日（火）."""
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def citizen_time(moment: time) -> str:
    """Return a time as citizens read it.

    >>> [citizen_time(time(*t)) for t in ((10, 30), (9, 0), (12, 0), (12, 30), (13, 5))]
    ['午前10時30分', '午前9時', '正午', '午後0時30分', '午後1時5分']
    """
    if (moment.hour, moment.minute) == (12, 0):
        return "正午"
    half, hour = ("午後", moment.hour - 12) if moment.hour >= 12 else ("午前", moment.hour)  # noqa: PLR2004 - noon
    return f"{half}{hour}時{moment.minute}分" if moment.minute else f"{half}{hour}時"


def citizen_datetime(instant: datetime) -> str:
    """Return an instant as citizens read it, in Asia/Tokyo: 12月15日（火）午前10時30分."""
    local = to_jst(instant)
    return f"{citizen_day(local)}{citizen_time(local.time())}"


def staff_day(day: date) -> str:
    """Return a day as staff read it: 12/15(火)."""
    return f"{day.month}/{day.day}({WEEKDAYS[day.weekday()]})"


def staff_datetime(instant: datetime) -> str:
    """Return an instant as staff read it, in Asia/Tokyo: 12/15(火) 10:30."""
    local = to_jst(instant)
    return f"{staff_day(local)} {local:%H:%M}"


def parse_birth_date(era: str, year: str, month: str, day: str, today: date) -> date:
    """Return the birth date typed in four fields: an era, its letter or 西暦, then three numbers (元 is 1).

    Raises ImpossibleDate, with the sentence to show, for no date, one of another era or of the future.

    >>> parse_birth_date("昭和", "２５", "4", "1", date(2026, 9, 1))
    datetime.date(1950, 4, 1)
    >>> parse_birth_date("S", "64", "1", "8", date(2026, 9, 1))
    Traceback (most recent call last):
    madoguchi.common.era.ImpossibleDate: 昭和64年1月8日はありません。平成元年1月8日ではありませんか。
    """
    chosen = _chosen_era(era)
    years, months, days = _number(year, "年"), _number(month, "月"), _number(day, "日")
    first_year = chosen.first.year if chosen else 1
    typed = f"{chosen.name}{_era_year(years)}" if chosen else f"{SEIREKI}{years}"
    typed += f"年{months}月{days}日"
    if chosen and years >= EARLIEST.year:
        raise ImpossibleDate(
            f"{chosen.name}{years}年はありません。西暦のときは「{SEIREKI}」を選んでください。"
        )
    try:
        born = date(first_year + years - 1 if years else 0, months, days)  # no era has a year 0
    except ValueError:
        raise ImpossibleDate(f"{typed}はありません。{EXAMPLE}") from None
    if not EARLIEST <= born <= today:
        future = born > today and (chosen is None or chosen.last == date.max)
        fact = f"{typed}は、まだ来ていない日です。" if future else f"{typed}はありません。"
        raise ImpossibleDate(fact + EXAMPLE)
    if chosen and not chosen.first <= born <= chosen.last:
        raise ImpossibleDate(f"{typed}はありません。{era_date(born)}ではありませんか。")
    return born


def _era_year(year: int) -> str:
    return "元" if year == 1 else str(year)


def _chosen_era(text: str) -> Era | None:
    """Return the era that was chosen, None for 西暦."""
    text = unicodedata.normalize("NFKC", text).strip().upper()
    if text == SEIREKI:
        return None
    for era in ERAS:
        if text in (era.name, era.letter):
            return era
    raise ImpossibleDate


def _number(text: str, unit: str) -> int:
    text = unicodedata.normalize("NFKC", text).strip().removesuffix(unit).strip()
    if unit == "年" and text == "元":
        return 1
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ImpossibleDate
    return int(text)
