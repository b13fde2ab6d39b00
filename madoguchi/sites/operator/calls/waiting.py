"""Offers to people on the waiting list who have no mail: called, and answered for (仕様書 4(3)ア, 4(5)ウ)."""

import uuid
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
from madoguchi.common.errors import Refusal
from madoguchi.common.phones import mask_phone, show_phone
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import office
from madoguchi.panels import waiting_people
from madoguchi.panels.scripts import scripts
from madoguchi.reservations.labels import needs_labels
from madoguchi.reservations.waiting import WaitRow, wait
from madoguchi.sites.operator import callers
from madoguchi.sites.operator.frame import page
from madoguchi.sites.operator.grid import CHANNEL
from madoguchi.sites.operator.script_column import ScriptColumn, script_column
from madoguchi.web.forms import NumberField
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.booking import waiting
from madoguchi.workflows.callcentre import calls


class AnswerForm(forms.Form):
    """The result of one call."""

    wait = forms.UUIDField()
    after = NumberField(min_value=0)
    outcome = forms.ChoiceField(choices=[("phone", ""), ("absent", ""), ("book", ""), ("leave", "")])


@dataclass(frozen=True, slots=True)
class OfferCallLine:
    """One person to be called."""

    id: uuid.UUID
    until: str
    name: str
    kana: str
    phone: str
    is_open: bool
    when: str
    place: str
    procedures: str
    needs: str
    tries: int
    state: str

    @classmethod
    def of(cls, row: WaitRow, *, short: dict[str, str], is_open: bool) -> Self:
        """Return the line; the number is masked unless it was opened."""
        person = row.person
        return cls(
            id=row.id,
            until=era.staff_datetime(row.offer_until) if row.offer_until else "",
            name=person.name,
            kana=person.name_kana,
            phone=show_phone(person.phone) if is_open else mask_phone(person.phone),
            is_open=is_open,
            when=era.staff_datetime(row.starts_at) if row.starts_at else "",
            place=office(row.office).short_name if row.office else "",
            procedures="・".join(short[code] for code in row.procedures),
            needs="・".join(needs_labels(person.details.needs)),
            tries=row.tries,
            state=f"不在 {row.tries}回" if row.tries else "未連絡",
        )


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def show_list(request: StaffRequest) -> HttpResponse:
    """List the people to call about an offer; a POST shows a number or records the answer."""
    opened = None
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if form.cleaned_data["outcome"] != "phone":
            return _answer(request, form)
        opened = form.cleaned_data["wait"]
    rows = calls.offers_to_call(actor=request.actor)
    called = next((row for row in rows if row.id == opened), None)
    if called:
        calls.record_number_shown(wait_id=called.id, actor=request.actor)
    short = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    lines = [OfferCallLine.of(row, short=short, is_open=row is called) for row in rows]
    return page(request, "calls/waiting", {"lines": lines, "column": _script_column(called)})


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
        if outcome == "absent":
            calls.record_unanswered_call(wait_id=row.id, after=after, actor=request.actor)
        elif outcome == "leave":
            waiting.leave(token=row.link_token, actor=request.actor)
            messages.success(request, "空き待ちを取りやめました。")
        elif callers.has_booking(request):
            messages.warning(request, callers.BUSY)
        else:
            made = waiting.accept(token=row.link_token, channel=CHANNEL, actor=request.actor)
            callers.begin_rung(request, made.reference)
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
