"""A caller who has a booking: verify the identity, then read out, change or cancel it (仕様書 4(5)ウ).

Until the identity is verified nothing of the booking is shown, so that nothing is disclosed by mistake.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.contract.selectors import booking_rules
from madoguchi.offices.selectors import office, offices_taking_bookings
from madoguchi.panels import visit_changes
from madoguchi.panels.person_form import PersonForm, initial_of
from madoguchi.panels.visit_changes import ChosenTime, cancel_visit, correct_person, move_visit
from madoguchi.reservations.availability import Start
from madoguchi.reservations.errors import NotEligible, SlotFull
from madoguchi.reservations.selectors import ReservationRow, companions, phone_of, reservation_by_reference
from madoguchi.sites.operator import callers
from madoguchi.sites.operator.frame import page
from madoguchi.sites.operator.grid import (
    CHANNEL,
    CHOICE_KEYS,
    KEYS,
    Grid,
    GridQuery,
    grid,
    read_number,
    spoken_time,
)
from madoguchi.sites.operator.keyed import focus_on, print_keys
from madoguchi.sites.operator.script_column import script_column
from madoguchi.sites.operator.visits.forms import CallerForm, CancelForm, MoveForm, RevealForm
from madoguchi.sites.operator.visits.presenters import VisitPanel, aloud
from madoguchi.web.days import parse_iso_day
from madoguchi.web.forms import add_refusal
from madoguchi.web.lists import whole_number
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import carry_seen, typed_form, typed_in
from madoguchi.workflows.booking.conditions import fitting_days
from madoguchi.workflows.booking.documents import booking_slip_document
from madoguchi.workflows.booking.offering import slots_for
from madoguchi.workflows.callcentre import calls
from madoguchi.workflows.privacy.access import (
    ACCESS_REASONS,
    AccessReason,
    open_reservation,
    open_to_correct,
    unmask,
)

VERIFY = ("script.verify",)


@open_to(Permission.OPERATOR_RESERVATION_READ)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: StaffRequest, reference: str) -> HttpResponse:
    """Show the steps of verification, and afterwards the booking."""
    if callers.is_known(request, reference):
        return _known(request, reference)
    return _unknown(request, reference, callers.stage_of(request, reference))


def _unknown(request: StaffRequest, reference: str, stage: str) -> HttpResponse:
    reservation_id = reservation_by_reference(reference, scope=EVERYWHERE)
    do = request.POST.get("do", "")
    form = CallerForm(request.POST if do == "check" else None, offices=offices_taking_bookings())
    match, phone = None, ""
    if do == "check" and form.is_valid():
        try:
            match = calls.check_caller(reservation_id=reservation_id, said=form.said(), actor=request.actor)
        except ValueUnreadable as refusal:
            add_refusal(form, refusal)
        stage = callers.MATCHED if match and match.is_whole else ""
        callers.note(request, reference, stage)
    if stage == callers.MATCHED and do == "phone":
        unmask(reservation_id=reservation_id, what="phone", reason=AccessReason.CALL, actor=request.actor)
        phone = show_phone(phone_of(reservation_id, scope=EVERYWHERE))
    if stage == callers.MATCHED and do == "reached":
        calls.record_call_back(reservation_id=reservation_id, actor=request.actor)
        callers.note(request, reference, callers.REACHED)
        return redirect("operator:visits-show", reference=reference)
    focus_on(form)
    names = ("script.third_party",) if match and not match.is_whole else VERIFY
    return page(
        request,
        "visits/check",
        {
            "reference": reference,
            "form": form,
            "match": match,
            "is_matched": stage == callers.MATCHED,
            "phone": phone,
            "column": script_column(*names),
        },
    )


def _known(request: StaffRequest, reference: str) -> HttpResponse:
    revealed = ""
    if request.method == "POST":
        asked = RevealForm(request.POST)
        if asked.is_valid():
            revealed = asked.cleaned_data["what"]
            unmask(
                reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
                what=revealed,
                reason=AccessReason(asked.cleaned_data["reason"]),
                actor=request.actor,
            )
    row = _open(request, reference)
    return _page(request, "show", row, {"look_reasons": ACCESS_REASONS.items()}, revealed=revealed)


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@require_safe
def booked(request: StaffRequest, reference: str) -> HttpResponse:
    """Show the reference large, to be read twice, right after booking or moving."""
    if not callers.is_known(request, reference):
        return redirect("operator:visits-show", reference=reference)
    row = _open(request, reference)
    context = {
        "groups": aloud(VisitPanel.of(row).reference),
        "is_unread": reference == callers.unread_reference(request),
    }
    return _page(request, "booked", row, context, scripts=("script.confirm",))


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: StaffRequest, reference: str) -> HttpResponse:
    """Choose another time in the grid, with the reason; the old one is kept until the new one is taken."""
    row = _standing(request, reference)
    if row is None:
        return redirect("operator:visits-show", reference=reference)
    data = (typed_in(request) or QueryDict()).copy()
    verb, _, value = data.get("do", "").partition(":")
    if verb == "cell":
        data["cell"], data["slot"] = value, ""
    elif verb in {"offices", "days"}:
        data["page" if verb == "offices" else "since"] = value
        data["cell"] = data["slot"] = ""
    form = MoveForm(data if verb == "move" else None, initial={"reason": data.get("reason")})
    if request.method == "POST" and verb == "move" and form.is_valid():
        slot, fields = form.cleaned_data["slot"], {SlotFull: "slot", NotEligible: "slot"}
        if move_visit(request, row, form, slot=slot, channel=CHANNEL, fields=fields):
            messages.success(request, "日時を変更しました。予約番号は変わりません。")
            return redirect("operator:visits-booked", reference=reference)
    shown = _grid_for(row, data)
    time = shown.time
    return _page(
        request,
        "move",
        row,
        {
            "form": form,
            "seen": carry_seen(request, row.shown),
            "grid": shown,
            "previous_page": shown.page - 1,
            "next_page": shown.page + 1,
            "focus": "grid",
            "new": ChosenTime.of(time.start.starts_at, time.start.office) if time else None,
        },
        start=time.start if time else None,
    )


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change_procedures(request: StaffRequest, reference: str) -> HttpResponse:
    """Add procedures to a visit or take them away; where it no longer fits, other times are offered."""
    row = _standing(request, reference)
    if row is None:
        return redirect("operator:visits-show", reference=reference)
    form = visit_changes.procedures_form(request, row, channel=CHANNEL)
    print_keys(form, procedures=CHOICE_KEYS, slot=KEYS[0] + KEYS[1], changes=KEYS[2])
    if (
        request.method == "POST"
        and form.is_valid()
        and visit_changes.change_procedures(request, row, form, channel=CHANNEL)
    ):
        messages.success(request, "手続きを変更しました。予約番号は変わりません。")
        return redirect("operator:visits-booked", reference=reference)
    return _page(request, "procedures", row, {"form": form, "seen": carry_seen(request, row.shown)})


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: StaffRequest, reference: str) -> HttpResponse:
    """Correct what the caller gave, as the secretariat does; the completeness check opens again."""
    row = _standing(request, reference, look=open_to_correct)
    if row is None:
        return redirect("operator:visits-show", reference=reference)
    form = typed_form(request, PersonForm, procedures=row.procedures, initial=initial_of(row.person))
    focus_on(form)
    if request.method == "POST" and form.is_valid() and correct_person(request, row, form):
        messages.success(request, "内容を訂正しました。")
        return redirect("operator:visits-show", reference=reference)
    return _page(
        request,
        "correct",
        row,
        {"form": form, "seen": carry_seen(request, row.shown_person)},
        scripts=("script.person",),
    )


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: StaffRequest, reference: str) -> HttpResponse:
    """Cancel a visit with a reason. Idempotent."""
    row = _standing(request, reference)
    if row is None:
        return redirect("operator:visits-show", reference=reference)
    form = CancelForm(typed_in(request))
    focus_on(form)
    if request.method == "POST" and form.is_valid() and cancel_visit(request, row, form, channel=CHANNEL):
        messages.success(request, "予約を取り消しました。枠はすぐに空きます。")
        return redirect("operator:visits-show", reference=reference)
    return _page(request, "cancel", row, {"form": form, "seen": carry_seen(request, row.shown)})


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@require_POST
def slip(request: StaffRequest, reference: str) -> HttpResponse:
    """Return the slip of a known caller as PDF, to be sent by post; recorded as exported."""
    if not callers.is_known(request, reference):
        raise NotVisible
    row = calls.print_slip(
        reservation_id=reservation_by_reference(reference, scope=EVERYWHERE), actor=request.actor
    )
    response = HttpResponse(booking_slip_document(row), content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="slip.pdf"'
    return response


def _open(request: StaffRequest, reference: str) -> ReservationRow:
    return open_reservation(
        reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
        actor=request.actor,
        scope=EVERYWHERE,
    )


def _standing(
    request: StaffRequest, reference: str, *, look: Callable[..., ReservationRow] = open_reservation
) -> ReservationRow | None:
    """Return the booking of a known caller while it can still be changed."""
    if not callers.is_known(request, reference):
        return None
    row = look(
        reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
        scope=EVERYWHERE,
        actor=request.actor,
    )
    return row if row.is_booked and row.starts_at > clock.now() else None


def _grid_for(row: ReservationRow, data: Any) -> Grid:
    place = office(row.office)
    first, last = fitting_days(row.person, row.procedures, booking_rules(clock.now(), row.office))
    slot = data.get("slot", "")
    return grid(
        GridQuery(
            slots=slots_for(row.procedures),
            codes=row.procedures,
            origin=place.lat_lon,
            page=read_number(data.get("page", "")),
            since=parse_iso_day(data.get("since", "")),
            first=first,
            last=last,
            cell=data.get("cell", ""),
            slot=whole_number(slot) or None,
            moving=True,
        )
    )


def _page(
    request: StaffRequest,
    template: str,
    row: ReservationRow,
    context: dict[str, Any],
    *,
    revealed: str = "",
    scripts: tuple[str, ...] = ("script.verify",),
    start: Start | None = None,
) -> HttpResponse:
    return page(
        request,
        f"visits/{template}",
        {
            "reference": row.reference,
            "done": callers.DONE[callers.stage_of(request, row.reference)],
            "visit": VisitPanel.of(row, revealed=revealed),
            # The way to them only: who they are and when they come is told once they are known themselves.
            "together": [
                (each.reference, show_reference(each.reference))
                for each in companions(row, scope=EVERYWHERE)
                if each.is_booked
            ],
            "column": script_column(
                *scripts,
                codes=row.procedures,
                place=office(start.office if start else row.office),
                spoken=spoken_time(start) if start else None,
            ),
            **context,
        },
    )
