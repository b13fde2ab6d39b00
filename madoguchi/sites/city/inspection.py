"""検査・監査: read-only pages over the contractor's work that open no person (仕様書 7)."""

from datetime import timedelta
from typing import Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.roles import ROLE_NAMES, Zone
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.accounts.selectors import accounts
from madoguchi.common import clock, era
from madoguchi.common.errors import Refusal
from madoguchi.common.references import ReferenceUnreadable, read_reference, show_reference
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import format_hours, offices, usual_hours
from madoguchi.panels import downloads
from madoguchi.reservations.labels import state_of
from madoguchi.reservations.search import PAGE_SIZE, Search, search_masked
from madoguchi.web.days import TermDayField, parse_filter_day
from madoguchi.web.forms import add_refusal
from madoguchi.web.lists import (
    DateField,
    Filter,
    choice_filter,
    page_number,
    page_of,
    typed_text,
    unread_day,
    unread_in,
    without,
)
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.privacy.evidence import collect_evidence

USUAL_DAYS: Final = 30
STATUSES: Final = [("BOOKED", "予約中"), ("CANCELLED", "取消し")]
ZONES: Final = {Zone.CONTRACTOR: "受託事業者", Zone.CITY: "本市"}


class EvidenceForm(forms.Form):
    """The period of the evidence, both days included."""

    first = TermDayField(label="最初の日")
    last = TermDayField(label="最後の日")

    def clean(self) -> dict[str, object]:
        """Refuse a period that ends before it begins."""
        cleaned = super().clean() or {}
        if "first" in cleaned and "last" in cleaned and cleaned["first"] > cleaned["last"]:
            self.add_error("last", "最初の日より後の日にしてください")
        return cleaned


@open_to(Permission.INSPECTION_EVIDENCE_READ)
@require_safe
def show_evidence(request: StaffRequest) -> HttpResponse:
    """Show what the evidence holds, and the form for its period."""
    today = clock.today()
    form = EvidenceForm(initial={"first": today - timedelta(USUAL_DAYS - 1), "last": today})
    return render(request, "city/evidence.html", {"form": form})


@open_to(Permission.INSPECTION_EVIDENCE_READ)
@require_safe
def take_evidence(request: StaffRequest) -> HttpResponse:
    """Give the archive of a period; that it was taken is on record with its digest."""
    form = EvidenceForm(request.GET)
    if form.is_valid():
        try:
            chosen = form.cleaned_data
            made = collect_evidence(first=chosen["first"], last=chosen["last"], actor=request.actor)
        except Refusal as refusal:
            add_refusal(form, refusal, field="first")
        else:
            return downloads.answer(made.content, name="evidence", kind="zip")
    return render(request, "city/evidence.html", {"form": form})


@open_to(Permission.INSPECTION_RESERVATION_READ)
@require_safe
def show_reservations(request: StaffRequest) -> HttpResponse:
    """List reservations without the people; who saw one is found by its reference in the audit trail."""
    query = request.GET
    places = {row.code: row.short_name for row in offices()}
    kinds = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    filters = (
        Filter(
            label="来局日",
            chosen="–".join(query.get(name, "") for name in ("from", "to")).strip("–"),
            clear_url=without(query, "from", "to"),
            dates=tuple(
                DateField(name, label, query.get(name, ""), unread_day(query, name))
                for name, label in (("from", "から"), ("to", "まで"))
            ),
        ),
        choice_filter(name="office", label="郵便局", choices=places.items(), query=query),
        choice_filter(name="status", label="状態", choices=STATUSES, query=query),
    )
    unread, text = unread_in(query, filters), typed_text(query, "reference")
    try:
        reference = read_reference(text) if text else ""
    except ReferenceUnreadable as refusal:
        unread = [*unread, refusal.message]
    rows, total, number = ([], 0, 1) if unread else search_masked(
        Search(
            text=reference,
            first=parse_filter_day(query.get("from", "")),
            last=parse_filter_day(query.get("to", "")),
            offices=tuple(code for code in places if code in query.getlist("office")),
            statuses=tuple(code for code, _ in STATUSES if code in query.getlist("status")),
            order="-starts_at",
            page=page_number(query.get("page", "")),
        ),
        scope=EVERYWHERE,
    )  # fmt: skip
    return render(
        request,
        "city/reservations.html",
        {
            "filters": filters,
            "reference": text,
            "unread": unread,
            "page": page_of(number=number, size=PAGE_SIZE, total=total),
            "rows": [
                {
                    "key": row.reference,
                    "reference": show_reference(row.reference),
                    "when": era.staff_datetime(row.starts_at),
                    "office": places[row.office],
                    "procedures": "・".join(kinds[code] for code in row.procedures),
                    "state": state_of(row),
                    "channel": row.channel_label,
                    "booked": era.staff_datetime(row.booked_at),
                }
                for row in rows
            ],
        },
    )


@open_to(Permission.INSPECTION_OFFICE_READ)
@require_safe
def show_offices(request: StaffRequest) -> HttpResponse:
    """List the offices with their hours, and the way to their rules and changes."""
    hours = usual_hours(clock.today())
    rows = [
        {
            "code": row.code,
            "name": row.name,
            "ward": row.ward_name,
            "wave": row.wave_name,
            "opens_on": era.staff_day(row.opens_on),
            "hours": format_hours(hours.get(row.code, ())),
            "address": row.address,
        }
        for row in offices()
    ]
    return render(request, "city/offices.html", {"rows": rows})


@open_to(Permission.INSPECTION_ACCOUNT_READ)
@require_safe
def show_accounts(request: StaffRequest) -> HttpResponse:
    """List who works here, in both zones, with their roles and whether they may sign in."""
    rows = [
        {
            "name": row.display_name,
            "organisation": row.organisation,
            "zone": ZONES[row.zone],
            "roles": "・".join(ROLE_NAMES[role] for role in row.roles),
            "offices": "・".join(row.offices),
            "leaves_on": era.staff_day(row.leaves_on) if row.leaves_on else "",
            "last_login": era.staff_datetime(row.last_login) if row.last_login else "",
            "state": ("done", "利用中") if row.is_open else ("cancelled", "停止"),
        }
        for zone in ZONES
        for row in accounts(zone=zone)
    ]
    return render(request, "city/staff.html", {"rows": rows})
