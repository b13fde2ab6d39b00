"""Change the procedures of a booking (仕様書 4(3)ア). A GET only shows; a POST acts, and may come twice."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.audit.actor import CITIZEN
from madoguchi.common.era import citizen_datetime
from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.contract.selectors import belongings_for
from madoguchi.offices.selectors import office
from madoguchi.panels.person_form import typed_details
from madoguchi.reservations.errors import SlotFull
from madoguchi.reservations.selectors import ReservationRow
from madoguchi.sites.citizen.booking import presenters
from madoguchi.sites.citizen.booking.access import Access, access, by_known_browser
from madoguchi.sites.citizen.booking.forms import AddedProceduresForm, VisitProceduresForm
from madoguchi.sites.citizen.booking.views import GET_POST, describe, open_booking
from madoguchi.sites.citizen.pages import page
from madoguchi.web.forms import add_refusal
from madoguchi.web.kept import is_press, sentences_in
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import carry_seen, pressed_in, refuse_unseen, seen_in, typed_in
from madoguchi.workflows.booking import procedures
from madoguchi.workflows.booking.conditions import as_day
from madoguchi.workflows.booking.offering import WEB


@open_to_everyone
@require_http_methods(GET_POST)
@by_known_browser
def change_procedures(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """Choose other procedures, then answer what these ask for; only for who may see all of the booking."""
    found = access(request, token, key)
    if not found.is_full:
        raise NotVisible
    row = open_booking(found)
    described = describe(row, found)
    if not (described.is_active and described.may_change) or described.is_first:
        return redirect(found.url("show"))
    form = VisitProceduresForm(
        typed_in(request), chosen=row.procedures, initial={"procedures": row.procedures}
    )
    if request.method != "POST" and is_press(request) and (again := _shown_again(request, row, found, form)):
        return again
    if request.method == "POST" and form.is_valid():
        codes = form.cleaned_data["procedures"]
        if "sure" not in request.POST:
            refuse_unseen(request, row.shown)
            if set(codes) != set(row.procedures):
                return _confirm_procedures(request, row, found, codes)
            form.add_error(
                "procedures", _("いまの予約と同じ手続きです。変えないときは、前の画面に戻ってください")
            )
        else:
            return _take_procedures(request, row, found, codes)
    return page(
        request,
        "booking/procedures",
        {
            "form": form,
            "rows": described.visit,
            "until": described.change_until,
            "back": found.url("show"),
            "seen": carry_seen(request, row.shown),
        },
    )


def _shown_again(
    request: HttpRequest, row: ReservationRow, found: Access, form: VisitProceduresForm
) -> HttpResponse | None:
    """Return what the press led to: the questions of the procedures chosen; None while none were."""
    pressed = pressed_in(request)
    if pressed is None or not form.is_valid():
        return None
    codes = form.cleaned_data["procedures"]
    if "sure" in pressed:
        added = _added_form(row, codes, pressed, is_full="slot" in sentences_in(request))
        return _confirm_procedures(request, row, found, codes, added)
    return None if set(codes) == set(row.procedures) else _confirm_procedures(request, row, found, codes)


def _take_procedures(
    request: HttpRequest, row: ReservationRow, found: Access, codes: Sequence[str]
) -> HttpResponse:
    form = _added_form(row, codes, request.POST)
    if form.is_valid():
        try:
            procedures.change_procedures(
                reservation_id=row.id,
                codes=codes,
                details=typed_details(form.cleaned_data, row.person.details),
                slot=form.cleaned_data.get("slot"),
                actor=CITIZEN,
                channel=WEB,
                seen=seen_in(request),
            )
        except SlotFull as refusal:
            # The time went a moment ago: the page offers those that are left.
            form = _added_form(row, codes, request.POST, is_full=True)
            add_refusal(form, refusal, field="slot")
        except Refusal as refusal:
            add_refusal(form, refusal, field=_field_of(refusal, form))
        else:
            return redirect(found.url("show") + "?changed=procedures")
    return _confirm_procedures(request, row, found, codes, form)


def _field_of(refusal: Refusal, form: AddedProceduresForm) -> str | None:
    field = str(refusal.fields.get("field", ""))
    return field if field in form.fields else None


def _added_form(
    row: ReservationRow, codes: Sequence[str], typed: QueryDict | None = None, *, is_full: bool = False
) -> AddedProceduresForm:
    """Return the questions of procedures that are added, with other times where the visit no longer fits."""
    times = None
    is_done = set(codes) == set(row.procedures)  # pressed twice: the first press did it
    if is_full or not (is_done or procedures.fits_at_its_time(row, codes, channel=WEB)):
        times = [
            (start.slot, f"{citizen_datetime(start.starts_at)}　{office(start.office).name}")
            for start in procedures.other_times(row, codes, channel=WEB)
        ]
    details = row.person.details
    initial = {
        "card_expires_on": as_day(details.card_expires_on),
        "cert_expires_on": as_day(details.cert_expires_on),
    }
    return AddedProceduresForm(typed, added=set(codes) - set(row.procedures), times=times, initial=initial)


def _confirm_procedures(
    request: HttpRequest,
    row: ReservationRow,
    found: Access,
    codes: Sequence[str],
    form: AddedProceduresForm | None = None,
) -> HttpResponse:
    form = form or _added_form(row, codes)
    return page(
        request,
        "booking/procedures_confirm",
        {
            "form": form,
            "codes": codes,
            "rows": presenters.procedure_change_rows(row, codes, stays="slot" not in form.fields),
            "belongings": belongings_for(codes),
            "is_stuck": "slot" in form.fields and not form.fields["slot"].choices,  # type: ignore[attr-defined]
            "back": found.url("procedures"),
            "keep": found.url("show"),
            "seen": carry_seen(request, row.shown),
        },
    )
