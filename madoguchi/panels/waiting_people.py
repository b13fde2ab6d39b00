"""Find people on the waiting list and take them off, on every staff site (仕様書 4(3)ア, 4(5)ウ)."""

import uuid
from dataclasses import dataclass
from typing import Self

from django import forms
from django.contrib import messages

from madoguchi.common import era
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.common.phones import mask_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import office
from madoguchi.reservations.waiting_entries import WaitRow
from madoguchi.web.forms import TextField
from madoguchi.web.policies import StaffRequest
from madoguchi.web.shown import seen_in
from madoguchi.workflows.booking import waiting


class FindForm(forms.Form):
    """The number, the name or the reading of somebody who waits."""

    q = TextField(label="番号・氏名・フリガナ", max_length=100, required=False)


class TakeOffForm(forms.Form):
    """The person who is taken off the list."""

    wait = forms.UUIDField()


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """Somebody in line, with the telephone number masked."""

    id: uuid.UUID
    reference: str
    name: str
    kana: str
    phone: str
    together: str
    since: str
    places: str
    days: str
    procedures: str
    offer: str
    seen: str

    @classmethod
    def of(cls, row: WaitRow, short: dict[str, str]) -> Self:
        """Put an entry into words."""
        wish = row.wish
        first, last = era.staff_day(wish.first_day), era.staff_day(wish.last_day)
        offer = ""
        if row.is_open and row.starts_at and row.offer_until:
            place, until = office(row.office).short_name, era.staff_datetime(row.offer_until)
            offer = f"{era.staff_datetime(row.starts_at)}　{place}（{until}まで）"
        return cls(
            id=row.id,
            reference=show_reference(row.reference),
            name=row.person.name,
            kana=row.person.name_kana,
            phone=mask_phone(row.person.phone),
            together="".join(together(row)),
            since=era.staff_datetime(row.entered_at),
            places="・".join(office(code).short_name for code in wish.offices),
            days=first if first == last else f"{first}–{last}",
            procedures="・".join(short[code] for code in row.procedures),
            offer=offer,
            seen=row.shown,
        )


def together(row: WaitRow) -> list[str]:
    """Say how many people wait together; nothing of one alone."""
    return [f"{len(row.visitors)}人いっしょ"] if len(row.visitors) > 1 else []


def people_found(request: StaffRequest) -> dict[str, object]:
    """Return what the page shows: the search, and who was found."""
    form = FindForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    short = {str(row.code): row.short_name for row in procedures(enabled_only=False)}
    rows = waiting.find_in_line(text=text, actor=request.actor)
    return {"find": form, "q": text, "people": [WaitingPerson.of(row, short) for row in rows]}


def take_off(request: StaffRequest) -> None:
    """Take the person of a sent form off the list, and say so. Raises ContentChanged."""
    form = TakeOffForm(request.POST)
    if not form.is_valid():
        return
    try:
        waiting.take_off(wait_id=form.cleaned_data["wait"], actor=request.actor, seen=seen_in(request))
    except ContentChanged:
        raise
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, "空き待ちを取りやめました。")
