"""Choose a time for a visit, change, correct and cancel it, on every staff site (仕様書 4(3)ア, 4(5)ウ)."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, cast

from django import forms

from madoguchi.common import era
from madoguchi.common.errors import Refusal
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import office
from madoguchi.panels.person_form import PersonForm, check_addresses_and_change, initial_of, typed_details
from madoguchi.reservations.availability import Run
from madoguchi.reservations.errors import AlreadyCancelled
from madoguchi.reservations.kinds import CHANGE_LABELS, OUR_REASONS_HINT, reasons
from madoguchi.reservations.people import Details
from madoguchi.reservations.selectors import ReservationRow
from madoguchi.web.forms import CheckList, add_refusal
from madoguchi.web.lists import whole_number
from madoguchi.web.policies import StaffRequest
from madoguchi.web.shown import seen_in, typed_in
from madoguchi.workflows.booking import changes
from madoguchi.workflows.booking import procedures as procedure_changes
from madoguchi.workflows.booking.offering import run_for
from madoguchi.workflows.booking.procedures import fits_at_its_time, other_times

TOO_LONG = "いまの日時では、続きの枠が空いていません。ほかの日時を選ぶか、いまの予約のままにしてください"
TOO_LONG_ANYWHERE = "いまの日時では、続きの枠が空いていません。いまの予約は、そのままです"


class MoveForm(forms.Form):
    """The reason for moving a visit."""

    reason = forms.ChoiceField(label="変更の理由", choices=reasons)


class VisitProceduresForm(forms.Form):
    """Other procedures for a visit, what these ask for, and another time where it no longer fits."""

    procedures = forms.MultipleChoiceField(
        label="手続き", widget=CheckList, error_messages={"required": "手続きを、1つ以上選んでください"}
    )
    card_expires_on = PersonForm.base_fields["card_expires_on"]
    cert_expires_on = PersonForm.base_fields["cert_expires_on"]
    unknown_pins = PersonForm.base_fields["unknown_pins"]
    changes = forms.MultipleChoiceField(
        label="変わったもの（券面の変更のときだけ。氏名は、変わったことだけを聞き取る）",
        widget=CheckList,
        required=False,
        choices=list(CHANGE_LABELS.items()),
    )
    new_address = PersonForm.base_fields["new_address"]
    old_address = PersonForm.base_fields["old_address"]
    changed_on = PersonForm.base_fields["changed_on"]
    slot = forms.TypedChoiceField(label="日時", coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, row: ReservationRow, channel: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.MultipleChoiceField", self.fields["procedures"]).choices = [
            (each.code, each.name)
            for each in procedures(enabled_only=False)
            if each.is_enabled or each.code in row.procedures
        ]
        codes = self["procedures"].value() or ()
        is_too_long = self.is_bound and not fits_at_its_time(row, codes, channel=channel)
        if not (is_too_long or self["slot"].value()):
            del self.fields["slot"]
            return
        times = other_times(row, codes, channel=channel)
        slot = cast("forms.ChoiceField", self.fields["slot"])
        slot.choices = [
            (start.slot, f"{era.staff_datetime(start.starts_at)}　{office(start.office).short_name}")
            for start in times
        ]
        slot.error_messages["required"] = TOO_LONG if times else TOO_LONG_ANYWHERE

    def clean(self) -> dict[str, Any]:
        """Require a whole change of the card where it is one of the procedures."""
        cleaned = super().clean() or {}
        if "FACE_CHANGE" in cleaned.get("procedures", ()):
            check_addresses_and_change(self, cleaned)
        return cleaned

    def details(self, known: Details) -> Details:
        """Return the details as typed."""
        return typed_details(self.cleaned_data, known)


class CancelForm(forms.Form):
    """The reason for cancelling a visit, which also says who caused it."""

    reason = forms.ChoiceField(
        label="取消しの理由",
        choices=lambda: [("", "選んでください"), *reasons()],
        help_text=OUR_REASONS_HINT,
        error_messages={"required": "取消しの理由を選んでください"},
    )


@dataclass(frozen=True, slots=True)
class ChosenTime:
    """The time and office that are chosen but not yet taken, as text."""

    when: str
    place: str

    @classmethod
    def of(cls, starts_at: datetime, office_code: str) -> Self:
        """Return the time and office as a page shows them."""
        return cls(when=era.staff_datetime(starts_at), place=office(office_code).name)


def chosen_run(slot: str, codes: Sequence[str]) -> Run | None:
    """Return the slots that a visit fills from the chosen one on, None where no possible one is chosen.

    `slot` is the id of the first slot as an address or a form has it; `codes` are the procedures.
    """
    slot_id = whole_number(slot)
    return run_for(slot_id, codes) if slot_id and codes else None


def move_visit(
    request: StaffRequest,
    row: ReservationRow,
    form: MoveForm,
    *,
    slot: int,
    channel: str,
    fields: Mapping[type[Refusal], str] = {},
) -> bool:
    """Move a visit for the reason of a valid form and return True; False with the refusal in the form.

    `fields` names the field beside which a refusal stands, as in `web.forms.add_refusal`.
    """
    return _is_done(
        form,
        lambda: changes.move(
            reservation_id=row.id,
            slot=slot,
            actor=request.actor,
            channel=channel,
            reason=form.cleaned_data["reason"],
            seen=seen_in(request),
        ),
        fields,
    )


def procedures_form(request: StaffRequest, row: ReservationRow, *, channel: str) -> VisitProceduresForm:
    """Return the form of a visit's procedures, as typed or as they stand."""
    known = initial_of(row.person)
    initial = {name: known.get(name) for name in VisitProceduresForm.base_fields}
    return VisitProceduresForm(
        typed_in(request),
        row=row,
        channel=channel,
        initial={**initial, "procedures": row.procedures},
    )


def change_procedures(
    request: StaffRequest, row: ReservationRow, form: VisitProceduresForm, *, channel: str
) -> bool:
    """Give a visit the procedures of a valid form and return True; False with the refusal in the form."""
    return _is_done(
        form,
        lambda: procedure_changes.change_procedures(
            reservation_id=row.id,
            codes=form.cleaned_data["procedures"],
            details=form.details(row.person.details),
            slot=form.cleaned_data.get("slot"),
            actor=request.actor,
            channel=channel,
            seen=seen_in(request),
        ),
    )


def correct_person(request: StaffRequest, row: ReservationRow, form: PersonForm) -> bool:
    """Correct a person as a valid form says and return True; False with the refusal in the form."""
    return _is_done(
        form,
        lambda: changes.correct(
            reservation_id=row.id,
            person=form.person(row.person.details),
            actor=request.actor,
            seen=seen_in(request),
        ),
    )


def cancel_visit(request: StaffRequest, row: ReservationRow, form: CancelForm, *, channel: str) -> bool:
    """Cancel a visit for the reason of a valid form and return True; False with the refusal in the form.

    True as well where somebody else cancelled it meanwhile: nothing is left to be done.
    """

    def cancel() -> None:
        with suppress(AlreadyCancelled):
            changes.cancel(
                reservation_id=row.id,
                actor=request.actor,
                channel=channel,
                reason=form.cleaned_data["reason"],
                seen=seen_in(request),
            )

    return _is_done(form, cancel)


def _is_done(form: forms.Form, change: Callable[[], None], fields: Mapping[type[Refusal], str] = {}) -> bool:
    try:
        change()
    except Refusal as refusal:
        add_refusal(form, refusal, fields)
        return False
    return True
