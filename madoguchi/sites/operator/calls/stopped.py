"""Calls to affected people without mail, by the time of the visit (仕様書 4(3)ア, 4(5)ウ)."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import era
from madoguchi.common.errors import NotVisible
from madoguchi.common.phones import show_phone
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import office, offices
from madoguchi.panels.scripts import scripts
from madoguchi.reservations.disruption_lists import DisruptedRow, visits_to_call
from madoguchi.reservations.disruptions import mark_called
from madoguchi.sites.operator import callers
from madoguchi.sites.operator.frame import page
from madoguchi.sites.operator.script_column import ScriptColumn, script_column
from madoguchi.web.forms import NumberField
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import seen_in
from madoguchi.workflows.callcentre.calls import words_for_call
from madoguchi.workflows.privacy.access import phones_for_calls, record_access


class ToldForm(forms.Form):
    """The result of one call."""

    visit = NumberField(min_value=1)
    outcome = forms.ChoiceField(choices=[("phone", ""), ("notified", ""), ("open", "")])


@dataclass(frozen=True, slots=True)
class DisruptionCallLine:
    """One person to be called."""

    id: int
    when: str
    place: str
    name: str
    kana: str
    procedures: str
    phone: str
    is_open: bool
    is_reinstated: bool
    seen: str

    @classmethod
    def of(cls, row: DisruptedRow, *, places: dict[str, str], short: dict[str, str], phone: str) -> Self:
        """Return the line; the number is masked unless `phone` gives it."""
        visit = row.visit
        return cls(
            id=row.id,
            when=era.staff_datetime(row.was_at),
            place=places[visit.office],
            name=visit.name,
            kana=visit.name_kana,
            procedures="・".join(short[code] for code in visit.procedures),
            phone=phone or visit.phone,
            is_open=bool(phone),
            is_reinstated=row.needs_reinstatement_notice,
            seen=row.shown,
        )


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def show_list(request: StaffRequest) -> HttpResponse:
    """List the affected people to call; a POST shows a number or records the result of a call."""
    rows = visits_to_call(scope=EVERYWHERE)
    called, phone = None, ""
    form = ToldForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        visit_id = form.cleaned_data["visit"]
        if form.cleaned_data["outcome"] == "notified":
            with suppress(NotVisible):
                mark_called(visit_id=visit_id, actor=request.actor, seen=seen_in(request))
                return redirect("operator:stopped-list")
        called = next((row for row in rows if row.id == visit_id), None)
        if called and form.cleaned_data["outcome"] == "open":
            if callers.has_booking(request):
                messages.warning(request, callers.BUSY)
                return redirect("operator:stopped-list")
            callers.begin_rung(request, called.visit.reference)
            return redirect("operator:visits-show", reference=called.visit.reference)
        if called:
            found = phones_for_calls(reservations=[called.visit.id], actor=request.actor, scope=EVERYWHERE)
            phone = show_phone(found[called.visit.id])
    record_access(rows=[row.visit for row in rows], actor=request.actor)
    places = {row.code: row.short_name for row in offices()}
    short = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    lines = [
        DisruptionCallLine.of(row, places=places, short=short, phone=phone if row is called else "")
        for row in rows
    ]
    return page(request, "calls/stopped", {"lines": lines, "column": _script_column(called)})


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
