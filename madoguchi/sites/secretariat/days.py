"""Days in addresses and forms: inside the contract's term, everything else is a slip."""

from datetime import date
from typing import Any

from django import forms

from madoguchi.common import era
from madoguchi.contract.selectors import program

# Far beyond any contract; arithmetic on days near the ends of time fails.
YEARS = range(2000, 2100)


def day_of(text: str) -> date | None:
    """Return the day of an address, None for none and for nonsense."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


class TermDayField(forms.DateField):
    """A day of the contract's term."""

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
