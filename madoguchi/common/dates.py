"""Parse typed days, for every site: citizens, staff, partners, packs.

A year of one or two digits is 令和 or 20xx: it is read only where exactly one of the two lies in the range of
the field, and the page then says how. Where today is known, 3日 is the next 3rd and あした is tomorrow.
Birth dates are read by `era` and `births`, from the same parts.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from madoguchi.common import era
from madoguchi.common.errors import Refusal
from madoguchi.common.languages import gettext, gettext_noop

EXAMPLE: Final = gettext_noop("日付は、2027年2月3日 のように入力してください。")
UNKNOWN: Final = "不詳"
CENTURY: Final = 2000
# Beyond these nothing is meant, and arithmetic on days fails near the ends of time.
YEARS: Final = range(1900, 2100)
SHORT_YEARS: Final = 100
# A card is valid for ten years and up to the next birthday; what ran out longer ago is of no use to anybody.
CARD_YEARS: Final = (10, 11)
_DASHES = "‐‒–—―−─ー"
_BETWEEN = rf"[\s年月./,・{_DASHES}-]+"
_YEAR = rf"(?:(?P<era>{era.ERA_SIGNS})\s*\.?\s*)?(?P<year>\d{{1,4}}|元){_BETWEEN}"
_WHOLE = re.compile(
    rf"(?:{_YEAR})?(?P<month>\d{{1,2}}){_BETWEEN}(?P<day>\d{{1,2}})\s*日?"
    r"|(?P<packed>(?:18|19|20)\d{6})",
    re.IGNORECASE,
)
# How people on the telephone say a day: by its number alone, or from today.
_DAYS_FROM_TODAY: Final = {
    **dict.fromkeys(("おととい", "一昨日"), -2),
    **dict.fromkeys(("きのう", "昨日"), -1),
    **dict.fromkeys(("きょう", "今日", "本日"), 0),
    **dict.fromkeys(("あした", "あす", "明日"), 1),
    **dict.fromkeys(("あさって", "明後日"), 2),
    **dict.fromkeys(("しあさって", "明々後日"), 3),
}
_DAY_ALONE = re.compile(rf"(?P<number>\d{{1,2}})\s*日|{'|'.join(_DAYS_FROM_TODAY)}")
# Inside a text that also holds names and telephone numbers: only with an era, or a year of four digits.
_WITHIN_TEXT = re.compile(
    rf"(?<![\w-])(?:(?P<era>{era.ERA_SIGNS})\s*(?P<era_year>\d{{1,4}}|元)|(?P<year>\d{{4}}))\s*[年./-]\s*"
    r"(?:(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})日?(?![\w-])"
    r"|(?:(?:(?P<known_month>\d{1,2})|不詳)\s*[月./-]\s*)?\(?月?日?は?不詳\)?)"
    r"|(?<![\w-])(?P<packed>(?:18|19|20)\d{6})(?![\w-])",
    re.IGNORECASE,
)
_ONE_YEAR = rf"(?:{era.ERA_SIGNS})?\s*(?:\d{{1,4}}|元)"
# As pages and letters write it: 令和8年(2026年)12月20日.
_BOTH_YEARS = re.compile(
    rf"(?P<first>{_ONE_YEAR})\s*年?\s*\((?P<same>{_ONE_YEAR})\s*年?\)\s*年?", re.IGNORECASE
)
_WEEKDAY = re.compile(r"\s*(?:\([月火水木金土日](?:曜日?)?\)|[月火水木金土日]曜日?)$")


class UnclearDate(Refusal):
    """The typed text is no day, or is ambiguous; the sentence says why.

    The field adds its example, but for `fields["is_offer"]`: then the sentence names the right date.
    """

    code = "unclear_date"
    message = EXAMPLE


@dataclass(frozen=True, slots=True)
class DateRange:
    """The range of days that a field can mean, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        """Tell whether a day lies in the range."""
        return self.first <= day <= self.last


def years_around(today: date, before: int, after: int) -> DateRange:
    """Return the range from so many years before a day to so many after it."""
    return DateRange(_shifted(today, -before), _shifted(today, after))


def change_dates(today: date) -> DateRange:
    """Return the days on which the facts of a card may have changed; no card is older than 2016."""
    return years_around(today, 11, 1)


def visit_dates(today: date) -> DateRange:
    """Return the days that people can mean as the day of a visit."""
    return years_around(today, 1, 1)


def card_dates(today: date) -> DateRange:
    """Return the days on which a card or certificate may expire: ten years back, eleven ahead."""
    return years_around(today, *CARD_YEARS)


def nearest_year(today: date) -> DateRange:
    """Return the year around a day, in which each 12/3 comes once."""
    return DateRange(today - timedelta(days=182), today + timedelta(days=182))


def _shifted(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def split_date(text: str) -> list[str] | None:
    """Split a text that is one date into era, year, month and day; "" for a missing part.

    Of a year written in both ways the first one counts; None if they differ. A word for a day is its day.

    >>> split_date("令和８年１２月２０日"), split_date("8-12-20"), split_date("12/3")
    (['令和', '8', '12', '20'], ['', '8', '12', '20'], ['', '', '12', '3'])
    >>> split_date("３日"), split_date("あした")
    (['', '', '', '3'], ['', '', '', 'あした'])
    """
    text = _WEEKDAY.sub("", era.fold(text))
    if alone := _DAY_ALONE.fullmatch(text):
        return ["", "", "", alone["number"] or text]
    if both := _BOTH_YEARS.match(text):
        if _western(both["first"]) != _western(both["same"]):
            return None
        text = f"{both['first']}年{text[both.end() :]}"
    found = _WHOLE.fullmatch(text)
    if found is None:
        return None
    if packed := found["packed"]:
        return [era.SEIREKI, packed[:4], packed[4:6], packed[6:]]
    return [found["era"] or "", found["year"] or "", found["month"], found["day"]]


def _western(year: str) -> int:
    name, digits = era.split_year("", year)
    chosen, years = era.era_named(name or era.SEIREKI), era.number_in(digits, "年")
    return chosen.first.year + years - 1 if chosen else years


def find_date(text: str) -> tuple[list[str], str] | None:
    """Return era, year, month and day of the first date in a text, and the rest of it; None without one."""
    folded = era.fold(text)
    found = _WITHIN_TEXT.search(folded)
    if found is None:
        return None
    if packed := found["packed"]:
        parts = [era.SEIREKI, packed[:4], packed[4:6], packed[6:]]
    else:
        parts = [
            found["era"] or era.SEIREKI,
            found["era_year"] or found["year"],
            found["month"] or found["known_month"] or UNKNOWN,
            found["day"] or UNKNOWN,
        ]
    return parts, f"{folded[: found.start()]} {folded[found.end() :]}".strip()


def read_text(
    text: str, within: DateRange, *, yearless: DateRange | None = None, today: date | None = None
) -> date:
    """Parse a text as one date. Raises UnclearDate as `read_date`, and for a text that is no date."""
    parts = split_date(text)
    if parts is None:
        raise UnclearDate
    return read_date(parts, within, yearless=yearless, today=today)


def read_date(
    parts: list[str], within: DateRange, *, yearless: DateRange | None = None, today: date | None = None
) -> date:
    """Return the day of era, year, month and day, as text; the era may stand before the year or be left out.

    A month and day alone are read in `yearless`, where there is one; a day alone is the next one from
    `today` on. Raises UnclearDate, with the sentence to show, for no day, for one of another era, one out of
    the range, and a short year of several readings.

    >>> read_date(["", "8", "12", "20"], card_dates(date(2026, 9, 1)))
    datetime.date(2026, 12, 20)
    >>> read_date(["", "17", "12", "20"], card_dates(date(2026, 9, 1)))
    Traceback (most recent call last):
    madoguchi.common.dates.UnclearDate: 17年は、令和17年（2035年）とも、2017年とも読めます。
    """
    try:
        if today and not any(parts[:3]):
            return _inside(_day_from(parts[3], today), within)
        return _read(parts, within, yearless)
    except era.ImpossibleDate as refusal:
        fact = "" if refusal.message == gettext(era.ImpossibleDate.message) else refusal.message
        raise UnclearDate(fact, **refusal.fields) from None


def _read(parts: list[str], within: DateRange, yearless: DateRange | None) -> date:
    said, year = era.split_year(*parts[:2])
    months, days = era.number_in(parts[2], "月"), era.number_in(parts[3], "日")
    if not said and not year and yearless:
        return _yearless(months, days, yearless)
    years = era.number_in(year, "年")
    if not said and years < SHORT_YEARS:
        return _short(years, months, days, within)
    chosen = era.era_named(said or era.SEIREKI)
    if chosen is None and years < era.MIN_FULL_YEAR:
        raise UnclearDate(gettext("西暦の年は、2027 のように4桁で入力してください。"))
    day = era.existing_day(chosen, years, months, days)
    era.refuse_other_era(chosen, day, era.typed_date(chosen, years, months, days))
    return _inside(day, within)


def _short(years: int, months: int, days: int, within: DateRange) -> date:
    """Return the one reading of a short year. Raises UnclearDate for none and for two."""
    reiwa = era.ERAS[0]
    before_first = reiwa.first.year - 1
    said = {"year": years, "era_as_western": before_first + years, "western": CENTURY + years}
    in_reiwa = _day_or_none(before_first + years, months, days) if years else None
    in_century = _day_or_none(CENTURY + years, months, days)
    readings = [in_reiwa if in_reiwa and in_reiwa >= reiwa.first else None, in_century]
    if not (in_reiwa or in_century):
        era.existing_day(reiwa, years, months, days)
    found = [day for day in readings if day is not None and day in within]
    if len(found) == 1:
        return found[0]
    if found:
        both = gettext(
            "%(year)d年は、令和%(year)d年（%(era_as_western)d年）とも、%(western)d年とも読めます。"
        )
        raise UnclearDate(both % said)
    raise UnclearDate(gettext("%(year)d年だけでは、いつの年かわかりません。") % said)


def _yearless(months: int, days: int, within: DateRange) -> date:
    """Return the day of a range with this month and day. Raises UnclearDate where there is none."""
    years = range(within.first.year, within.last.year + 1)
    found = [day for day in (_day_or_none(year, months, days) for year in years) if day and day in within]
    if len(found) != 1:
        raise UnclearDate(gettext("この月日だけでは、いつの年かわかりません。"))
    return found[0]


def _day_from(said: str, today: date) -> date:
    """Return the day of a word, or the next day of this number from today on. Raises UnclearDate."""
    if (days := _DAYS_FROM_TODAY.get(era.fold(said))) is not None:
        return today + timedelta(days=days)
    number = era.number_in(said, "日")
    # Every number of a day is in one of two months that follow each other.
    near = (today + timedelta(days=each) for each in range(62))
    if found := next((day for day in near if day.day == number), None):
        return found
    raise UnclearDate


def _day_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _inside(day: date, within: DateRange) -> date:
    if day in within:
        return day
    outside = gettext(
        "%(date)sは、ここに入力できる日ではありません。%(first)sから%(last)sまでの日を入力してください。"
    )
    said = {"date": day, "first": within.first, "last": within.last}
    raise UnclearDate(
        outside % {name: era.citizen_date(each) for name, each in said.items()}, is_outside=True
    )


def is_short(parts: list[str]) -> bool:
    """Tell whether a date was typed without an era and a full year, so that the page says how it was read."""
    try:
        said, year = era.split_year(*parts[:2])
        return not said and (not year or era.number_in(year, "年") < SHORT_YEARS)
    except era.ImpossibleDate:
        return False
