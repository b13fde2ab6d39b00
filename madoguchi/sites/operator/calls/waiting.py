"""Offers to people on the waiting list who have no mail: called, and answered for (仕様書 4(3)ア, 4(5)ウ)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import era
from madoguchi.common.errors import Refusal
from madoguchi.common.phones import mask_phone, show_phone
from madoguchi.common.references import show_reference
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import office
from madoguchi.panels import waiting_people
from madoguchi.panels.call_lists import ABSENT, CallLine, CallResult, Undo, call_state
from madoguchi.panels.scripts import scripts
from madoguchi.reservations.labels import needs_labels
from madoguchi.reservations.waiting import wait
from madoguchi.reservations.waiting_entries import WaitRow
from madoguchi.sites.operator import callers
from madoguchi.sites.operator.frame import page
from madoguchi.sites.operator.grid import CHANNEL
from madoguchi.sites.operator.script_column import ScriptColumn, script_column
from madoguchi.web.forms import NumberField
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.booking import waiting
from madoguchi.workflows.callcentre import calls

RESULTS: Final = (
    CallResult("book", "この日時で予約", "b", is_main=True),
    CallResult("absent", ABSENT, "x"),
    CallResult("leave", "取りやめ", "l"),
)


class AnswerForm(forms.Form):
    """The result of one call, or that the latest was a slip."""

    wait = forms.UUIDField()
    after = NumberField(min_value=0)
    outcome = forms.ChoiceField(choices=[("absent", ""), ("book", ""), ("leave", ""), ("undo", "")])


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def show_list(request: StaffRequest) -> HttpResponse:
    """List the people to call about an offer, one of them with the number; a POST records the answer."""
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _answer(request, form)
    rows = calls.offers_to_call(actor=request.actor)
    opened = next((row for row in rows if str(row.id) == request.GET.get("open")), None)
    if opened:
        calls.record_number_shown(wait_id=opened.id, actor=request.actor)
    done = next((row for row in rows if str(row.id) == request.GET.get("done") and row.tries), None)
    lines = _lines(rows, opened=opened, after=done)
    return page(
        request,
        "calls/waiting",
        {
            "lines": lines,
            "chosen": next((line for line in lines if line.is_open), None),
            "results": RESULTS,
            "fields": _fields(opened) if opened else (),
            "undo": Undo(done.person.name, ABSENT, _fields(done)) if done else None,
            "column": _script_column(opened),
        },
    )


def _lines(rows: Sequence[WaitRow], *, opened: WaitRow | None, after: WaitRow | None) -> list[CallLine]:
    """Return the lines; the keyboard begins at the open one, else at the next."""
    short = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    to_call = next((row for row in [*(rows[rows.index(after) + 1 :] if after else ()), *rows]), None)
    lines = []
    for row in rows:
        person, (tone, state) = row.person, call_state(tries=row.tries)
        offered = era.staff_datetime(row.starts_at) if row.starts_at else ""
        names = "・".join(short[code] for code in row.procedures)
        lines.append(
            CallLine(
                when=f"{era.staff_datetime(row.offer_until)}まで" if row.offer_until else "",
                place=office(row.office).short_name if row.office else "",
                name=person.name,
                kana=person.name_kana,
                phone=show_phone(person.phone) if row is opened else mask_phone(person.phone),
                about="　".join(
                    [
                        offered,
                        *waiting_people.together(row),
                        names,
                        f"番号 {show_reference(row.reference)}",
                        *needs_labels(person.details.needs),
                    ]
                ),
                tone=tone,
                state=state,
                url=f"?open={row.id}",
                is_open=row is opened,
                has_focus=row is (opened or to_call),
            )
        )
    return lines


def _fields(row: WaitRow) -> tuple[tuple[str, str], ...]:
    return (("wait", str(row.id)), ("after", str(row.tries)))


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: StaffRequest) -> HttpResponse:
    """Find people on the waiting list; a POST takes one off it. Idempotent."""
    if request.method == "POST":
        waiting_people.take_off(request)
        return redirect("operator:waiting-people")
    return page(
        request,
        "calls/waiting_people",
        {**waiting_people.people_found(request), "column": script_column("script.third_party")},
    )


def _answer(request: StaffRequest, form: AnswerForm) -> HttpResponse:
    outcome, after = form.cleaned_data["outcome"], form.cleaned_data["after"]
    try:
        row = wait(form.cleaned_data["wait"], scope=EVERYWHERE)
        if not row.link_token:
            raise ValueUnreadable
        if outcome == "undo":
            calls.undo_unanswered_call(wait_id=row.id, after=after, actor=request.actor)
            return redirect(f"{reverse('operator:waiting-list')}?open={row.id}")
        if outcome == "absent":
            calls.record_unanswered_call(wait_id=row.id, after=after, actor=request.actor)
            return redirect(f"{reverse('operator:waiting-list')}?done={row.id}")
        if outcome == "leave":
            waiting.leave(token=row.link_token, actor=request.actor)
            messages.success(request, "空き待ちを取りやめました。")
        elif callers.has_booking(request):
            messages.warning(request, callers.BUSY)
        else:
            made, *_others = waiting.accept(token=row.link_token, channel=CHANNEL, actor=request.actor)
            callers.end(request)
            callers.note_booked(request, made.reference, callers.RUNG)
            return redirect("operator:visits-booked", reference=made.reference)
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    return redirect("operator:waiting-list")


def _script_column(row: WaitRow | None) -> ScriptColumn:
    """Return the script for the open number: nothing of the offer before the name."""
    if row is None or row.starts_at is None:
        return script_column("script.third_party")
    words = calls.words_for_call(
        text="script.waiting_offer", name=row.person.name, place=row.office, at=row.starts_at
    )
    return replace(script_column(codes=row.procedures, place=office(row.office)), now=scripts(words))
