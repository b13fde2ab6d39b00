"""What the city wrote when it wants people erased."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from madoguchi.common import clock
from madoguchi.retention.kinds import REASONS
from madoguchi.retention.selectors import Instruction
from madoguchi.web.days import BirthDayField, DayField
from madoguchi.web.forms import CheckList, NumberField, TextField


def _required(label: str) -> dict[str, str]:
    return {"required": f"{label}を入力してください"}


class UntilForm(forms.Form):
    """Up to which day of visit people are erased."""

    until = DayField(
        label="来局日がこの日までの方",
        error_messages=_required("日にち"),
        help_text="例：R9.3.31　この日を含みます。",
    )


class InstructionForm(forms.Form):
    """The city's document: its number and day, and which section it is from."""

    document_number = TextField(
        label="指示の文書番号",
        error_messages=_required("指示の文書番号"),
        max_length=40,
        help_text="例：市戸第123号",
    )
    document_on = DayField(
        label="文書の日付", error_messages=_required("文書の日付"), help_text="例：R9.4.10"
    )
    instructed_by = TextField(label="指示した部署", error_messages=_required("指示した部署"), max_length=60)

    def clean_document_on(self) -> date:
        """Refuse a day to come."""
        day: date = self.cleaned_data["document_on"]
        if day > clock.today():
            raise forms.ValidationError("文書の日付は、今日までの日を入力してください")
        return day

    def instruction(self) -> Instruction:
        """Return what was typed; the form is valid."""
        typed = self.cleaned_data
        return Instruction(typed["document_number"], typed["document_on"], typed["instructed_by"])


class ErasureForm(InstructionForm):
    """The instruction to erase everybody up to a day; the number of people is typed, so that it was read."""

    reason = forms.ChoiceField(
        label="消去の理由",
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "消去の理由を選んでください"},
    )
    people = NumberField(
        label="消去する人数",
        min_value=1,
        error_messages={
            "required": "消去する人数を入力してください",
            "invalid": "人数は、数字で入力してください",
        },
        help_text="確かめのため、上に表示した人数を入力します。",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "size": 8}),
    )
    field_order = ("reason", "document_number", "document_on", "instructed_by", "people")


class WhoForm(forms.Form):
    """Whose records are looked for: as on the document that proved who asks."""

    name = TextField(
        label="氏名",
        error_messages=_required("氏名"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    # A parent may ask for a child: any age is right.
    birth_date = BirthDayField(label="生年月日", help_text="例：S29.4.1", asks_age=False)


class ChosenForm(forms.Form):
    """Which records are this person's; those of another of the same name are unticked."""

    records = forms.MultipleChoiceField(
        label="ご本人の記録",
        widget=CheckList,
        error_messages={"required": "ご本人の記録を、1つ以上選んでください"},
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["records"]
        field.choices = choices  # type: ignore[attr-defined]  # a choice field
        field.initial = [key for key, _ in choices]

    def chosen(self) -> set[uuid.UUID]:
        """Return what was ticked; the form is valid."""
        return {uuid.UUID(key) for key in self.cleaned_data["records"]}


class DiscloseForm(ChosenForm):
    """A 開示請求 that the city has accepted."""

    request_number = TextField(
        label="開示請求の番号",
        error_messages=_required("開示請求の番号"),
        max_length=40,
        help_text="例：開示第7号",
    )


class EraseForm(InstructionForm, ChosenForm):
    """The city's instruction to erase one person."""

    field_order = ("records", "document_number", "document_on", "instructed_by")


class LegalHoldForm(forms.Form):
    """Why a reservation is kept from erasure."""

    reason = TextField(
        label="保留の理由",
        error_messages=_required("保留の理由"),
        max_length=80,
        help_text="個人を特定できることは書きません。",
    )
