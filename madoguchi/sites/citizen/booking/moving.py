"""The pages on which a booking is moved (仕様書 4(3)ア)."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from madoguchi.common import clock
from madoguchi.common.era import citizen_datetime
from madoguchi.common.errors import NotVisible
from madoguchi.contract.selectors import booking_rules
from madoguchi.offices.selectors import office, offices_taking_bookings
from madoguchi.reservations.availability import Run
from madoguchi.reservations.selectors import ReservationRow
from madoguchi.sites.citizen.booking.access import Access, remember_look_up
from madoguchi.sites.citizen.booking.forms import PhoneEndForm
from madoguchi.sites.citizen.guide.presenters import offices_by_ward
from madoguchi.sites.citizen.pages import page
from madoguchi.sites.citizen.presenters.procedures import SummaryRow
from madoguchi.sites.citizen.reserve.calendar import TimeChange, times_page
from madoguchi.sites.citizen.reserve.forms import SlotForm
from madoguchi.workflows.booking.conditions import fitting_days
from madoguchi.workflows.booking.offering import PHONE, WEB, run_for

# In the address of a change: the list of all offices.
ALL_OFFICES = "all"


def moved(found: Access, *, was: str, now_at: Run | None) -> HttpResponse:
    """Lead back to the booking; whoever has just chosen its new office may be shown it."""
    is_elsewhere = now_at is not None and now_at.office != was
    response = redirect(f"{found.url('show')}?changed={'office' if is_elsewhere else '1'}")
    if now_at is not None and found.key and not found.is_full:
        remember_look_up(response, replace(found, place=now_at.office))
    return response


def choose_change(request: HttpRequest, row: ReservationRow, found: Access, form: SlotForm) -> HttpResponse:
    """Return the page of the times of an office, or of all offices where none may be shown."""
    code = request.GET.get("office", "")
    if code not in {each.code for each in offices_taking_bookings()}:
        # A calendar of the office, even without its name, would tell which one it is.
        if code == ALL_OFFICES or not found.sees(row.office):
            return page(
                request,
                "booking/change_office",
                {
                    "wards": offices_by_ward(),
                    "is_hidden": not found.sees(row.office),
                    "form": PhoneEndForm(),
                    "place": found.key and f"{found.url('place')}?to=change",
                    "same": found.url("change"),
                    "back": found.url("show"),
                },
            )
        code = row.office
    times = times_page(
        request,
        office(code),
        codes=[row.procedures],
        bounds=fitting_days(row.person, row.procedures, booking_rules(clock.now())),
        back=found.url("show"),
        change=TimeChange(
            current=citizen_datetime(row.starts_at),
            href=found.url("change"),
            # Whose time is no longer served goes first.
            channel=PHONE if row.is_disrupted else WEB,
            place=_change_of_place(row, found, code),
        ),
    )
    return page(request, "reserve/times", {"form": form, "times": times, "seen": row.shown})


def _change_of_place(row: ReservationRow, found: Access, code: str) -> str:
    """Say whether the office changes as well, to whoever may know where the visit is."""
    if not found.sees(row.office):
        return ""
    if code == row.office:
        return _("郵便局は変わりません。")
    return _("郵便局も変わります。いまの予約は、%(office)sです。") % {"office": office(row.office).name}


def confirm_change(request: HttpRequest, row: ReservationRow, found: Access, slot: int) -> HttpResponse:
    """Return the page that asks once more. Raises NotVisible when there is no such time."""
    run = run_for(slot, row.procedures)
    if run is None:
        raise NotVisible
    rows = [
        SummaryRow(_("新しい日時"), [citizen_datetime(run.starts_at)], strong=True),
        SummaryRow(_("いまの日時"), [citizen_datetime(row.starts_at)]),
        SummaryRow(
            _("郵便局"),
            [office(run.office).name],
            [told] if (told := _change_of_place(row, found, run.office)) else [],
        ),
    ]
    return page(
        request,
        "booking/change_confirm",
        {"rows": rows, "slot": slot, "back": found.url("change"), "seen": row.shown},
    )
