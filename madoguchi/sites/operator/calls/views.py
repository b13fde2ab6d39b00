"""Reminder calls to people without mail, on the business day before the visit (仕様書 4(5)ウ)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final
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
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import office, offices
from madoguchi.panels.call_lists import ABSENT, REACHED, CallLine, CallResult, Undo, call_state
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

RESULTS: Final = (
    CallResult("reached", REACHED, "o", is_main=True),
    CallResult("absent", ABSENT, "x"),
)


class CallForm(forms.Form):
    """The result of one call, or that the latest was a slip."""

    reservation = forms.UUIDField()
    after = NumberField(min_value=0)
    outcome = forms.ChoiceField(choices=[("reached", ""), ("absent", ""), ("undo", "")])


@open_to(Permission.OPERATOR_RESERVATION_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def show_list(request: StaffRequest) -> HttpResponse:
    """List the people to call today, one of them with the number; a POST records the result of a call."""
    day, unread = _day(request), _unread_day(request)
    if request.method == "POST":
        form = CallForm(request.POST)
        if form.is_valid():
            return _record(request, form, day)
    rows = [] if unread else calls.calls_to_make(day=day, actor=request.actor)
    opened = next((row for row in rows if str(row.visit.id) == request.GET.get("open")), None)
    phone = ""
    if opened:
        found = phones_for_calls(reservations=[opened.visit.id], actor=request.actor, scope=EVERYWHERE)
        phone = show_phone(found[opened.visit.id])
    done = next((row for row in rows if str(row.visit.id) == request.GET.get("done") and row.tries), None)
    lines = _lines(rows, day, opened=opened, phone=phone, after=done)
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
            "chosen": next((line for line in lines if line.is_open), None),
            "results": RESULTS,
            "fields": _fields(opened, day) if opened else (),
            "undo": Undo(done.visit.name, REACHED if done.reached else ABSENT, _fields(done, day))
            if done
            else None,
            "column": _script_column(opened),
        },
    )


def _lines(
    rows: Sequence[CallRow], day: date, *, opened: CallRow | None, phone: str, after: CallRow | None
) -> list[CallLine]:
    """Return the lines; the keyboard begins at the open one, else at the next who was not reached."""
    places = {row.code: row.short_name for row in offices()}
    short = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    following = rows[rows.index(after) + 1 :] if after else rows
    to_call = next((row for row in [*following, *rows] if not row.reached and row is not after), None)
    lines = []
    for row in rows:
        visit, (tone, state) = row.visit, call_state(tries=row.tries, reached=row.reached)
        names = "・".join(short[code] for code in visit.procedures)
        lines.append(
            CallLine(
                when=f"{clock.to_jst(visit.starts_at):%H:%M}",
                place=places[visit.office],
                name=visit.name,
                kana=visit.name_kana,
                phone=phone if row is opened else visit.phone,
                about="　".join([names, *needs_labels(visit.needs)]),
                tone=tone,
                state=state,
                url=f"{_address(day)}&open={visit.id}",
                is_open=row is opened,
                has_focus=row is (opened or to_call),
            )
        )
    return lines


def _fields(row: CallRow, day: date) -> tuple[tuple[str, str], ...]:
    return (("day", day.isoformat()), ("reservation", str(row.visit.id)), ("after", str(row.tries)))


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
    reservation_id, after = form.cleaned_data["reservation"], form.cleaned_data["after"]
    outcome = form.cleaned_data["outcome"]
    try:
        if outcome == "undo":
            calls.undo_call(reservation_id=reservation_id, after=after, actor=request.actor)
            return redirect(f"{_address(day)}&open={reservation_id}")
        calls.record_call(
            reservation_id=reservation_id, reached=outcome == "reached", after=after, actor=request.actor
        )
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    return redirect(f"{_address(day)}&done={reservation_id}")


def _address(day: date) -> str:
    return f"{reverse('operator:calls-list')}?day={day.isoformat()}"


def _day(request: StaffRequest) -> date:
    """Return the day of the visits that is asked for: today's calls unless another is named."""
    return parse_filter_day(_typed_day(request)) or calls.reminder_day()


def _typed_day(request: StaffRequest) -> str:
    return request.POST.get("day", request.GET.get("day", ""))


def _unread_day(request: StaffRequest) -> str:
    return unread_day(request.POST if "day" in request.POST else request.GET, "day")
