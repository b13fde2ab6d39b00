"""The four blocks that an operator fills in while the caller speaks; the fifth is the reference to read."""

from collections.abc import Sequence
from typing import Any, Final, Self

from django import forms
from django.http import QueryDict

from madoguchi.common.dates import nearest_year, visit_dates
from madoguchi.common.errors import Refusal
from madoguchi.contract.rows import ProcedureRow, WardRow
from madoguchi.panels import person_form
from madoguchi.reservations.rules import Conditions
from madoguchi.sites.operator.keyed import KeyedCheckList
from madoguchi.web.days import DayField
from madoguchi.web.forms import NumberField, PostalCodeField

# Said by the caller, these lead to the ward office.
CONDITIONS: Final = (
    ("not_self", "代理の方が行く"),
    ("under_15", "手続きの日に{age}歳未満"),
    ("not_resident", "住民登録が市外"),
    ("continuation", "転入して「継続利用」がまだ"),
    ("period_of_stay", "在留期間に期限がある"),
    ("face_auth_card", "暗証番号のないカード"),
)


class BlockForm(forms.Form):
    """A block; closed, or open without having been sent, it shows what was typed without judging it."""

    @classmethod
    def shown(cls, data: QueryDict, **kwargs: Any) -> Self:
        """Return the block with what was typed so far, and no errors."""
        block = cls(**kwargs)
        block.initial = {
            name: field.widget.value_from_datadict(data, {}, name)
            for name, field in block.fields.items()
            if name in data
        }
        return block


class ProceduresForm(BlockForm):
    """Block 1: what for, the two dates of expiry, and what would lead to the ward office."""

    procedures = forms.MultipleChoiceField(
        label="手続き",
        widget=KeyedCheckList,
        required=False,
    )
    card_expires_on = DayField(label="カードの有効期限", required=False)
    cert_expires_on = DayField(label="電子証明書の有効期限", required=False)
    conditions = forms.MultipleChoiceField(
        label="あてはまるとき、区役所を案内",
        widget=KeyedCheckList(keys="qwerty"),
        required=False,
    )

    def __init__(self, *args: Any, procedures: Sequence[ProcedureRow], min_age: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["conditions"].choices = [  # type: ignore[attr-defined]
            (code, says.format(age=min_age)) for code, says in CONDITIONS
        ]
        self.fields["procedures"].choices = [  # type: ignore[attr-defined]
            (str(row.code), f"{row.name}") for row in procedures
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for a procedure, unless the ward office is the answer whatever it is."""
        cleaned = super().clean() or {}
        is_answered = cleaned.get("procedures") or cleaned.get("conditions")
        if not is_answered and "procedures" not in self.errors:
            self.add_error("procedures", "手続きを、1つ以上選んでください")
        return cleaned

    def conditions_row(self) -> Conditions:
        """Return what the caller said, for the rules to judge."""
        cleaned = self.cleaned_data
        return Conditions.from_answers(cleaned, comes_in_person="not_self" not in cleaned["conditions"])


class PlaceForm(BlockForm):
    """Block 2: from where the nearest offices are looked for; the time is taken in the grid below."""

    near = PostalCodeField(
        label="郵便番号", required=False, widget=forms.TextInput({"size": 9, "data-key": "p"})
    )
    ward = forms.ChoiceField(label="区", required=False, widget=forms.Select({"data-key": "u"}))
    slot = NumberField(
        widget=forms.HiddenInput,
        error_messages={"required": "日時を選んでください", "invalid": "日時を選んでください"},
    )
    # When nothing suits: what would, at the offices of the grid.
    wait_first = DayField(label="いつから", required=False, within=visit_dates, yearless=nearest_year)
    wait_last = DayField(label="いつまで", required=False, within=visit_dates, yearless=nearest_year)
    wait_times = forms.ChoiceField(
        label="時間帯", required=False, choices=[("", "いつでも"), ("am", "午前"), ("pm", "午後")]
    )

    def __init__(self, *args: Any, wards: Sequence[WardRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ward"].choices = [  # type: ignore[attr-defined]
            # In a list that has the focus, a digit goes to the line that begins with it.
            ("", "0 市内どこでも"),
            *((row.code, f"{number} {row.name}") for number, row in enumerate(wards, start=1)),
        ]


class PersonForm(BlockForm, person_form.PersonForm):
    """Block 3: who comes; the dates of expiry were asked in block 1."""

    card_expires_on = None  # type: ignore[assignment]  # Django's way to leave a field out
    cert_expires_on = None  # type: ignore[assignment]


class ReadBackForm(BlockForm):
    """Block 4: each line is read aloud before the booking is made."""

    read = forms.MultipleChoiceField(
        label="読み上げたもの",
        widget=KeyedCheckList,
        error_messages={"required": "読み上げて、印を付けてください"},
    )
    may_repeat = forms.BooleanField(
        label="同じ方の予約があることを、ご本人に確かめた",
        required=False,
        widget=forms.CheckboxInput({"data-key": "m"}),
    )

    def __init__(self, *args: Any, lines: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read"].choices = lines  # type: ignore[attr-defined]

    def clean_read(self) -> list[str]:
        """Refuse a line that was not read."""
        read: list[str] = self.cleaned_data["read"]
        left = len(self.fields["read"].choices) - len(set(read))  # type: ignore[attr-defined]
        if left:
            raise forms.ValidationError(
                f"まだ読み上げていないものが{left}つあります。読み上げて、印を付けてください",
                code="required",
            )
        return read


def field_of(refusal: Refusal, form: forms.Form) -> str | None:
    """Return the field of a block that a refusal at registration is about; None for the block as a whole."""
    field = str(refusal.fields.get("field", ""))
    field = "birth_date" if field == "date_of_birth" else field
    return field if field in form.fields else None
