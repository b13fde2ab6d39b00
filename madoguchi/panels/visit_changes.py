"""Choose a time for a visit, move, correct and cancel it, as the staff of every site do (仕様書 4(5)ウ)."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django import forms

from madoguchi.common import era
from madoguchi.common.errors import Refusal
from madoguchi.offices.selectors import office
from madoguchi.panels.person_form import PersonForm
from madoguchi.reservations.availability import Run
from madoguchi.reservations.errors import AlreadyCancelled
from madoguchi.reservations.kinds import OUR_REASONS_HINT
from madoguchi.reservations.selectors import ReservationRow, reasons
from madoguchi.web.forms import add_refusal
from madoguchi.web.lists import whole_number
from madoguchi.web.policies import StaffRequest
from madoguchi.web.shown import seen_in
from madoguchi.workflows.booking import changes
from madoguchi.workflows.booking.offering import run_for


class MoveForm(forms.Form):
    """The reason for moving a visit."""

    reason = forms.ChoiceField(label="変更の理由", choices=reasons)


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
