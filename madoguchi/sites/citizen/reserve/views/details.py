"""Step 4: who comes; the time may be held longer, or a person left out (仕様書 4(3)ア)."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.common import clock
from madoguchi.common.births import TooYoung
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.reservations.availability import Run
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
    small_number,
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
from madoguchi.web.kept import SeeOther
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import is_shown_anew, refuse_unseen, seen_in, typed_in
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
    around = _around_details(session, runs, number)
    visit_on = clock.to_jst(runs[number - 1].starts_at).date() if runs else None
    if request.method == "POST":
        form = DetailsForm(request.POST, procedures=codes, visit_on=visit_on)
        typed = form.typed()
        if filled := _filled(request, form, session):
            session.save_member(number, typed_details=filled)
            return SeeOther(f"{step_url('details', number)}#postal-code-field")
        if "save" in request.POST:
            # What differs from the person who stands is asked for again before it can be booked.
            stands = member.person if typed == member.typed_details else {}
            session.save_member(number, typed_details=typed, person=stands)
            return redirect(around["back"]) if around else expired(request)
        if not form.errors:
            person = form.person(
                card_expires_on=member.card_expires_on, cert_expires_on=member.cert_expires_on
            )
            session = session.save_member(number, typed_details=typed, person=person)
            return _after_details(request, session)
        session.save_member(number, typed_details=typed)
    else:
        sent = _sent_in_this_tab(request, session, number)
        if sent is not None and not is_shown_anew(request):
            form = DetailsForm(sent, procedures=codes, visit_on=visit_on)
        else:
            nothing = {"postal_code": session.form_data.postal_code}
            again = DetailsForm(sent, procedures=codes).typed() if sent is not None else {}
            form = DetailsForm.shown(again or member.typed_details or nothing, procedures=codes)
    if around is None:
        return expired(request)
    around["person"] = person_label(number) if session.form_data.people > 1 else ""
    if form.has_error("birth_date", TooYoung.code):
        around["ward"] = link_to_ward("UNDER_15", number if session.form_data.people > 1 else 0)
    around["elsewhere"] = link_to_ward("NOT_RESIDENT", number if session.form_data.people > 1 else 0)
    seen = f"{about} {_whose_details(session, number)}"
    return page(request, "reserve/details", {"form": form, "number": number, "seen": seen, **around})


def _around_details(session: OpenSession, runs: Sequence[Run] | None, number: int) -> dict[str, Any] | None:
    """Return the time that is held, and where 「戻る」 leads; None once there is neither time nor wish."""
    around: dict[str, Any]
    if runs:
        back = reverse("citizen:reserve-times", args=[session.row.office])
        around = {"hold": hold_box_of(session, runs), "steps": steps(4), "back": back}
    elif session.form_data.wish:
        around = {"back": reverse("citizen:reserve-wait")}
    else:
        return None
    return around | ({"back": step_url("details", number - 1)} if number > 1 else {})


def _filled(request: HttpRequest, form: DetailsForm, session: OpenSession) -> dict[str, Any]:
    """Return what was typed with what a button fills in; {} where no button did, or the form says why."""
    if "same" in request.POST:
        return form.with_contact(session.form_data.members[0].typed_details)
    return form.with_address() if "fill" in request.POST else {}


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


def _sent_in_this_tab(request: HttpRequest, session: OpenSession, number: int) -> QueryDict | None:
    """Return what a refused press had typed; nothing of a person other than the one who stands here."""
    sent, member = typed_in(request), session.form_data.member(number)
    if sent is None or _whose_details(session, number) not in sent.get(FIELD, "").split(" "):
        return None
    name = member.typed_details.get("name")
    return None if name and name != sent.get("name") else sent


def _after_details(request: HttpRequest, session: OpenSession) -> HttpResponse:
    """Go on to book the time that is held, or to wait for one."""
    if session.runs():
        return redirect_to_details_or_confirm(session.form_data)
    if not session.form_data.wish:
        return expired(request)
    number = session.form_data.nameless
    return redirect(step_url("details", number) if number else "citizen:reserve-wait-check")


@open_to_everyone
@require_http_methods(GET_POST)
@with_session
@renews_token
def extend(request: HttpRequest, session: OpenSession) -> HttpResponse:
    """Hold the time longer; what stands in the form that was sent along is kept, and so is the place."""
    back = "confirm" if (typed_in(request) or QueryDict()).get("back") == "confirm" else "details"
    number = person_index(request, session.form_data)
    if request.method != "POST":
        # After a refused press, step 4 with what was typed there.
        return enter_details(request) if back == "details" else redirect(step_url(back, number))
    refuse_unseen(request, session.row.shown if back == "confirm" else _details_shown(session, number))
    if back == "details":
        form = DetailsForm(request.POST, procedures=session.form_data.member(number).procedures)
        session.save_member(number, typed_details=form.typed())
    # Pressed once more than the rules allow: the page says so.
    with suppress(NoMoreExtensions):
        sessions.extend_hold(
            token=session.token,
            people=session.form_data.people,
            extensions=small_number(request.POST.get("extensions", "")),
        )
    return redirect(f"{step_url(back, number)}#extend")


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
