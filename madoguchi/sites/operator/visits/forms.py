"""Forms for a caller who has a booking."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django import forms

from madoguchi.common import clock
from madoguchi.common.dates import nearest_year, visit_dates
from madoguchi.offices.selectors import OfficeRow
from madoguchi.panels import visit_changes
from madoguchi.reservations.kinds import OUR_REASONS_HINT, reasons
from madoguchi.sites.operator.keyed import KeyedRadioList
from madoguchi.web.days import BirthDayField, DayField
from madoguchi.web.forms import NumberField, PhoneField, TextField, TimeField
from madoguchi.workflows.callcentre.calls import Said
from madoguchi.workflows.privacy.access import ACCESS_REASONS


class CallerForm(forms.Form):
    """The facts a caller states unaided: two, and one of two more."""

    name = TextField(
        label="フリガナ（お名前）",
        max_length=100,
        error_messages={"required": "フリガナを、聞いたとおりに入力してください"},
    )
    birth_date = BirthDayField(label="生年月日")
    phone = PhoneField(label="登録の電話番号", required=False)
    office = forms.ChoiceField(label="予約の郵便局", required=False)
    day = DayField(
        label="予約の日",
        required=False,
        within=visit_dates,
        yearless=nearest_year,
        error_messages={"invalid": "予約の日は、12/3 か 2026.12.3 のように入力してください"},
    )
    at = TimeField(
        label="時刻",
        required=False,
        widget=forms.TextInput({"size": 5, "autocomplete": "off"}),
        input_formats=["%H:%M", "%H%M", "%H時%M分", "%H時"],
        error_messages={"invalid": "時刻は、9:30 のように入力してください"},
    )

    def __init__(self, *args: Any, offices: Sequence[OfficeRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].choices = [  # type: ignore[attr-defined]
            ("", "郵便局と日時でもよい"),
            *((row.code, row.short_name) for row in offices),
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the number on file, or the office and the time."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("phone") and self._visit_at() is None:
            self.add_error("phone", "登録の電話番号か、予約の郵便局・日・時刻を入力してください")
        return cleaned

    def _visit_at(self) -> datetime | None:
        cleaned = self.cleaned_data
        day, at = cleaned.get("day"), cleaned.get("at")
        if not (cleaned.get("office") and day and isinstance(at, time)):
            return None
        return clock.at(day, at)

    def said(self) -> Said:
        """Return what was said."""
        cleaned = self.cleaned_data
        return Said(
            name=cleaned["name"],
            birth_date=cleaned["birth_date"],
            phone=cleaned["phone"],
            office=cleaned["office"],
            starts_at=self._visit_at(),
        )


class RevealForm(forms.Form):
    """A masked value to be shown, and the reason."""

    what = forms.ChoiceField(choices=[("phone", ""), ("email", ""), ("address", "")])
    reason = forms.ChoiceField(choices=list(ACCESS_REASONS.items()))


class CancelForm(visit_changes.CancelForm):
    """The reason, taken by one key."""

    reason = forms.ChoiceField(
        label="取消しの理由",
        widget=KeyedRadioList,
        choices=reasons,
        help_text=OUR_REASONS_HINT,
        error_messages={"required": "取消しの理由を選んでください"},
    )


class MoveForm(visit_changes.MoveForm):
    """Another time, and the reason."""

    slot = NumberField(error_messages={"required": "日時を選んでください", "invalid": "日時を選んでください"})
    field_order = ("slot", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["data-key"] = "u"
