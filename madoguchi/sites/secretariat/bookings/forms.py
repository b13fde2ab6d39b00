"""Forms of the secretariat about bookings."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from madoguchi.contract.rows import ProcedureRow
from madoguchi.offices.selectors import OfficeRow
from madoguchi.web.days import TermDayField
from madoguchi.web.forms import CheckList
from madoguchi.workflows.privacy.access import ACCESS_REASONS, EXPORT_REASONS

FILES: Final = ["xlsx", "csv", "data", "pdf"]


class VisitForm(forms.Form):
    """The office and day whose free times are shown."""

    office = forms.ChoiceField(label="郵便局", error_messages={"required": "郵便局を選んでください"})
    day = TermDayField(label="来局日", error_messages={"required": "来局日を選んでください"})

    def __init__(self, *args: Any, offices: Sequence[OfficeRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].choices = [  # type: ignore[attr-defined]
            ("", "選んでください"),
            *((row.code, f"{row.short_name}（{row.ward_name}）") for row in offices),
        ]


class ProceduresForm(forms.Form):
    """The procedures, which decide how long a visit takes."""

    procedures = forms.MultipleChoiceField(
        label="手続き", widget=CheckList, error_messages={"required": "手続きを、1つ以上選んでください"}
    )

    def __init__(self, *args: Any, procedures: Sequence[ProcedureRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedures"].choices = [  # type: ignore[attr-defined]
            (row.code, f"{row.name}（{row.minutes_alone}分）") for row in procedures
        ]


class RevealForm(forms.Form):
    """A masked value to be shown, and the reason."""

    what = forms.ChoiceField(choices=[("phone", ""), ("email", "")])
    reason = forms.ChoiceField(choices=list(ACCESS_REASONS.items()))


class ExportForm(forms.Form):
    """The file format of an export, and its reason."""

    file = forms.ChoiceField(choices=[(kind, kind) for kind in FILES])
    reason = forms.ChoiceField(choices=list(EXPORT_REASONS.items()))
