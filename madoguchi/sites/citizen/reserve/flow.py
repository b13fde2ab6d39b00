"""How the steps of a booking follow one another: whose session it is, and where a page leads."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from madoguchi.common import clock
from madoguchi.common.errors import ContentChanged
from madoguchi.contract.rules import hold_minutes
from madoguchi.contract.selectors import booking_rules
from madoguchi.offices.selectors import office as office_row
from madoguchi.reservations.availability import Run
from madoguchi.reservations.errors import (
    HoldExpired,
)
from madoguchi.reservations.submissions import Created
from madoguchi.sites.citizen.booking.access import remember_link
from madoguchi.sites.citizen.pages import page
from madoguchi.sites.citizen.presenters.calendar import HoldBox, hold_box
from madoguchi.sites.citizen.reserve.session import (
    FormData,
    OpenSession,
    booked,
    booked_as,
    form_data_of,
    session_of,
    session_or_none,
)
from madoguchi.web.kept import SeeOther
from madoguchi.web.policies import open_to_everyone
from madoguchi.web.shown import seen_in, typed_in

P = ParamSpec("P")
GET_POST = ("GET", "HEAD", "POST")


def with_session(
    view: Callable[Concatenate[HttpRequest, OpenSession, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view the booking session of this browser; one that is booked leads to its booking.

    Without any, say that the booking has to start again.
    """

    @wraps(view)
    def found(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            session = session_of(request)
            return ask_next_person(session) or view(request, session, *args, **kwargs)
        except HoldExpired:
            made = booked(request)
            # Another tab has booked: this one showed something that was still to be booked.
            if made and request.method == "POST" and seen_in(request) != booked_as(request):
                raise ContentChanged from None
            return redirect_to_booked(made) if made else expired(request)

    return found


def redirect_to_booked(made: Sequence[Created]) -> HttpResponse:
    """Lead to what was booked; the browser remembers the link of each visit."""
    response = redirect(
        "citizen:reserve-done"
        if len(made) > 1 or not made[0].link_token
        else f"{reverse('citizen:link-show', args=[made[0].link_token])}?step=done"
    )
    for each in made:
        remember_link(response, each.link_token)
    return response


def ask_next_person(session: OpenSession, office: str = "") -> HttpResponse | None:
    """Ask for the procedures of the next of those who come; None once all are known."""
    known = len(session.form_data.members)
    if known >= session.form_data.people:
        return None
    query = {"person": known + 1, **({"office": office} if office else {})}
    return redirect(f"{reverse('citizen:reserve-procedures')}?{urlencode(query)}")


def person_index(request: HttpRequest, form_data: FormData) -> int:
    """Return of which person a page speaks: the first, unless the address or the form says another."""
    text = (typed_in(request) or QueryDict()).get("person") or request.GET.get("person", "")
    return min(positive_number(text), form_data.people, len(form_data.members) + 1)


def step_url(page: str, number: int) -> str:
    """Return the address of a step for one of several people."""
    return reverse(f"citizen:reserve-{page}") + (f"?person={number}" if number > 1 else "")


def link_to_ward(name: str, leave_out: int) -> str:
    """Return the address of a ward page, which offers to leave out that person where several come."""
    address = reverse("citizen:reserve-ward", args=[name])
    return f"{address}?leave_out={leave_out}" if leave_out else address


def expired(request: HttpRequest, *, is_paused: bool = False) -> HttpResponse:
    """Return the page for somebody whose time ran out or was stopped; what was typed is still there.

    A press is led to it by an address.
    """
    if request.method == "POST":
        return SeeOther(reverse("citizen:reserve-expired") + ("?paused=1" if is_paused else ""))
    form_data = form_data_of(request)
    times = reverse("citizen:reserve-times", args=[form_data.office]) if form_data.office else ""
    return page(request, "reserve/expired", {"times": times, "is_paused": is_paused}, status=410)


@open_to_everyone
@require_safe
def show_expired(request: HttpRequest) -> HttpResponse:
    """Say that the time ran out, or that it is stopped."""
    return expired(request, is_paused="paused" in request.GET)


def shown_whole(request: HttpRequest) -> str:
    """Return what the whole session of this browser shows; "" without one."""
    session = session_or_none(request)
    return session.row.shown if session else ""


def positive_number(text: str) -> int:
    """Return a number from an address, 1 where it is none from 1 to 999."""
    return max(1, small_number(text))


def small_number(text: str) -> int:
    """Return a number from an address or a hidden field, 0 where it is none from 0 to 999."""
    return int(text) if text.isdecimal() and len(text) < 4 else 0  # noqa: PLR2004 - pages of offices


def hold_box_of(session: OpenSession, runs: Sequence[Run]) -> HoldBox:
    """Return how long the times are held. Raises HoldExpired where nothing is held."""
    row = session.row
    if row.held_until is None:
        raise HoldExpired
    rules = booking_rules(clock.now(), row.office)
    return hold_box(
        runs=runs,
        office=office_row(row.office).name,
        held_until=row.held_until,
        extensions=row.extensions,
        latest=row.held_until
        + max(0, rules.hold_extensions - row.extensions)
        * timedelta(minutes=hold_minutes(rules, session.form_data.people)),
    )


def redirect_to_details_or_confirm(form_data: FormData) -> HttpResponse:
    """Lead to the first person without a name, or to the confirmation."""
    if number := form_data.nameless:
        return redirect(step_url("details", number))
    return redirect("citizen:reserve-confirm")
