"""Step 2: the post office (仕様書 4(3)ア)."""

from itertools import chain
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madoguchi.contract.selectors import wards
from madoguchi.offices.selectors import offices_taking_bookings
from madoguchi.sites.citizen.pages import page
from madoguchi.sites.citizen.presenters.offices import all_full, area_of, office_search
from madoguchi.sites.citizen.presenters.procedures import steps
from madoguchi.sites.citizen.reserve.flow import GET_POST, positive_number, step_url, with_session
from madoguchi.sites.citizen.reserve.forms import (
    PostalSearchForm,
)
from madoguchi.sites.citizen.reserve.notices import notices_of
from madoguchi.sites.citizen.reserve.session import (
    OpenSession,
)
from madoguchi.web.days import parse_iso_day
from madoguchi.web.kept import left_in
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import pressed_in
from madoguchi.workflows.booking.offering import WEB, offers, open_days, slots_for

OFFICES_A_PAGE = 5


@open_to_everyone
@require_http_methods(GET_POST)
@with_session
def choose_office(request: HttpRequest, session: OpenSession) -> HttpResponse:
    """Step 2: by postal code, by ward, by day, or by the earliest time."""
    typed = pressed_in(request) or left_in(request)
    form = PostalSearchForm(typed, initial={"postal_code": session.form_data.postal_code})
    if request.method == "POST" and form.is_valid():
        session.save(postal_code=form.cleaned_data["postal_code"])
        return redirect(reverse("citizen:reserve-office") + "#offices")
    by = request.GET.get("by", "postal")
    ward = request.GET.get("ward", "") if by == "ward" else ""
    ward = ward if ward in {row.code for row in wards()} else ""
    area = area_of(session.form_data.postal_code) if by == "postal" else None
    origin = area.lat_lon if area else None
    first, last = session.form_data.visit_days()
    days = open_days(channel=WEB, first=first, last=last) if by == "date" else []
    day = next((each for each in days if each == parse_iso_day(request.GET.get("day", ""))), None)
    if day:
        first = last = day
    slots, *others = (slots_for(codes) for codes in session.form_data.codes)
    found = offers(
        slots=slots,
        others=others,
        codes=list(chain.from_iterable(session.form_data.codes)),
        first=first,
        last=last,
        origin=origin,
        ward_code=ward,
    )
    is_early_first = request.GET.get("order") == "early"
    shown = OFFICES_A_PAGE * positive_number(request.GET.get("page", ""))
    order = "early" if is_early_first else ""
    more = {"by": by, "ward": ward, "day": day or "", "order": order, "page": shown // OFFICES_A_PAGE + 1}
    is_full = not (day or ward or others or any(offer.earliest for offer in found))
    search = office_search(
        found,
        by=by,
        ward=ward,
        area=area if origin else None,
        is_early_first=is_early_first,
        total=len(offices_taking_bookings()),
        shown=shown,
        more=f"?{urlencode(more)}",
        days=days,
        day=day,
    )
    return page(
        request,
        "reserve/office",
        {
            "form": form,
            "search": search,
            "steps": steps(2),
            "notices": notices_of(session.form_data),
            "people": session.form_data.people,
            "back": step_url("procedures", session.form_data.people),
            "full": all_full(session.form_data.codes[0], last) if is_full else None,
        },
    )
