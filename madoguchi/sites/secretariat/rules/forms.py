"""What the secretariat decides about cut-offs, windows and reminders."""

from datetime import datetime, time
from typing import Any

from django import forms

from madoguchi.common import clock
from madoguchi.contract.rules import RuleKind, RuleValue
from madoguchi.web.days import TermDayField
from madoguchi.web.forms import TextField


class RuleForm(forms.Form):
    """The next value of one rule, from when, and why."""

    effective_on = TermDayField(
        label="適用を始める日",
        help_text="その日の0時から。本日にすると、すぐに変わります。",
    )
    note = TextField(
        label="変更の理由", max_length=200, help_text="協議の日など。個人に関することは書きません。"
    )
    field_order = ["value"]

    def __init__(self, *args: Any, kind: RuleKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = self._field(kind)
        self.order_fields(self.field_order)

    @staticmethod
    def _field(kind: RuleKind) -> forms.Field:
        label = f"{kind.label}（{kind.unit}）" if kind.unit else kind.label
        if kind.type is bool:
            return forms.BooleanField(label=label, required=False)
        if kind.type is time:
            return forms.TimeField(
                label=label,
                widget=forms.TimeInput({"placeholder": "17:00"}, format="%H:%M"),
                error_messages={"invalid": "時刻は、17:00 のように入力してください"},
            )
        return forms.IntegerField(label=label, min_value=kind.low, max_value=kind.high)

    @property
    def value(self) -> RuleValue:
        """The value, for the service."""
        value: RuleValue = self.cleaned_data["value"]
        return value

    @property
    def effective_from(self) -> datetime:
        """From which instant it holds: a day already begun means now."""
        return max(clock.at(self.cleaned_data["effective_on"], clock.MIDNIGHT), clock.now())
