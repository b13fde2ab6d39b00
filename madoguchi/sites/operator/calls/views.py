"""Reminder calls to people without mail, on the business day before the visit (仕様書 4(5)ウ)."""

import uuid
from dataclasses import dataclass, replace
from datetime import date
from typing import Self
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock, era
from madoguchi.common.errors import Refusal
from madoguchi.common.phones import show_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import office, offices
from madoguchi.panels.scripts import scripts
from madoguchi.reservations.labels import needs_labels
from madoguchi.reservations.selectors import CallRow
from madoguchi.sites.operator.frame import page
from madoguchi.sites.operator.script_column import ScriptColumn, script_column
from madoguchi.web.days import parse_filter_day
from madoguchi.web.forms import NumberField
from madoguchi.web.lists import unread_day
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.booking.documents import call_list_document
from madoguchi.workflows.callcentre import calls
from madoguchi.workflows.privacy.access import phones_for_calls


class CallForm(forms.Form):
    """The result of one call."""

    reservation = forms.UUIDField()
    after = NumberField(min_value=0)
    outcome = forms.ChoiceField(choices=[("reached", ""), ("absent", ""), ("phone", "")])


@dataclass(frozen=True, slots=True)
class ReminderCallLine:
    """One person to be called."""

    id: uuid.UUID
    reference: str
    name: str
    kana: str
    when: str
    place: str
    procedures: str
    needs: str
    phone: str
    is_open: bool
    tries: int
    tone: str
    state: str

    @classmethod
    def of(cls, row: CallRow, *, places: dict[str, str], short: dict[str, str], phone: str) -> Self:
        """Return the line; the number is masked unless `phone` gives it."""
        visit = row.visit
        if row.reached:
            tone, state = "done", "つながった"
        elif row.tries:
            tone, state = "running", f"不在 {row.tries}回"
        else:
            tone, state = "neutral", "未連絡"
        return cls(
            id=visit.id,
            reference=show_reference(visit.reference),
            name=visit.name,
            kana=visit.name_kana,
            when=era.staff_datetime(visit.starts_at),
            place=places[visit.office],
            procedures="・".join(short[code] for code in visit.procedures),
            needs="・".join(needs_labels(visit.needs)),
            phone=phone or visit.phone,
            is_open=bool(phone),
            tries=row.tries,
            tone=tone,
            state=state,
        )


@open_to(Permission.OPERATOR_RESERVATION_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def show_list(request: StaffRequest) -> HttpResponse:
    """List the people to call today; a POST shows a number or records the result of a call."""
    day, unread = _day(request), _unread_day(request)
    opened: dict[uuid.UUID, str] = {}
    if request.method == "POST":
        form = CallForm(request.POST)
        if form.is_valid():
            target, outcome = form.cleaned_data["reservation"], form.cleaned_data["outcome"]
            if outcome == "phone":
                opened = phones_for_calls(reservations=[target], actor=request.actor, scope=EVERYWHERE)
            else:
                return _record(request, form, day)
    rows = [] if unread else calls.calls_to_make(day=day, actor=request.actor)
    places = {row.code: row.short_name for row in offices()}
    short = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    lines = [
        ReminderCallLine.of(row, places=places, short=short, phone=show_phone(opened.get(row.visit.id, "")))
        for row in rows
    ]
    return page(
        request,
        "calls/list",
        {
            "day": _typed_day(request) if unread else day.isoformat(),
            "unread": [unread] if unread else [],
            "day_words": era.staff_day(day),
            "is_default": day == calls.reminder_day(),
            "lines": lines,
            "left": sum(not row.reached for row in rows),
            "column": _script_column(next((row for row in rows if row.visit.id in opened), None)),
        },
    )


@open_to(Permission.OPERATOR_RESERVATION_READ)
@require_POST
def print_list(request: StaffRequest) -> HttpResponse:
    """Return the list of those not reached yet as PDF, with the numbers; recorded as exported."""
    if _unread_day(request):
        return redirect(f"{reverse('operator:calls-list')}?{urlencode({'day': _typed_day(request)})}")
    rows = calls.export_call_list(day=_day(request), actor=request.actor)
    paper = call_list_document(rows, by=request.user.display_name)
    response = HttpResponse(paper, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="calls-{clock.today():%Y%m%d}.pdf"'
    return response


def _script_column(row: CallRow | None) -> ScriptColumn:
    """Return the script for the open number: nothing of the visit before the name."""
    if row is None:
        return script_column("script.third_party")
    visit = row.visit
    words = calls.words_for_call(
        text="script.reminder_call", name=visit.name, place=visit.office, at=visit.starts_at
    )
    found = script_column(codes=visit.procedures, place=office(visit.office))
    return replace(found, now=scripts(words))


def _record(request: StaffRequest, form: CallForm, day: date) -> HttpResponse:
    try:
        calls.record_call(
            reservation_id=form.cleaned_data["reservation"],
            reached=form.cleaned_data["outcome"] == "reached",
            after=form.cleaned_data["after"],
            actor=request.actor,
        )
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    return redirect(_address(day))


def _address(day: date) -> str:
    return f"{reverse('operator:calls-list')}?day={day.isoformat()}"


def _day(request: StaffRequest) -> date:
    """Return the day of the visits that is asked for: today's calls unless another is named."""
    return parse_filter_day(_typed_day(request)) or calls.reminder_day()


def _typed_day(request: StaffRequest) -> str:
    return request.POST.get("day", request.GET.get("day", ""))


def _unread_day(request: StaffRequest) -> str:
    return unread_day(request.POST if "day" in request.POST else request.GET, "day")
