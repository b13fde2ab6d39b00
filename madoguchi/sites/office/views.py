"""The tablet on a post office's counter: today's visitors and those of the next days (仕様書 4(6)ウ)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.selectors import device_of, offices_of
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.contract.selectors import program
from madoguchi.notifications.announcements import shown_announcements
from madoguchi.offices.selectors import office as office_row
from madoguchi.offices.selectors import offices
from madoguchi.reservations.figures import visits_by_day
from madoguchi.sites.office.presenters import OfficeDay, VisitPage, print_note, tabs
from madoguchi.web.cookies import read_cookie
from madoguchi.web.middleware import DEVICE, DEVICE_COOKIE
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.booking.documents import visitor_list_document
from madoguchi.workflows.outage.notices import StopNotice, stop_notices, stop_of
from madoguchi.workflows.visits.day_list import (
    day_list,
    day_version,
    days_shown,
    export_day_list,
    open_visit,
    since_print,
    unmask_phone,
)


@open_to(Permission.OFFICE_RESERVATION_READ)
@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """Go to today's list; those who work at several offices choose."""
    mine = _offices(request)
    if len(mine) == 1:
        # Where the day has come to: the line for now, when there is one.
        return redirect(f"{reverse('office:visits-today', args=mine)}#now")
    rows = [row for row in offices() if row.code in mine]
    return render(request, "office/choose.html", {"offices": rows})


@open_to(Permission.OFFICE_RESERVATION_READ)
@require_safe
def show_today(request: StaffRequest, office: str) -> HttpResponse:
    """Show today's visitors."""
    return _day(request, office, clock.today())


@open_to(Permission.OFFICE_RESERVATION_READ)
@require_safe
def show_day(request: StaffRequest, office: str, day: date) -> HttpResponse:
    """Show the visitors of one of the days an office may see; other dates are not found."""
    return _day(request, office, day)


@open_to(Permission.OFFICE_RESERVATION_READ)
@require_POST
def print_day(request: StaffRequest, office: str, day: date) -> HttpResponse:
    """Return the 予約者リスト as PDF for the printer; recorded as exported."""
    _own(request, office)
    rows = export_day_list(office=office, day=day, actor=request.actor)
    stops = stop_notices(day, office_code=office)
    paper = visitor_list_document(
        rows,
        by=request.user.display_name,
        of=(office, day),
        notices=[stop.line for stop in stops],
        alerts={row.id: mark for row in rows if (mark := stop_of(row, stops))},
    )
    response = HttpResponse(paper, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="visitors-{day:%Y%m%d}.pdf"'
    return response


@open_to(Permission.OFFICE_RESERVATION_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def show_visit(request: StaffRequest, reference: str) -> HttpResponse:
    """Show one visitor; a POST shows the telephone number and records it."""
    mine = _offices(request)
    phone = ""
    if request.method == "POST":
        phone = unmask_phone(reference=reference, offices=mine, actor=request.actor)
    row = open_visit(reference=reference, offices=mine, actor=request.actor)
    day = clock.to_jst(row.starts_at).date()
    return render(
        request,
        "office/visit.html",
        {
            **_frame(request, row.office, day),
            "visit": VisitPage.of(row, place=office_row(row.office), phone=phone),
        },
    )


def _day(request: StaffRequest, office: str, day: date) -> HttpResponse:
    _own(request, office)
    # Before the rows: what comes in between is looked at again.
    version = day_version(office=office, day=day)
    rows = day_list(office=office, day=day, actor=request.actor)
    since, frame = since_print(rows, office=office, day=day), _frame(request, office, day)
    stops = stop_notices(day, office_code=office)
    return render(
        request,
        "office/day.html",
        {
            **frame,
            "day": OfficeDay.of(day, rows, since=since, stops=stops),
            "print_note": print_note(since),
            "version": _version(version, stops),
            "seen_at": f"{clock.to_jst(clock.now()):%H:%M}",
        },
    )


@open_to(Permission.OFFICE_RESERVATION_READ)
@require_safe
def show_version(request: StaffRequest, office: str, day: date) -> HttpResponse:
    """Say whether a day list is still as it was shown; nobody is seen, so nothing is on record."""
    _own(request, office)
    stops = stop_notices(day, office_code=office)
    return JsonResponse({"version": _version(day_version(office=office, day=day), stops)})


def _version(of_day: str, stops: Sequence[StopNotice]) -> str:
    return hashlib.sha256(f"{of_day} {stops}".encode()).hexdigest()[:16]


def _frame(request: StaffRequest, office: str, day: date) -> Mapping[str, object]:
    days = days_shown(office)
    people = visits_by_day(office=office, first=days[0], last=days[-1])
    return {
        "place": office_row(office),
        "secretariat_phone": program().secretariat_phone,
        "notices": [row for row in shown_announcements() if row.kind != "INFORMATION"],
        "stops": stop_notices(day, office_code=office),
        "tabs": tabs(days, day, people),
        "has_several": len(_offices(request)) > 1,
    }


def _offices(request: StaffRequest) -> tuple[str, ...]:
    """Return where this person works; on a shared tablet only the office it stands in."""
    mine = offices_of(request.user.pk)
    if DEVICE not in request.session:
        return mine
    tablet = device_of(read_cookie(request, DEVICE_COOKIE))
    return tuple(code for code in mine if tablet and code == tablet.office_code)


def _own(request: StaffRequest, office: str) -> None:
    if office not in _offices(request):
        raise NotVisible
