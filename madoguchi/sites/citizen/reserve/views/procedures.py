"""Step 1: how many come, what each wants done, and whether a post office can do it (仕様書 4(3)ア)."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from madoguchi.accounts.scope import BY_OWN_SECRET
from madoguchi.common import clock
from madoguchi.common.era import citizen_datetime
from madoguchi.contract.selectors import booking_rules, procedures, program, wards
from madoguchi.offices.selectors import offices_taking_bookings
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.reservations.rules import advise, asks_for_certificate
from madoguchi.reservations.selectors import visit_of
from madoguchi.sealing.shown import shown
from madoguchi.sites.citizen.guide.presenters import text_of, ward_counter
from madoguchi.sites.citizen.pages import page, texts, too_many
from madoguchi.sites.citizen.presenters.person import expires_soon, too_early
from madoguchi.sites.citizen.presenters.procedures import person_label, steps
from madoguchi.sites.citizen.reserve.flow import (
    GET_POST,
    ask_next_person,
    link_to_ward,
    person_index,
    positive_number,
    shown_whole,
    step_url,
)
from madoguchi.sites.citizen.reserve.forms import (
    ProceduresForm,
)
from madoguchi.sites.citizen.reserve.readings import readings_of
from madoguchi.sites.citizen.reserve.session import (
    FormData,
    OpenSession,
    begin_or_go_on,
    form_data_of,
    remember,
    session_or_none,
)
from madoguchi.web.kept import is_press, leave_form, left_in, sentences_in
from madoguchi.web.network import client_address
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import pressed_in, refuse_unseen
from madoguchi.workflows.booking.offering import WEB, bookable_days


@open_to_everyone
@require_http_methods(GET_POST)
def choose_procedures(request: HttpRequest) -> HttpResponse:
    """Step 1: how many come, what each wants done, and whether a post office can do it."""
    form_data = form_data_of(request)
    number = person_index(request, form_data)
    kwargs: dict[str, Any] = {
        "procedures": procedures(),
        "city": program().city_name,
        "min_age": booking_rules(clock.now()).min_age,
        "asks_people": number == 1 and not form_data.joins,
    }
    session = session_or_none(request)
    about = _step_shown(session, number)
    if "apart" in request.POST and session:
        refuse_unseen(request, about)
        session.save(joins="")
        return redirect("citizen:reserve-procedures")
    if sent := pressed_in(request) or left_in(request, person=str(number)):
        form = ProceduresForm(sent, **kwargs)
        # Pressed twice: what the first press has kept is what this one says.
        if not (form.is_valid() and _is_kept(form, form_data, number)):
            refuse_unseen(request, about)
        if form.is_valid() and (done := _after_procedures(request, form, form_data, number)):
            return done
    else:
        typed = {**form_data.member(number).typed_procedures, "people": str(form_data.people)}
        if wanted := request.GET.getlist("procedure"):
            # The questions of the guide have been answered: nobody is asked the same again.
            typed = {**typed, "procedures": wanted, "who": request.GET.get("who", typed.get("who"))}
        form = ProceduresForm.shown({**typed, "office": request.GET.get("office", "")}, **kwargs)
    return page(
        request,
        "reserve/procedures",
        {
            "form": form,
            "steps": steps(1),
            "office": _chosen_office(form),
            "person": person_label(number) if form_data.people > 1 else "",
            "number": number,
            "as_first": _as_first(request, form_data, number),
            "seen": about,
            "back": step_url("procedures", number - 1) if number > 1 else reverse("citizen:guide-top"),
            "joined": _joined(form_data),
        },
    )


def _step_shown(session: OpenSession | None, number: int) -> str:
    """Return what step 1 shows of one person: nothing yet, or what was typed before in whose session."""
    if session is None:
        return shown("procedures", "", number)
    form_data = session.form_data
    typed = sorted(form_data.member(number).typed_procedures.items())
    return shown("procedures", str(session.row.id), number, form_data.people, form_data.joins, typed)


def _as_first(request: HttpRequest, form_data: FormData, number: int) -> str:
    """Return the address at which the procedures of the first person are chosen for this one too, or ""."""
    if number == 1 or not form_data.members:
        return ""
    query = {
        "person": number,
        "procedure": form_data.members[0].typed_procedures.get("procedures", []),
        "office": request.GET.get("office", ""),
    }
    return f"{reverse('citizen:reserve-procedures')}?{urlencode(query, doseq=True)}"


def _is_kept(form: ProceduresForm, form_data: FormData, number: int) -> bool:
    kept = form_data.member(number).typed_procedures
    return dict(form.typed()) == dict(kept) and form.how_many(form_data.people) == form_data.people


def _joined(form_data: FormData) -> str:
    """Say when those go with whom somebody comes along."""
    if not form_data.joins:
        return ""
    return citizen_datetime(clock.to_jst(visit_of(uuid.UUID(form_data.joins), scope=BY_OWN_SECRET).starts_at))


def _chosen_office(form: ProceduresForm) -> object:
    code = form["office"].value()
    return next((row for row in offices_taking_bookings() if row.code == code), None)


def _after_procedures(
    request: HttpRequest, form: ProceduresForm, form_data: FormData, number: int
) -> HttpResponse | None:
    """Go on from step 1; None for a GET that shows the form again."""
    if sentences_in(request) or not is_press(request):
        return None
    conditions = form.conditions_row()
    rules = booking_rules(clock.now())
    days = bookable_days(channel=WEB)
    advice = advise(
        conditions,
        today=clock.today(),
        first=days.first,
        last=days.last,
        window_months=rules.renewal_window_months,
    )
    people = form.how_many(form_data.people)
    # Who comes with others may go on without the one who cannot be helped here.
    several = number if number > 1 or min(len(form_data.members), people) > 1 else 0
    readings = readings_of(form.typed(), conditions.card_expires_on, conditions.cert_expires_on)
    if advice and advice.guidance:
        name = advice.guidance.removeprefix("ward.")
        # A date that was read from a short year is shown, and never stands in an address.
        return (
            _ward_page(request, name, several, readings)
            if readings
            else leave_form(request, link_to_ward(name, several))
        )
    if not form.cleaned_data["cert_unknown"] and asks_for_certificate(
        conditions, last=days.last, window_months=rules.renewal_window_months
    ):
        form.ask_for_certificate()
    if advice and advice.not_before and advice.is_too_early:
        early = too_early(advice.not_before)
        return page(
            request,
            "reserve/too_early",
            {
                "early": early,
                "leave_out": several,
                "person": person_label(several),
                "readings": readings,
                "again": step_url("procedures", several or 1),
                "seen": shown_whole(request),
            },
        )
    if form.errors or request.method != "POST":
        return None
    codes = advice.instead if advice and advice.instead else conditions.procedures
    try:
        session = begin_or_go_on(
            request,
            client_address(request),
            number=number,
            people=people,
            procedures=codes,
            is_new_issue=codes != conditions.procedures,
            card_expires_on=_iso(conditions.card_expires_on),
            cert_expires_on=_iso(conditions.cert_expires_on),
            typed_procedures=form.typed(),
        )
    except TooManyTries as refusal:
        return too_many(request, refusal)
    return remember(_next_page(session, form.cleaned_data["office"], number), session)


def _next_page(session: OpenSession, office: str, number: int) -> HttpResponse:
    """Go on where the change leads: a held time that still fits is kept."""
    if asked := ask_next_person(session, office):
        return asked
    if session.runs():
        return redirect(step_url("details", number))
    if office in {row.code for row in offices_taking_bookings()}:
        return redirect("citizen:reserve-times", office)
    return redirect("citizen:reserve-office")


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


@open_to_everyone
@require_http_methods(("GET", "HEAD"))
def show_ward(request: HttpRequest, name: str) -> HttpResponse:
    """Say that the ward office does it, and where and when; no time was shown before."""
    leave_out = positive_number(request.GET.get("leave_out", "")) if "leave_out" in request.GET else 0
    return _ward_page(request, name, leave_out)


def _ward_page(request: HttpRequest, name: str, leave_out: int, readings: Sequence[str] = ()) -> HttpResponse:
    again = step_url("procedures", leave_out or 1)
    if name == "UNDER_15" and form_data_of(request).member(leave_out or 1).person:
        again = f"{step_url('details', leave_out or 1)}#id_birth_date_0"
    found = texts(f"ward.{name}") or texts("ward.WARD_GUIDANCE")
    return page(
        request,
        "reserve/ward",
        {
            "text": text_of(found[0]) if found else None,
            "is_elsewhere": name == "NOT_RESIDENT",
            "wards": wards(),
            "ward": ward_counter(request.GET.get("ward", "")),
            "soon": expires_soon() if name == "EXPIRES_SOON" else None,
            "leave_out": leave_out,
            "seen": shown_whole(request),
            "person": person_label(leave_out),
            "again": again,
            "readings": readings,
        },
    )
