"""Step 3: the day and the time (仕様書 4(3)ア)."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madoguchi.accounts.scope import BY_OWN_SECRET
from madoguchi.offices.selectors import office as office_row
from madoguchi.reservations.errors import (
    DeadlinePassed,
    HoldExpired,
    NotEligible,
    NotYetOpen,
    SlotFull,
)
from madoguchi.reservations.selectors import visit_of
from madoguchi.sealing.shown import shown
from madoguchi.sites.citizen.pages import page, shared_page
from madoguchi.sites.citizen.presenters.procedures import steps
from madoguchi.sites.citizen.reserve.calendar import times_page
from madoguchi.sites.citizen.reserve.flow import (
    GET_POST,
    ask_next_person,
    expired,
    redirect_to_details_or_confirm,
)
from madoguchi.sites.citizen.reserve.forms import (
    SlotForm,
)
from madoguchi.sites.citizen.reserve.notices import notices_of
from madoguchi.sites.citizen.reserve.session import (
    session_of,
)
from madoguchi.sites.citizen.reserve.work import asks_for_work
from madoguchi.web.forms import add_refusal
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import pressed_in, refuse_unseen
from madoguchi.workflows.booking import sessions


@open_to_everyone
@require_http_methods(GET_POST)
@asks_for_work
def choose_time(request: HttpRequest, office: str) -> HttpResponse:
    """Step 3: the day and the time; pressing the button holds the seats."""
    place = office_row(office)
    try:
        session = session_of(request)
    except HoldExpired:
        return redirect(f"{reverse('citizen:reserve-procedures')}?office={place.code}")
    if asked := ask_next_person(session, place.code):
        return asked
    notices = notices_of(session.form_data)
    beside = (
        visit_of(uuid.UUID(session.form_data.joins), scope=BY_OWN_SECRET).starts_at
        if session.form_data.joins
        else None
    )
    facts = (session.form_data.codes, session.form_data.visit_days(), tuple(notices), beside)
    # Not whose session it is: to all who ask for the same the page looks the same.
    about = shown("times", facts)
    refuse_unseen(request, about)
    form = SlotForm(pressed_in(request))
    if request.method == "POST" and form.is_valid():
        try:
            codes, *others = session.form_data.codes
            sessions.hold_slot(
                token=session.token, slot=form.cleaned_data["slot"], codes=codes, others=others
            )
        except HoldExpired:
            return expired(request)
        except (SlotFull, DeadlinePassed, NotYetOpen, NotEligible) as refusal:
            add_refusal(form, refusal, field="slot")
        else:
            session.save(office=place.code)
            return redirect_to_details_or_confirm(session.form_data)

    def render() -> HttpResponse:
        times = times_page(
            request,
            place,
            codes=session.form_data.codes,
            bounds=session.form_data.visit_days(),
            session=session.row.id,
            back=reverse("citizen:reserve-office"),
            beside=beside,
        )
        return page(
            request,
            "reserve/times",
            {
                "form": form,
                "times": times,
                "steps": steps(3),
                "notices": notices,
                "seen": about,
            },
        )

    # Whoever holds seats sees them as free; to all others who ask for the same the page looks the same.
    is_common = pressed_in(request) is None and not session.row.slot_ids
    return shared_page(request, facts, render) if is_common else render()
