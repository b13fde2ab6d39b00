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
from madoguchi.sites.citizen.reserve.draft import (
    attempt_of,
)
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
from madoguchi.sites.citizen.reserve.work import asks_for_work
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import refuse_unseen
from madoguchi.workflows.booking import sessions


@open_to_everyone
@require_http_methods(GET_POST)
@asks_for_work
def choose_time(request: HttpRequest, office: str) -> HttpResponse:
    """Step 3: the day and the time; pressing the button holds the seats."""
    place = office_row(office)
    try:
        attempt = attempt_of(request)
    except HoldExpired:
        return redirect(f"{reverse('citizen:reserve-procedures')}?office={place.code}")
    if asked := ask_next_person(attempt, place.code):
        return asked
    notices = notices_of(attempt.draft)
    beside = (
        visit_of(uuid.UUID(attempt.draft.joins), scope=BY_OWN_SECRET).starts_at
        if attempt.draft.joins
        else None
    )
    facts = (attempt.draft.codes, attempt.draft.visit_days(), tuple(notices), beside)
    # Not whose attempt it is: to all who ask for the same the page looks the same.
    about = shown("times", facts)
    refuse_unseen(request, about)
    form = SlotForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes, *others = attempt.draft.codes
            sessions.hold_slot(
                token=attempt.token, slot=form.cleaned_data["slot"], codes=codes, others=others
            )
        except HoldExpired:
            return expired(request)
        except (SlotFull, DeadlinePassed, NotYetOpen, NotEligible) as refusal:
            form.add_error("slot", refusal.message)
        else:
            attempt.save(office=place.code)
            return redirect_to_details_or_confirm(attempt.draft)

    def render() -> HttpResponse:
        times = times_page(
            request,
            place,
            codes=attempt.draft.codes,
            bounds=attempt.draft.visit_days(),
            hold=attempt.hold.id,
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
    is_common = request.method == "GET" and not attempt.hold.slot_ids
    return shared_page(request, facts, render) if is_common else render()
