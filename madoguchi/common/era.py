"""Dates and times as people in Japan write and read them (和暦)."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, time

from madoguchi.common.calendar import WEEKDAYS, to_jst
from madoguchi.common.errors import Refusal
from madoguchi.common.languages import gettext, gettext_noop, listed, pgettext
from madoguchi.common.texts import clean_line

SEIREKI = gettext_noop("西暦")
EXAMPLE = gettext_noop("生年月日は、昭和25年4月1日 のように入力してください。")


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
    Era(gettext_noop("令和"), "R", date(2019, 5, 1), date.max),
    Era(gettext_noop("平成"), "H", date(1989, 1, 8), date(2019, 4, 30)),
    Era(gettext_noop("昭和"), "S", date(1926, 12, 25), date(1989, 1, 7)),
    Era(gettext_noop("大正"), "T", date(1912, 7, 30), date(1926, 12, 25)),
    Era(gettext_noop("明治"), "M", date(1868, 1, 25), date(1912, 7, 30)),
)
EARLIEST = date(1873, 1, 1)
NOON = 12
FULL_HOURS = ("午前%(hour)d時", "午後%(hour)d時")
HOURS = ("午前%(hour)d時%(minute)d分", "午後%(hour)d時%(minute)d分")
MIDDAY = "正午"
# Put together below, so that nobody finds it there: with contexts, for the catalogues.
WORDS = (
    *(("date", words) for words in (*FULL_HOURS, *HOURS, MIDDAY)),
    *(("weekday", sign) for sign in WEEKDAYS),
    *(("weekday", f"{sign}曜日") for sign in WEEKDAYS),
    *(("month", f"{number}月") for number in range(1, 13)),
)
# What the first field of a birth date may hold, as a form offers it: most who come were born in 昭和.
ERA_NAMES = ("昭和", "平成", "大正", "令和", "明治", SEIREKI)
ERA_SIGNS = "明治|大正|昭和|平成|令和|西暦|[MTSHR]"
FULL_YEAR_DIGITS = 4
# A western year of fewer digits is a slip.
MIN_FULL_YEAR = 1000
# Nobody alive is older.
MAX_AGE_YEARS = 120


def era_of(day: date) -> Era:
    """Return the era of a day: on a shared day the new one. Raises ValueError before 明治6年."""
    if day < EARLIEST:
        raise ValueError("Before the Gregorian calendar.")
    return next(era for era in ERAS if day >= era.first)


def era_date(day: date) -> str:
    """Return a day as in letters and reports; in other languages as these write it.

    >>> era_date(date(2026, 9, 1)), era_date(date(2019, 5, 1))
    ('令和8年9月1日', '令和元年5月1日')
    """
    return _written(pgettext("date", "%(era)s年%(month)d月%(day)d日"), day)


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
    return _written(pgettext("date", "%(month)d月%(day)d日（%(weekday)s）"), day)


def citizen_day_ahead(day: date, today: date) -> str:
    """Return a day that comes as citizens are reminded of it: 明日、12月15日（火）; in a sentence.

    The day itself always stands there: the words are read later than they are written.
    """
    words = {"day": citizen_day(day)}
    match (day - today).days:
        case 0:
            return pgettext("day ahead", "本日、%(day)s") % words
        case 1:
            return pgettext("day ahead", "明日、%(day)s") % words
        case _:
            return pgettext("day ahead", "%(day)s") % words


def citizen_date(day: date) -> str:
    """Return a day with its year as citizens read it on the card: 2027年2月3日."""
    return _written(pgettext("date", "%(year)d年%(month)d月%(day)d日"), day)


def citizen_month(day: date) -> str:
    """Return the month of a day with its year: 2026年12月."""
    return _written(pgettext("date", "%(year)d年%(month)d月"), day)


def citizen_time(moment: time) -> str:
    """Return a time as citizens read it.

    >>> [citizen_time(time(*t)) for t in ((10, 30), (9, 0), (12, 0), (12, 30), (13, 5))]
    ['午前10時30分', '午前9時', '正午', '午後0時30分', '午後1時5分']
    """
    words = (HOURS if moment.minute else FULL_HOURS)[moment.hour >= NOON]
    if moment == time(NOON):
        words = MIDDAY
    # 午後0時30分 is 12:30 on the clock.
    hour = moment.hour % NOON
    return pgettext("date", words) % {"hour": hour, "clock": hour or NOON, "minute": moment.minute}


def citizen_datetime(instant: datetime) -> str:
    """Return an instant as citizens read it, in Asia/Tokyo: 12月15日（火）午前10時30分."""
    local = to_jst(instant)
    day, moment = citizen_day(local.date()), citizen_time(local.time())
    return pgettext("moment", "%(day)s%(time)s") % {"day": day, "time": moment}


def weekday_sign(weekday: int) -> str:
    """Return the sign of a weekday, Monday is 0: 月."""
    return pgettext("weekday", WEEKDAYS[weekday])


def weekday_name(weekday: int) -> str:
    """Return the name of a weekday, Monday is 0: 月曜日."""
    return pgettext("weekday", f"{WEEKDAYS[weekday]}曜日")


def month_name(day: date) -> str:
    """Return the month of a day: 12月."""
    return pgettext("month", f"{day.month}月")


def _written(words: str, day: date) -> str:
    """Write a day in the words of a catalogue, which may use all of these."""
    parts: dict[str, object] = {
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "weekday": weekday_sign(day.weekday()),
    }
    # A page may name a hundred days: what costs more is made where it is wanted.
    if "(era)" in words:
        parts["era"] = era_year(day).removesuffix("年")
    if "_name)" in words:
        parts |= {"month_name": month_name(day), "weekday_name": weekday_name(day.weekday())}
    return words % parts


def staff_day(day: date) -> str:
    """Return a day as staff read it: 12/15(火)."""
    return f"{day.month}/{day.day}({WEEKDAYS[day.weekday()]})"


def staff_datetime(instant: datetime) -> str:
    """Return an instant as staff read it, in Asia/Tokyo: 12/15(火) 10:30."""
    local = to_jst(instant)
    return f"{staff_day(local)} {local:%H:%M}"


def parse_birth_date(era: str, year: str, month: str, day: str, today: date) -> date:
    """Return the birth date typed in four fields: an era, its letter or 西暦, then three numbers (元 is 1).

    The era may stand before the year instead. Raises ImpossibleDate, with the sentence to show, for no date,
    one of another era or of the future.

    >>> parse_birth_date("昭和", "２５", "4", "1", date(2026, 9, 1))
    datetime.date(1950, 4, 1)
    >>> parse_birth_date("S", "64", "1", "8", date(2026, 9, 1))
    Traceback (most recent call last):
    madoguchi.common.era.ImpossibleDate: 昭和64年1月8日はありません。平成元年1月8日ではありませんか。
    """
    said, digits = split_year(era, year)
    if not said and len(digits) != FULL_YEAR_DIGITS:
        raise ImpossibleDate(gettext("元号がないと、何年かわかりません。") + gettext(EXAMPLE))
    chosen, years = era_named(said or SEIREKI), number_in(digits, "年")
    months, days = number_in(month, "月"), number_in(day, "日")
    if chosen is None and years < MIN_FULL_YEAR:
        raise ImpossibleDate(gettext("西暦の年は、1950 のように4桁で入力してください。"))
    born = existing_day(chosen, years, months, days)
    typed = typed_date(chosen, years, months, days)
    if born < EARLIEST:
        too_old = gettext("%(date)sは、明治6年（1873年）より前の日です。") % {"date": typed}
        raise ImpossibleDate(too_old + gettext(EXAMPLE))
    if born > today and (chosen is None or chosen.last == date.max):
        not_yet = gettext("%(date)sは、まだ来ていない日です。") % {"date": typed}
        others = same_year_in_other_eras(chosen, years, months, days, today, ages=range(MAX_AGE_YEARS + 1))
        raise ImpossibleDate(not_yet + (asked_for(others) if others else gettext(EXAMPLE)))
    refuse_other_era(chosen, born, typed, latest=today)
    return born


def existing_day(chosen: Era | None, years: int, months: int, days: int) -> date:
    """Return the day of a year of an era, or of 西暦. Raises ImpossibleDate for one that never was."""
    if chosen and years >= MIN_FULL_YEAR:
        message = gettext("%(era)s%(year)d年はありません。西暦のときは、元号を「西暦」にしてください。")
        raise ImpossibleDate(message % {"era": gettext(chosen.name), "year": years})
    western = years + (chosen.first.year - 1 if chosen else 0)
    with suppress(ValueError, OverflowError):
        return date(western if years else 0, months, days)
    fact = gettext("%(date)sはありません。") % {"date": typed_date(chosen, years, months, days)}
    if not years or not MINYEAR <= western <= MAXYEAR:
        raise ImpossibleDate(fact + gettext("年を確かめてください。"))
    if not 1 <= months <= 12:  # noqa: PLR2004 - months
        raise ImpossibleDate(fact + gettext("月は、1から12までの数字で入力してください。"))
    last = monthrange(western, months)[1]
    raise ImpossibleDate(
        fact
        + gettext("この年の%(month)sは、%(last)d日までです。")
        % {"month": pgettext("month", f"{months}月"), "last": last}
    )


def refuse_other_era(chosen: Era | None, day: date, typed: str, *, latest: date = date.max) -> None:
    """Raise ImpossibleDate for a day outside its era; the right one is offered, up to a latest day."""
    if chosen is None or chosen.first <= day <= chosen.last:
        return
    no_such_day = gettext("%(date)sはありません。") % {"date": typed}
    if day > latest:
        raise ImpossibleDate(no_such_day + gettext("元号を確かめてください。"))
    offer = gettext("%(date)sではありませんか。") % {"date": era_date(day)}
    raise ImpossibleDate(no_such_day + offer, is_offer=True)


def same_year_in_other_eras(
    chosen: Era | None, years: int, months: int, days: int, today: date, *, ages: range
) -> list[str]:
    """Return the years of other eras, 昭和 first, that the same number may have meant: 昭和5年, 平成5年.

    Only those on which the day exists and with which a person would be of one of these ages.
    """
    found = []
    for name in ERA_NAMES[:-1]:
        other = era_named(name)
        if other is None or chosen is None or other == chosen:
            continue
        try:
            born = date(other.first.year + years - 1, months, days)
        except ValueError:
            continue
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        if age in ages and max(other.first, EARLIEST) <= born <= min(other.last, today):
            found.append(typed_year(other, years))
    return found


def asked_for(years: Sequence[str]) -> str:
    """Ask whether one of these years was meant: 昭和5年、平成5年ではありませんか。."""
    return gettext("%(date)sではありませんか。") % {"date": listed(years)}


def typed_date(chosen: Era | None, years: int, months: int, days: int) -> str:
    """Return a date as it was typed, also one that never was: 昭和64年1月8日, 西暦1850年1月1日."""
    return pgettext("typed", "%(era)s%(year)s年%(month)d月%(day)d日") % {
        "era": gettext(chosen.name if chosen else SEIREKI),
        "year": _era_year(years) if chosen else years,
        "month": months,
        "day": days,
    }


def typed_year(chosen: Era | None, years: int) -> str:
    """Return a year as it was typed, in other languages with the western one: 令和5年, 西暦2023年."""
    if chosen is None:
        return pgettext("date", "西暦%(year)d年") % {"year": years}
    return pgettext("date", "%(era_name)s%(era_year)s年") % {
        "era_name": gettext(chosen.name),
        "era_year": _era_year(years),
        "year": chosen.first.year - 1 + years,
    }


def both_years(day: date) -> str:
    """Return a day with both its years, so that nobody mistakes it: 令和8年（2026年）12月20日."""
    return _written(pgettext("date", "%(era)s年（%(year)d年）%(month)d月%(day)d日"), day)


def _era_year(year: int) -> str:
    return "元" if year == 1 else str(year)


def fold(text: str) -> str:
    """Return what was typed in half width, without spaces at its ends and without invisible marks."""
    return clean_line(unicodedata.normalize("NFKC", text))


def split_year(era: str, year: str) -> tuple[str, str]:
    """Return the era that was said, in its own field or before the year, and the rest of the year.

    Raises ImpossibleDate where the two differ.
    """
    era, year = fold(era).upper(), fold(year).upper()
    found = re.fullmatch(rf"({ERA_SIGNS})[.\s]*(.+)", year, re.IGNORECASE)
    if not found:
        return era, year
    before, rest = found[1], found[2]
    if era and era_named(era) != era_named(before):
        raise ImpossibleDate(gettext("元号が2つあります。どちらか1つにしてください。"))
    return before, rest


def era_named(text: str) -> Era | None:
    """Return the era of a name or letter, None for 西暦. Raises ImpossibleDate for anything else."""
    text = fold(text).upper()
    if text == SEIREKI:
        return None
    for era in ERAS:
        if text in (era.name, era.letter):
            return era
    raise ImpossibleDate


def number_in(text: str, unit: str) -> int:
    """Return the number before a unit, which may be left out; 元 is year 1. Raises ImpossibleDate."""
    text = fold(text).removesuffix(unit).strip()
    if unit == "年" and text == "元":
        return 1
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ImpossibleDate
    return int(text)
