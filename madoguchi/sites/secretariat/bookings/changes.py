"""Register, move, correct and cancel a visit, as every channel does (仕様書 4(3)ア, 4(5)ウ)."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock, era
from madoguchi.common.errors import ContentChanged, NotVisible, Refusal
from madoguchi.common.references import show_reference
from madoguchi.contract.rows import ProcedureRow
from madoguchi.contract.selectors import procedures
from madoguchi.offices.selectors import OfficeRow, office, offices_taking_bookings
from madoguchi.panels import visit_changes
from madoguchi.panels.person_form import PersonForm, initial_of
from madoguchi.panels.visit_changes import (
    CancelForm,
    ChosenTime,
    MoveForm,
    cancel_visit,
    chosen_run,
    correct_person,
    move_visit,
)
from madoguchi.reservations.availability import Start
from madoguchi.reservations.errors import DuplicateReservation, SlotFull
from madoguchi.reservations.selectors import ReservationRow, reservation_by_reference
from madoguchi.sites.secretariat.bookings.forms import ProceduresForm, VisitForm
from madoguchi.sites.secretariat.bookings.views import opened
from madoguchi.web.forms import add_refusal
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import carry_seen, typed_form, typed_in
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking.offering import alternatives, open_starts, slots_for, window
from madoguchi.workflows.privacy.access import open_reservation, open_to_correct, similar_people

CHANNEL: Final = "SECRETARIAT"
NOON: Final = 12


@dataclass(frozen=True, slots=True)
class TimeOption:
    """A free time, and the address that takes it."""

    label: str
    place: str
    url: str


@dataclass(frozen=True, slots=True)
class TimeOptions:
    """The free times of an office on a day, or why there are none."""

    day: str
    morning: Sequence[TimeOption] = ()
    afternoon: Sequence[TimeOption] = ()
    note: str = ""
    instead: Sequence[TimeOption] = ()


def _times(
    place: OfficeRow, day: date, codes: Sequence[str], url: str, *, moving: bool = False
) -> TimeOptions:
    """Return the free times; `url` is the address to which the slot is added."""
    days = window(place, channel=CHANNEL, moving=moving)
    only = days.narrowed(day, day) if days else None
    slots = slots_for(codes)
    free = [
        start
        for start in (
            open_starts(office_code=place.code, slots=slots, within=only, channel=CHANNEL, codes=codes)
            if only
            else []
        )
        if start.free
    ]
    rows = [_time(start, url, day=day) for start in free]
    note = ""
    if only is None:
        note = f"{era.staff_day(day)} は、{place.short_name}で予約を受け付けている日ではありません。"
    elif not free:
        note = f"{era.staff_day(day)} の{place.short_name}に、空きはありません。"
    return TimeOptions(
        day=era.staff_day(day),
        morning=[
            row for row, start in zip(rows, free, strict=True) if clock.to_jst(start.starts_at).hour < NOON
        ],
        afternoon=[
            row for row, start in zip(rows, free, strict=True) if clock.to_jst(start.starts_at).hour >= NOON
        ],
        note=note,
        instead=[]
        if free
        else [
            _time(start, url)
            for start in alternatives(
                office_code=place.code, slots=slots, channel=CHANNEL, moving=moving, codes=codes
            )
        ],
    )


def _time(start: Start, url: str, *, day: date | None = None) -> TimeOption:
    local = clock.to_jst(start.starts_at)
    return TimeOption(
        label=f"{local:%H:%M}" if day else era.staff_datetime(start.starts_at),
        place="" if day else office(start.office).short_name,
        url=f"{url}slot={start.slot}",
    )


def _codes(query: QueryDict) -> list[str]:
    return [row.code for row in procedures() if row.code in query.getlist("procedures")]


def _names(rows: Sequence[ProcedureRow], codes: Sequence[str]) -> str:
    return "・".join(row.name for row in rows if row.code in codes)


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
def choose_time(request: StaffRequest) -> HttpResponse:
    """Choose procedures, office and day, then one of the free times."""
    codes = _codes(request.GET)
    asked = ProceduresForm(request.GET or None, procedures=procedures())
    visit = VisitForm(request.GET or None, offices=offices_taking_bookings())
    times = None
    if request.GET and asked.is_valid() and visit.is_valid():
        address = reverse("secretariat:reservations-details")
        times = _times(
            office(visit.cleaned_data["office"]),
            visit.cleaned_data["day"],
            codes,
            f"{address}?{urlencode({'procedures': codes}, doseq=True)}&",
        )
    return render(
        request,
        "secretariat/bookings/choose_time.html",
        {"asked": asked, "visit": visit, "form": asked if asked.errors else visit, "times": times},
    )


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
def register(request: StaffRequest) -> HttpResponse:
    """Ask for the person at the chosen time, and book. Idempotent."""
    codes = _codes(request.GET)
    slot = request.GET.get("slot", "")
    run = chosen_run(slot, codes)
    if run is None:
        return redirect("secretariat:reservations-add")
    form = PersonForm(request.POST or None, procedures=codes)
    warned: Sequence[str] = ()
    instead: Sequence[TimeOption] = ()
    address = f"{reverse('secretariat:reservations-details')}?{urlencode({'procedures': codes}, doseq=True)}&"
    if request.method == "POST" and not request.POST.get("submission"):
        raise ContentChanged  # Without it the same press twice could not be told from two.
    if request.method == "POST" and form.is_valid():
        person = form.person()
        asked = booking.BookingRequest(
            visitors=(booking.Visitor(tuple(codes), person),), slot=run.slot_ids[0]
        )
        try:
            made = booking.book(
                replace(
                    asked,
                    channel=CHANNEL,
                    actor=request.actor,
                    submission=request.POST.get("submission", ""),
                    fingerprint=repr(asked),
                    may_repeat="may_repeat" in request.POST,
                )
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
            if isinstance(refusal, DuplicateReservation):
                warned = [
                    f"{era.staff_datetime(row.starts_at)}　{office(row.office).short_name}　"
                    f"{row.name}　{show_reference(row.reference)}"
                    for row in similar_people(
                        name=person.name,
                        birth_date=person.birth_date,
                        phone="",
                        actor=request.actor,
                        scope=EVERYWHERE,
                    )
                ]
            if isinstance(refusal, SlotFull):
                instead = [
                    _time(start, address)
                    for start in alternatives(
                        office_code=run.office, slots=len(run.slot_ids), channel=CHANNEL, codes=codes
                    )
                ]
        else:
            messages.success(
                request, f"予約を登録しました。予約番号は {show_reference(made.reference)} です。"
            )
            return redirect(opened(made.reference))
    place = office(run.office)
    day = clock.to_jst(run.starts_at).date()
    return render(
        request,
        "secretariat/bookings/register.html",
        {
            "form": form,
            "when": era.staff_datetime(run.starts_at),
            "place": place.name,
            "procedures": _names(procedures(), codes),
            "back": f"{reverse('secretariat:reservations-add')}?"
            + urlencode({"procedures": codes, "office": place.code, "day": day.isoformat()}, doseq=True),
            "warned": warned,
            "instead": instead,
            "submission": request.POST.get("submission") or secrets.token_urlsafe(16),
        },
    )


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
def move(request: StaffRequest, reference: str) -> HttpResponse:
    """Choose another time or office; old and new are shown side by side before saving."""
    row = _open(request, reference)
    today = clock.to_jst(row.starts_at).date()
    start = {"office": row.office, "day": today.isoformat()}
    visit = VisitForm(request.GET if "office" in request.GET else start, offices=offices_taking_bookings())
    here = reverse("secretariat:reservations-move", args=[reference])
    times = None
    if visit.is_valid():
        wanted = {"office": visit.cleaned_data["office"], "day": visit.cleaned_data["day"].isoformat()}
        times = _times(
            office(wanted["office"]),
            visit.cleaned_data["day"],
            row.procedures,
            f"{here}?{urlencode(wanted | {'list': request.GET.get('list', '')})}&",
            moving=True,
        )
    run = chosen_run(request.GET.get("slot", ""), row.procedures)
    form = MoveForm(typed_in(request))
    is_valid = request.method == "POST" and form.is_valid()
    if run and is_valid and move_visit(request, row, form, slot=run.slot_ids[0], channel=CHANNEL):
        messages.success(request, f"{era.staff_datetime(run.starts_at)} に変更しました。")
        return redirect(opened(reference, request))
    return render(
        request,
        "secretariat/bookings/move.html",
        {
            **_visit_context(request, row),
            "list": request.GET.get("list", ""),
            "visit": visit,
            "form": form,
            "seen": carry_seen(request, row.shown),
            "times": times,
            "new": ChosenTime.of(run.starts_at, run.office) if run else None,
        },
    )


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
def change_procedures(request: StaffRequest, reference: str) -> HttpResponse:
    """Add procedures to a visit or take them away; where it no longer fits, other times are offered."""
    row = _open(request, reference)
    form = visit_changes.procedures_form(request, row, channel=CHANNEL)
    if (
        request.method == "POST"
        and form.is_valid()
        and visit_changes.change_procedures(request, row, form, channel=CHANNEL)
    ):
        messages.success(request, "手続きを変更しました。")
        return redirect(opened(reference, request))
    return render(
        request,
        "secretariat/bookings/procedures.html",
        {**_visit_context(request, row), "form": form, "seen": carry_seen(request, row.shown)},
    )


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
def correct(request: StaffRequest, reference: str) -> HttpResponse:
    """Correct what a person gave; the completeness check opens again (仕様書 4(6)ア)."""
    row = _open(request, reference, look=open_to_correct)
    form = typed_form(request, PersonForm, procedures=row.procedures, initial=initial_of(row.person))
    if request.method == "POST" and form.is_valid() and correct_person(request, row, form):
        messages.success(request, "内容を訂正しました。")
        return redirect(opened(reference, request))
    return render(
        request,
        "secretariat/bookings/correct.html",
        {**_visit_context(request, row), "form": form, "seen": carry_seen(request, row.shown_person)},
    )


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
def cancel(request: StaffRequest, reference: str) -> HttpResponse:
    """Cancel a visit with a reason; the seat is freed and the person notified by mail.

    Pressed twice it is cancelled once.
    """
    row = open_reservation(
        reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
        actor=request.actor,
        scope=EVERYWHERE,
    )
    if not row.is_booked:
        return redirect(opened(reference, request))
    form = CancelForm(typed_in(request), initial={"reason": request.GET.get("reason", "")})
    if request.method == "POST" and form.is_valid() and cancel_visit(request, row, form, channel=CHANNEL):
        messages.success(request, f"{show_reference(reference)} を取り消しました。")
        return redirect(opened(reference, request))
    return render(
        request,
        "secretariat/bookings/cancel.html",
        {
            **_visit_context(request, row),
            "form": form,
            "has_email": row.has_email,
            "seen": carry_seen(request, row.shown),
        },
    )


def _open(
    request: StaffRequest, reference: str, *, look: Callable[..., ReservationRow] = open_reservation
) -> ReservationRow:
    """Return a booked reservation; a cancelled one cannot be changed."""
    row = look(
        reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
        scope=EVERYWHERE,
        actor=request.actor,
    )
    if not row.is_booked:
        raise NotVisible
    return row


def _visit_context(request: StaffRequest, row: ReservationRow) -> dict[str, object]:
    return {
        "reference": show_reference(row.reference),
        "name": row.person.name,
        "kana": row.person.name_kana,
        "when": era.staff_datetime(row.starts_at),
        "place": office(row.office).name,
        "procedures": _names(procedures(enabled_only=False), row.procedures),
        "back": opened(row.reference, request),
    }
