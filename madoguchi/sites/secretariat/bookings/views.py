"""Search, open and export reservations; every access to a person is recorded (仕様書 4(3)ア, 4(6)ア)."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.selectors import entries_about
from madoguchi.common import clock, era
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.common.references import ReferenceUnreadable, read_reference, show_reference
from madoguchi.contract.selectors import belongings_for, procedures
from madoguchi.notifications.selectors import mails_about
from madoguchi.offices.selectors import office, offices
from madoguchi.panels import downloads
from madoguchi.reservations.search import PAGE_SIZE, SearchPage
from madoguchi.reservations.selectors import (
    companions,
    reservation_by_reference,
    standing_check,
    visit_of,
)
from madoguchi.reservations.services import check_completeness, undo_check
from madoguchi.sites.secretariat.bookings.forms import ExportForm, RevealForm
from madoguchi.sites.secretariat.bookings.lists import filters_of, list_page, search_of
from madoguchi.sites.secretariat.bookings.presenters import (
    ACCESS_EVENTS,
    EVENTS,
    BookingEvent,
    BookingLine,
    Panel,
    Together,
    events_of,
)
from madoguchi.web.actors import names
from madoguchi.web.lists import page_of, typed_text, unread_in, with_values
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import seen_in
from madoguchi.workflows.booking.documents import (
    booking_letter_document,
    booking_slip_document,
    list_document,
    list_name,
)
from madoguchi.workflows.callcentre import calls
from madoguchi.workflows.outage.notices import stop_notices
from madoguchi.workflows.privacy import exports
from madoguchi.workflows.privacy.access import (
    ACCESS_REASONS,
    AccessReason,
    ExportReason,
    export_people,
    open_reservation,
    search_people,
    unmask,
)

CHECK_ORDER = "booked_at"


@open_to(Permission.SECRETARIAT_RESERVATION_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def show_list(request: StaffRequest) -> HttpResponse:
    """Show the search and, beside it, the reservation that is open; a POST shows a masked value of it."""
    return _list(request, revealed=_revealed(request))


@open_to(Permission.SECRETARIAT_RESERVATION_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def show_checks(request: StaffRequest) -> HttpResponse:
    """List the unchecked reservations, the oldest first (仕様書 4(6)ア)."""
    return _list(request, checks=True, revealed=_revealed(request))


def _revealed(request: StaffRequest) -> str:
    """Return which masked value is to be shown, once the reason for it is on record."""
    form = RevealForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return ""
    what: str = form.cleaned_data["what"]
    unmask(
        reservation_id=reservation_by_reference(_asked(request), scope=EVERYWHERE),
        what=what,
        reason=AccessReason(form.cleaned_data["reason"]),
        actor=request.actor,
    )
    return what


def _asked(request: StaffRequest) -> str:
    """Return the reference of the reservation to open, "" for none and for nonsense."""
    try:
        return read_reference(typed_text(request.GET, "open"))
    except ReferenceUnreadable:
        return ""


def opened(reference: str, within: StaffRequest | None = None) -> str:
    """Return the address of a list with one reservation open: of the list that a page was opened from."""
    path, _, query = (within.GET.get("list", "") if within else "").partition("?")
    if path not in {reverse("secretariat:reservations-list"), reverse("secretariat:checks-list")}:
        return f"{reverse('secretariat:reservations-list')}?q={reference}&open={reference}"
    return path + with_values(QueryDict(query), open=reference)


def _list(request: StaffRequest, *, revealed: str, checks: bool = False) -> HttpResponse:
    query = request.GET.copy()
    if checks:
        query["unchecked"] = "1"
    around = list_page(query, order=CHECK_ORDER if checks else "starts_at", checks=checks)
    found = (
        SearchPage([], total=0, page=1)
        if around.unread
        else search_people(query=around.search, actor=request.actor, scope=EVERYWHERE)
    )
    short_offices = {row.code: row.short_name for row in offices()}
    short_procedures = {row.code: row.short_name for row in procedures(enabled_only=False)}
    reference = _asked(request)
    around_url = with_values(request.GET, open=None, checked=None)
    open_url = f"{around_url}{'' if around_url == '?' else '&'}open="
    return render(
        request,
        "secretariat/bookings/list.html",
        {
            "checks": checks,
            "undoable": _just_checked(request),
            # What is opened from here, and changed there, comes back to this list.
            "from_here": urlencode({"list": request.path + around_url}),
            "stops": stop_notices(clock.today()),
            "q": around.search.text,
            "filters": around.filters,
            "columns": around.columns,
            "order": around.order,
            "narrowed": around.narrowed,
            "unread": around.unread,
            "page": page_of(number=found.page, size=PAGE_SIZE, total=found.total),
            "rows": [
                BookingLine.of(
                    row,
                    offices=short_offices,
                    procedures=short_procedures,
                    url=f"{open_url}{row.reference}",
                )
                for row in found.rows
            ],
            "panel": _panel(request, reference, revealed) if reference else None,
            "close_url": around_url,
            "export_url": f"{reverse('secretariat:reservations-export')}?{query.urlencode()}",
            "files": downloads.CHOICES,
            "take_reasons": downloads.REASONS,
            "look_reasons": ACCESS_REASONS.items(),
        },
    )


def _just_checked(request: StaffRequest) -> dict[str, str] | None:
    """Return the check that was made on the page before, while it stands: it can be taken back."""
    try:
        reference = read_reference(typed_text(request.GET, "checked"))
    except ReferenceUnreadable:
        return None
    at = standing_check(reference, scope=EVERYWHERE)
    return (
        {"key": reference, "reference": show_reference(reference), "checked_at": at.isoformat()}
        if at
        else None
    )


def _panel(request: StaffRequest, reference: str, revealed: str) -> Panel:
    row = open_reservation(
        reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
        actor=request.actor,
        scope=EVERYWHERE,
    )
    return Panel.of(
        row,
        office=office(row.office).name,
        procedures=_procedure_names(row.procedures),
        belongings=belongings_for(row.procedures),
        events=_events(row.id, list(EVENTS)),
        together=[
            Together(
                show_reference(each.reference),
                opened(each.reference),
                f"{era.staff_datetime(each.starts_at)} {office(each.office).short_name}"
                + ("" if each.is_booked else "（取消し）"),
            )
            for each in companions(row, scope=EVERYWHERE)
        ],
        revealed=revealed,
    )


def _procedure_names(codes: Sequence[str]) -> list[str]:
    return [row.name for row in procedures(enabled_only=False) if row.code in codes]


def _events(reservation_id: uuid.UUID, actions: Sequence[str]) -> list[BookingEvent]:
    entries = entries_about(f"reservation:{reservation_id}", actions=actions)
    name = names(entry.actor for entry in entries)
    return events_of(entries, mails_about(str(reservation_id)), name=name)


@open_to(Permission.SECRETARIAT_RESERVATION_READ)
@require_safe
def show_history(request: StaffRequest, reference: str) -> HttpResponse:
    """Show the history of a reservation, with every access to it."""
    row = open_reservation(
        reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
        actor=request.actor,
        scope=EVERYWHERE,
    )
    return render(
        request,
        "secretariat/bookings/history.html",
        {
            "reference": show_reference(row.reference),
            "back": opened(row.reference, request),
            "events": _events(row.id, [*EVENTS, *ACCESS_EVENTS]),
        },
    )


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
@require_POST
def check(request: StaffRequest, reference: str) -> HttpResponse:
    """Record the check of a reservation, and open the next unchecked one (仕様書 4(6)ア)."""
    try:
        check_completeness(
            reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
            actor=request.actor,
            seen=seen_in(request),
        )
    except ContentChanged:
        raise ContentChanged(page=opened(reference, request)) from None
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(opened(reference, request))
    if "checks" not in request.POST:
        messages.success(request, f"{show_reference(reference)} を確認済にしました。")
        return redirect(opened(reference, request))
    around = QueryDict(request.GET.get("list", "").partition("?")[2]).copy()
    around["unchecked"] = "1"
    waiting = search_people(
        query=search_of(around, order=CHECK_ORDER), actor=request.actor, scope=EVERYWHERE
    ).rows
    del around["unchecked"]
    url = reverse("secretariat:checks-list")
    return redirect(
        url + with_values(around, checked=reference, open=waiting[0].reference if waiting else None)
    )


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
@require_POST
def uncheck(request: StaffRequest, reference: str) -> HttpResponse:
    """Take back the check that the page named, and show the reservation again (仕様書 4(6)ア)."""
    try:
        checked_at = datetime.fromisoformat(request.POST.get("checked_at", ""))
    except ValueError:
        return redirect(opened(reference, request))
    if undo_check(
        reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
        checked_at=checked_at,
        actor=request.actor,
    ):
        messages.success(
            request, f"{show_reference(reference)} の確認を取り消しました。確認待ちに戻りました。"
        )
    return redirect(opened(reference, request))


@open_to(Permission.SECRETARIAT_EXPORT_READ)
@require_POST
def export(request: StaffRequest) -> HttpResponse:
    """Make a file of the list of this address; everyone in it is on record, with the reason (仕様書 4(3)ア).

    One office's day is given at once, anything longer is made by a job.
    """
    form = ExportForm(request.POST)
    back = f"{reverse('secretariat:reservations-list')}?{request.GET.urlencode()}"
    if not form.is_valid():
        messages.error(request, "書き出す用途と形式を選んでください。")
        return redirect(back)
    if unread_in(request.GET, filters_of(request.GET)):
        return redirect(back)
    kind, reason = form.cleaned_data["file"], ExportReason(form.cleaned_data["reason"])
    query = search_of(request.GET)
    if not exports.is_short(query):
        exports.request_export(query=query, kind=kind, reason=reason, actor=request.actor)
        return redirect("secretariat:exports-list")
    try:
        rows = export_people(query=query, what=kind, reason=reason, actor=request.actor, scope=EVERYWHERE)
        by = request.user.display_name
        content = list_document(rows, query=query, kind=kind, reason=reason, by=by)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    return downloads.answer(content, name=list_name(query, kind=kind), kind=kind)


@open_to(Permission.SECRETARIAT_EXPORT_READ)
@require_POST
def take_slip(request: StaffRequest, reference: str) -> HttpResponse:
    """Return the 予約の控え of one person as PDF, to be posted; recorded as exported (仕様書 4(5)イ)."""
    row = calls.print_slip(
        reservation_id=reservation_by_reference(reference, scope=EVERYWHERE), actor=request.actor
    )
    return downloads.answer(booking_slip_document(row), name="slip", kind="pdf")


@open_to(Permission.SECRETARIAT_EXPORT_READ)
@require_POST
def take_letter(request: StaffRequest, reference: str) -> HttpResponse:
    """Return the 予約のお知らせ for who has no mail, with the address; recorded as exported (仕様書 4(5)イ).

    A visit that is cancelled or over leads back to its page.
    """
    reservation_id = reservation_by_reference(reference, scope=EVERYWHERE)
    visit = visit_of(reservation_id, scope=EVERYWHERE)
    if not visit.is_booked or visit.starts_at <= clock.now():
        messages.error(request, "取り消した予約と、来局日を過ぎた予約の手紙は作れません。")
        return redirect(opened(reference, request))
    row = calls.print_slip(reservation_id=reservation_id, actor=request.actor, paper="letter")
    return downloads.answer(booking_letter_document(row), name="letter", kind="pdf")
