"""What the secretariat types about reservations; shown by web.forms, checked again by the workflow."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from madoguchi.contract.rows import ProcedureRow
from madoguchi.offices.selectors import OfficeRow
from madoguchi.web.days import TermDayField
from madoguchi.web.forms import CheckList
from madoguchi.workflows.privacy.access import ACCESS_REASONS, EXPORT_REASONS

FILES: Final = ["xlsx", "csv", "pdf"]


class VisitForm(forms.Form):
    """Where and when: narrows the free times that are shown."""

    office = forms.ChoiceField(label="郵便局", error_messages={"required": "郵便局を選んでください"})
    day = TermDayField(label="来局日", error_messages={"required": "来局日を選んでください"})

    def __init__(self, *args: Any, offices: Sequence[OfficeRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].choices = [  # type: ignore[attr-defined]
            ("", "選んでください"),
            *((row.code, f"{row.short_name}（{row.ward_name}）") for row in offices),
        ]


class ProceduresForm(forms.Form):
    """What for: with it the length of the visit is known."""

    procedures = forms.MultipleChoiceField(
        label="手続き", widget=CheckList, error_messages={"required": "手続きを、1つ以上選んでください"}
    )

    def __init__(self, *args: Any, procedures: Sequence[ProcedureRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedures"].choices = [  # type: ignore[attr-defined]
            (row.code, f"{row.name}（{row.minutes_alone}分）") for row in procedures
        ]


class RevealForm(forms.Form):
    """A masked value, and why it is needed."""

    what = forms.ChoiceField(choices=[("phone", ""), ("email", "")])
    reason = forms.ChoiceField(choices=list(ACCESS_REASONS.items()))


class TakeForm(forms.Form):
    """A list that leaves the system, and why."""

    file = forms.ChoiceField(choices=[(kind, kind) for kind in FILES])
    reason = forms.ChoiceField(choices=list(EXPORT_REASONS.items()))
