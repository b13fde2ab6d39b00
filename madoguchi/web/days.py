"""Days as staff meet them: in addresses, of the contract's term, and typed in one go while somebody speaks.

S29.4.1, 昭和29年4月1日, 1954-4-1 and 19540401 are one day; of a birth date a part may be
不詳: S13.4.不詳, S13.不詳.
"""

import re
import unicodedata
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from madoguchi.common import births, clock, era
from madoguchi.common.errors import Refusal
from madoguchi.contract.selectors import program
from madoguchi.web.forms import DateField, LineField

# Beyond these nothing is meant, and arithmetic on days fails near the ends of time.
YEARS = range(1900, 2100)
_ERA = "明治|大正|昭和|平成|令和|西暦|[MTSHR]"
_DATE = re.compile(
    rf"(?<![\w-])(?:(?P<era>{_ERA})\s*(?P<era_year>\d{{1,4}}|元)|(?P<year>\d{{4}}))\s*[年./-]\s*"
    r"(?:(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})日?(?![\w-])"
    r"|(?:(?:(?P<known_month>\d{1,2})|不詳)\s*[月./-]\s*)?\(?月?日?は?不詳\)?)"
    r"|(?<![\w-])(?P<packed>(?:18|19|20)\d{6})(?![\w-])",
    re.IGNORECASE,
)


def day_of(text: str) -> date | None:
    """Return the day that an address or a form carried along, None for none and for nonsense."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


class DayConverter:
    """A day in an address, <day:day>: 2026-12-01; anything else is no address."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Return the day; a ValueError makes it a 404."""
        if (day := day_of(value)) is None:
            raise ValueError(value)
        return day

    def to_url(self, value: date | str) -> str:
        """Return the day as it stands in an address."""
        return str(value)


class TermDayField(DateField):
    """A day of the contract's term, everything else is a slip."""

    def __init__(self, **kwargs: Any) -> None:
        picker = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=picker, **kwargs)
        self.error_messages = {
            "required": "日にちを選んでください",
            "invalid": "日にちは、2026-12-01 のように入力してください",
            **(kwargs.get("error_messages") or {}),
        }

    def clean(self, value: Any) -> date | None:
        """Return the day; raise ValidationError when it lies outside the term."""
        day: date | None = super().clean(value)
        term = program()
        if day is not None and not term.term_starts_on <= day <= term.term_ends_on:
            first, last = era.era_date(term.term_starts_on), era.era_date(term.term_ends_on)
            raise forms.ValidationError(f"日にちは、{first}から{last}までの間で選んでください", code="term")
        return day


def find_day(text: str) -> tuple[list[str], str] | None:
    """Return era, year, month and day of the first date in a text, and the rest of it; None without one."""
    folded = unicodedata.normalize("NFKC", text)
    found = _DATE.search(folded)
    if found is None:
        return None
    if packed := found["packed"]:
        parts = [era.SEIREKI, packed[:4], packed[4:6], packed[6:]]
    else:
        parts = [
            found["era"] or era.SEIREKI,
            found["era_year"] or found["year"],
            found["month"] or found["known_month"] or births.UNKNOWN,
            found["day"] or births.UNKNOWN,
        ]
    return parts, f"{folded[: found.start()]} {folded[found.end() :]}".strip()


def _day_from(parts: list[str]) -> date:
    """Return any day of these parts that a card can carry, also one to come. Raises ValueError."""
    name, year, month, day = parts
    chosen = next((each for each in era.ERAS if name.upper() in (each.name, each.letter)), None)
    years = (1 if year == "元" else int(year)) + (chosen.first.year - 1 if chosen else 0)
    if years not in YEARS:
        raise ValueError(years)
    return date(years, int(month), int(day))


class DayField(LineField):
    """A day, past or to come, typed in one field."""

    widget = forms.TextInput({"autocomplete": "off", "inputmode": "text", "size": 14})
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "%(label)sは、2027.2.3 か R9.2.3 のように入力してください",
    }

    def prepare_value(self, value: Any) -> Any:
        """Show a day as it is read aloud, and what was typed as it was typed."""
        return era.era_date(value) if isinstance(value, date) else value

    def clean(self, value: Any) -> Any:
        """Return the day, None for an empty optional field; raise ValidationError with an example."""
        text: str = super().clean(value)
        if not text:
            return None
        found = find_day(text)
        if found is None or found[1]:
            raise self._unreadable()
        return self.read(found[0])

    def read(self, parts: list[str]) -> births.BirthDate:
        """Turn the parts into a day, or say what to enter."""
        try:
            return _day_from(parts)
        except ValueError:
            raise self._unreadable() from None

    def _unreadable(self) -> ValidationError:
        return ValidationError(self.error_messages["invalid"], code="invalid", params={"label": self.label})


class BirthDayField(DayField):
    """A birth date, of which a part may be 不詳; an impossible era date is answered with the right one."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": "生年月日を、S29.4.1 か 昭和29年4月1日 のように入力してください",
        "invalid": "生年月日は、S29.4.1 か 昭和29年4月1日 のように入力してください",
    }

    def prepare_value(self, value: Any) -> Any:
        """Show a birth date as it is read aloud, and what was typed as it was typed."""
        return births.in_words(value) if isinstance(value, births.BirthDate) else value

    def read(self, parts: list[str]) -> births.BirthDate:
        """Turn the parts into a birth date, or say what to enter."""
        name, year, month, day = parts
        try:
            return births.parse(name, year, month, day, clock.today())
        except Refusal as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from None
