"""Days as staff meet them: in addresses, of the contract's term, and typed in one go while somebody speaks.

S29.4.1, 昭和29年4月1日, 1954-4-1 and 19540401 are one day; of a birth date a part may be
不詳: S13.4.不詳, S13.不詳. Of days near today 12/3, 3日 and あした are understood.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from madoguchi.common import births, clock, dates, era
from madoguchi.common.errors import Refusal
from madoguchi.contract.selectors import program
from madoguchi.web import forms as shared
from madoguchi.web.forms import (
    CleanedInput,
    DateBoundField,
    LineField,
    date_error,
    field_error,
    refuse_unlikely_age,
)

_ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"(?P<day>.+?)(?:T|\s+)(?P<hour>\d{1,2})[:時](?P<minute>\d{1,2})?分?(?::\d{2}(?:\.\d+)?)?"
)


def parse_iso_day(text: str) -> date | None:
    """Return the day written YYYY-MM-DD in an address or a hidden field, None for anything else."""
    if not _ISO_DAY.fullmatch(text):  # Python reads 20261201 and 2026-W49-2 too
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in dates.YEARS else None


def parse_filter_day(text: str) -> date | None:
    """Return the day that somebody typed into a filter, None for none and for what cannot be read."""
    today = clock.today()
    try:
        return dates.read_text(text, dates.card_dates(today), yearless=dates.nearest_year(today), today=today)
    except dates.UnclearDate:
        return None


class DayConverter:
    """A day in an address, <day:day>: 2026-12-01; anything else is no address."""

    regex = _ISO_DAY.pattern

    def to_python(self, value: str) -> date:
        """Return the day; a ValueError makes it a 404."""
        if (day := parse_iso_day(value)) is None:
            raise ValueError(value)
        return day

    def to_url(self, value: date | str) -> str:
        """Return the day as it stands in an address."""
        return str(value)


class PickedDayField(shared.DateField):
    """A day from the browser's calendar; who types the year 8 there sends 0008-12-20."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": "日にちを選んでください",
        "invalid": "日にちは、2026-12-01 のように入力してください",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kwargs)

    def within(self) -> dates.DateRange:
        """Return the days that can be meant."""
        return dates.card_dates(clock.today())

    def yearless(self) -> dates.DateRange:
        """Return the days among which a month and day alone are looked for."""
        return dates.nearest_year(clock.today())

    def to_python(self, value: Any) -> date | None:
        """Return the day, read as `DayField` reads it; raise ValidationError with an example."""
        if value in self.empty_values or isinstance(value, date):
            return value or None
        try:
            return dates.read_text(str(value), self.within(), yearless=self.yearless(), today=clock.today())
        except dates.UnclearDate as refusal:
            raise self.date_error(refusal) from None

    def date_error(self, refusal: dates.UnclearDate) -> ValidationError:
        """Return what is said of a day that cannot be read."""
        return date_error(refusal, self.error_messages["invalid"])


class TermDayField(PickedDayField):
    """A day of the contract's term, everything else is a slip."""

    def within(self) -> dates.DateRange:
        """Return the term."""
        term = program()
        return dates.DateRange(term.term_starts_on, term.term_ends_on)

    yearless = within

    def date_error(self, refusal: dates.UnclearDate) -> ValidationError:
        """Name the term for a day outside it."""
        if not refusal.fields.get("is_outside"):
            return super().date_error(refusal)
        term = self.within()
        first, last = era.era_date(term.first), era.era_date(term.last)
        return ValidationError(f"日にちは、{first}から{last}までの間で選んでください", code="term")


class MomentField(CleanedInput, forms.DateTimeField):
    """A day and a time from the browser's calendar, or typed: 2026-12-01 09:00, 12/1 9:00."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "日時は、2026-12-01 09:00 のように入力してください"
    }

    def __init__(self, **kwargs: Any) -> None:
        picker = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=picker, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant; raise ValidationError with an example."""
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        found = _MOMENT.fullmatch(era.fold(str(value)))
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        today = clock.today()
        try:
            day = dates.read_text(
                found["day"], dates.card_dates(today), yearless=dates.nearest_year(today), today=today
            )
            return clock.at(day, time(int(found["hour"]), int(found["minute"] or 0)))
        except dates.UnclearDate as refusal:
            raise date_error(refusal, self.error_messages["invalid"]) from None
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class DayField(LineField):
    """A day, past or to come, typed in one field; with `yearless`, 12/3, 3日 and あした are read as well."""

    widget = forms.TextInput({"autocomplete": "off", "inputmode": "text", "size": 14})
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "%(label)sは、2027.2.3 か R9.2.3 のように入力してください",
    }

    def __init__(
        self,
        *,
        within: Callable[[date], dates.DateRange] = dates.card_dates,
        yearless: Callable[[date], dates.DateRange] | None = None,
        **kwargs: Any,
    ) -> None:
        self.within, self.yearless = within, yearless
        super().__init__(**kwargs)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Return the field on a page, which says how a short date was read."""
        return DateBoundField(form, self, field_name)

    def prepare_value(self, value: Any) -> Any:
        """Show a day as it is read aloud, and what was typed as it was typed."""
        return era.era_date(value) if isinstance(value, date) else value

    def parts_of(self, value: str) -> list[str]:
        """Return era, year, month and day as typed, "" for what is not said; all empty for no date."""
        return dates.split_date(value) or [era.SEIREKI, "", "", ""]

    def clean(self, value: Any) -> Any:
        """Return the day, None for an empty optional field; raise ValidationError with an example."""
        text: str = super().clean(value)
        return self.read(text) if text else None

    def read(self, text: str) -> births.BirthDate:
        """Turn the text into a day, or say what to enter."""
        today = clock.today()
        yearless = self.yearless(today) if self.yearless else None
        try:
            return dates.read_text(
                text, self.within(today), yearless=yearless, today=today if yearless else None
            )
        except dates.UnclearDate as refusal:
            raise date_error(refusal, self.error_messages["invalid"] % {"label": self.label}) from None


class BirthDayField(DayField):
    """A birth date, of which a part may be 不詳; an impossible era date is answered with the right one.

    On a form of a visit, `visit_on` is its day: who is too young then is asked about the era.
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": "生年月日を、S29.4.1 か 昭和29年4月1日 のように入力してください",
        "invalid": "生年月日は、S29.4.1 か 昭和29年4月1日 のように入力してください",
    }

    visit_on: date | None = None

    def __init__(self, *, asks_age: bool = True, **kwargs: Any) -> None:
        self.asks_age = asks_age
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a birth date as it is read aloud, and what was typed as it was typed."""
        return births.format_birth_date(value) if isinstance(value, births.BirthDate) else value

    def read(self, text: str) -> births.BirthDate:
        """Turn the text into a birth date, or say what to enter."""
        found = dates.find_date(text)
        parts = found[0] if found and not found[1] else dates.split_date(text)
        if not parts or not parts[1]:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return self.read_parts(parts)

    def read_parts(self, parts: list[str]) -> births.BirthDate:
        """Turn era, year, month and day into a birth date, or say what to enter."""
        name, year, month, day = parts
        try:
            born = births.parse(name, year, month, day, clock.today())
            if self.asks_age:
                refuse_unlikely_age(name, year, born, self.visit_on)
        except Refusal as refusal:
            raise field_error(refusal) from None
        return born
