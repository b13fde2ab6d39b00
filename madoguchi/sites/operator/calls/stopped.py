"""Calls to affected people without mail, by the time of the visit (仕様書 4(3)ア, 4(5)ウ)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import era
from madoguchi.common.errors import NotVisible
from madoguchi.common.phones import show_phone
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import office, offices
from madoguchi.panels.call_lists import TOLD, CallLine, CallResult, Undo
from madoguchi.panels.scripts import scripts
from madoguchi.reservations.disruption_lists import DisruptedRow, notified_visit, visits_to_call
from madoguchi.reservations.disruptions import mark_called, undo_called
from madoguchi.sites.operator import callers
from madoguchi.sites.operator.frame import page
from madoguchi.sites.operator.script_column import ScriptColumn, script_column
from madoguchi.web.forms import NumberField
from madoguchi.web.lists import whole_number
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import seen_in
from madoguchi.workflows.callcentre.calls import words_for_call
from madoguchi.workflows.privacy.access import phones_for_calls, record_access


class ToldForm(forms.Form):
    """The result of one call, or that the latest was a slip."""

    visit = NumberField(min_value=1)
    outcome = forms.ChoiceField(choices=[("notified", ""), ("open", ""), ("undo", "")])


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def show_list(request: StaffRequest) -> HttpResponse:
    """List the affected people to call, one of them with the number; a POST records the result of a call."""
    form = ToldForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with suppress(NotVisible):
            return _record(request, form)
    rows = visits_to_call(scope=EVERYWHERE)
    opened = next((row for row in rows if str(row.id) == request.GET.get("open")), None)
    phone = ""
    if opened:
        found = phones_for_calls(reservations=[opened.visit.id], actor=request.actor, scope=EVERYWHERE)
        phone = show_phone(found[opened.visit.id])
    record_access(rows=[row.visit for row in rows], actor=request.actor)
    lines = _lines(rows, opened=opened, phone=phone)
    return page(
        request,
        "calls/stopped",
        {
            "lines": lines,
            "chosen": next((line for line in lines if line.is_open), None),
            "results": _results(opened) if opened else (),
            "fields": _fields(opened) if opened else (),
            "undo": _undo(request),
            "column": _script_column(opened),
        },
    )


def _record(request: StaffRequest, form: ToldForm) -> HttpResponse:
    """Do what a button says. Raises NotVisible."""
    visit_id, outcome = form.cleaned_data["visit"], form.cleaned_data["outcome"]
    here = reverse("operator:stopped-list")
    if outcome == "notified":
        mark_called(visit_id=visit_id, actor=request.actor, seen=seen_in(request))
        return redirect(f"{here}?done={visit_id}")
    if outcome == "undo":
        undo_called(visit_id=visit_id, actor=request.actor, seen=seen_in(request))
        return redirect(f"{here}?open={visit_id}")
    called = next((row for row in visits_to_call(scope=EVERYWHERE) if row.id == visit_id), None)
    if called is None:
        raise NotVisible
    if callers.has_booking(request):
        messages.warning(request, callers.BUSY)
        return redirect(here)
    callers.begin_rung(request, called.visit.reference)
    return redirect("operator:visits-show", reference=called.visit.reference)


def _lines(rows: Sequence[DisruptedRow], *, opened: DisruptedRow | None, phone: str) -> list[CallLine]:
    """Return the lines; the keyboard begins at the open one, else at the first."""
    places = {row.code: row.short_name for row in offices()}
    short = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    return [
        CallLine(
            when=era.staff_datetime(row.was_at),
            place=places[row.visit.office],
            name=row.visit.name,
            kana=row.visit.name_kana,
            phone=phone if row is opened else row.visit.phone,
            about="・".join(short[code] for code in row.visit.procedures),
            tone="running" if row.needs_reinstatement_notice else "attention",
            state="予定どおりと伝える" if row.needs_reinstatement_notice else "日時の変更を伝える",
            url=f"?open={row.id}",
            is_open=row is opened,
            has_focus=row is (opened or rows[0]),
        )
        for row in rows
    ]


def _results(row: DisruptedRow) -> tuple[CallResult, ...]:
    told = CallResult("notified", TOLD, "o", is_main=row.needs_reinstatement_notice)
    if row.needs_reinstatement_notice:
        return (told,)
    return (CallResult("open", "日時を変更する", "e", is_main=True), told)


def _fields(row: DisruptedRow) -> tuple[tuple[str, str], ...]:
    return (("visit", str(row.id)), ("seen", row.shown))


def _undo(request: StaffRequest) -> Undo | None:
    done = whole_number(request.GET.get("done", ""))
    row = notified_visit(done, scope=EVERYWHERE) if done else None
    return Undo(row.visit.name, TOLD, _fields(row)) if row else None


def _script_column(row: DisruptedRow | None) -> ScriptColumn:
    """Return the script for the open number: nothing of the visit before the name."""
    if row is None:
        return script_column("script.third_party")
    visit = row.visit
    words = words_for_call(
        text="script.as_planned_call" if row.needs_reinstatement_notice else "script.disruption_call",
        name=visit.name,
        place=visit.office,
        at=row.was_at,
    )
    return replace(script_column(codes=visit.procedures, place=office(visit.office)), now=scripts(words))
