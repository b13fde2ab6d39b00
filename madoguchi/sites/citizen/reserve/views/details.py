"""Step 4: who comes; the time may be held longer, or a person left out (仕様書 4(3)ア)."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.common import clock
from madoguchi.common.births import TooYoung
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.reservations.errors import (
    NoMoreExtensions,
)
from madoguchi.sealing.shown import FIELD, shown
from madoguchi.sites.citizen.pages import page
from madoguchi.sites.citizen.presenters.procedures import person_label, steps
from madoguchi.sites.citizen.reserve.flow import (
    GET_POST,
    ask_next_person,
    expired,
    hold_box_of,
    link_to_ward,
    person_index,
    redirect_to_details_or_confirm,
    step_url,
    with_session,
)
from madoguchi.sites.citizen.reserve.forms import (
    DetailsForm,
)
from madoguchi.sites.citizen.reserve.session import (
    OpenSession,
    renews_token,
    session_or_none,
)
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import refuse_unseen, seen_in, typed_in
from madoguchi.workflows.booking import sessions


@open_to_everyone
@require_http_methods(GET_POST)
@with_session
@renews_token
def enter_details(request: HttpRequest, session: OpenSession) -> HttpResponse:
    """Step 4: who comes. Whatever was typed is kept, right or wrong, in time or not."""
    number = person_index(request, session.form_data)
    member = session.form_data.member(number)
    codes = member.procedures
    runs = session.runs()
    about = _details_of_what_stands(request, session, number)
    if request.method == "POST":
        visit_on = clock.to_jst(runs[number - 1].starts_at).date() if runs else None
        form = DetailsForm(request.POST, procedures=codes, visit_on=visit_on)
        typed = form.typed()
        if "fill" in request.POST:
            form = form.with_address()
            session.save_member(number, typed_details=form.initial)
        elif "same" in request.POST:
            form = form.with_contact(session.form_data.members[0].typed_details)
            session.save_member(number, typed_details=form.initial)
        elif form.is_valid():
            person = form.person(
                card_expires_on=member.card_expires_on, cert_expires_on=member.cert_expires_on
            )
            session = session.save_member(number, typed_details=typed, person=person)
            return _after_details(request, session)
        else:
            session.save_member(number, typed_details=typed)
    else:
        typed = _typed_in_this_tab(request, session, number) or dict(member.typed_details)
        if not typed and session.form_data.postal_code:
            typed = {"postal_code": session.form_data.postal_code}
        form = DetailsForm.shown(typed, procedures=codes)
    around: dict[str, Any]
    if runs:
        back = reverse("citizen:reserve-times", args=[session.row.office])
        around = {"hold": hold_box_of(session, runs), "steps": steps(4), "back": back}
    elif session.form_data.wish:
        around = {"back": reverse("citizen:reserve-wait")}
    else:
        return expired(request)
    if number > 1:
        around["back"] = step_url("details", number - 1)
    around["person"] = person_label(number) if session.form_data.people > 1 else ""
    if form.has_error("birth_date", TooYoung.code):
        around["ward"] = link_to_ward("UNDER_15", number if session.form_data.people > 1 else 0)
    around["elsewhere"] = link_to_ward("NOT_RESIDENT", number if session.form_data.people > 1 else 0)
    seen = f"{about} {_whose_details(session, number)}"
    return page(request, "reserve/details", {"form": form, "number": number, "seen": seen, **around})


def _details_of_what_stands(request: HttpRequest, session: OpenSession, number: int) -> str:
    """Return what step 4 shows. Raises ContentChanged where the form was another's."""
    about = _details_shown(session, number)
    # Nothing is held any more, so that nothing but what was typed can be kept.
    if not session.has_lost_its_time:
        refuse_unseen(request, about)
    return about


def _details_shown(session: OpenSession, number: int) -> str:
    """Return what step 4 shows besides its form: of which person it asks, for what visit."""
    return shown("details", session.visit_shown, number)


def _whose_details(session: OpenSession, number: int) -> str:
    """Return whose details a form asks for, whatever the visit is."""
    return shown("details of", str(session.row.id), number)


def _typed_in_this_tab(request: HttpRequest, session: OpenSession, number: int) -> dict[str, Any]:
    """Return what a refused press had typed; nothing of a person other than the one who stands here."""
    sent, member = typed_in(request), session.form_data.member(number)
    if sent is None or _whose_details(session, number) not in sent.get(FIELD, "").split(" "):
        return {}
    typed = DetailsForm(sent, procedures=member.procedures).typed()
    name = member.typed_details.get("name")
    return {} if name and name != typed.get("name") else typed


def _after_details(request: HttpRequest, session: OpenSession) -> HttpResponse:
    """Go on to book the time that is held, or to wait for one."""
    if session.runs():
        return redirect_to_details_or_confirm(session.form_data)
    return redirect("citizen:reserve-wait-check") if session.form_data.wish else expired(request)


@open_to_everyone
@require_http_methods(GET_POST)
@with_session
@renews_token
def extend(request: HttpRequest, session: OpenSession) -> HttpResponse:
    """Hold the time longer, once; what stands in the form that was sent along is kept."""
    back = "confirm" if (typed_in(request) or QueryDict()).get("back") == "confirm" else "details"
    number = person_index(request, session.form_data)
    if request.method != "POST":
        # After a refused press, step 4 with what was typed there.
        return enter_details(request) if back == "details" else redirect(step_url(back, number))
    refuse_unseen(request, session.row.shown if back == "confirm" else _details_shown(session, number))
    if back == "details":
        form = DetailsForm(request.POST, procedures=session.form_data.member(number).procedures)
        session.save_member(number, typed_details=form.typed())
    # Pressed twice: the first press did it.
    with suppress(NoMoreExtensions):
        sessions.extend_hold(token=session.token, people=session.form_data.people)
    return redirect(step_url(back, number))


@open_to_everyone
@require_POST
def leave_out(request: HttpRequest) -> HttpResponse:
    """Go on with one person fewer; the others keep the beginning of their time."""
    session = session_or_none(request)
    if session is None or len(session.form_data.members) + session.form_data.people == 2:  # noqa: PLR2004 - one alone
        return redirect("citizen:reserve-procedures")
    if seen_in(request) != session.row.shown:
        raise ContentChanged(page=step_url("procedures", person_index(request, session.form_data)))
    form_data = session.form_data.without(person_index(request, session.form_data))
    session = session.save(people=form_data.people, members=form_data.members)
    if asked := ask_next_person(session):
        return asked
    if not session.row.is_live:
        return redirect("citizen:reserve-office")
    codes, *others = form_data.codes
    try:
        sessions.hold_slot(token=session.token, slot=session.row.slot_ids[0], codes=codes, others=others)
    except Refusal:
        return redirect("citizen:reserve-times", session.row.office)
    return redirect_to_details_or_confirm(form_data)
