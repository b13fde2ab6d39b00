"""How the steps of a booking follow one another: whose attempt it is, and where a page leads."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from madoguchi.common import clock
from madoguchi.common.errors import ContentChanged
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
from madoguchi.sites.citizen.reserve.draft import (
    Attempt,
    Draft,
    attempt_of,
    attempt_or_none,
    booked,
    booked_as,
    draft_of,
)
from madoguchi.web.shown import seen_in

P = ParamSpec("P")
GET_POST = ("GET", "HEAD", "POST")


def with_attempt(
    view: Callable[Concatenate[HttpRequest, Attempt, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view the attempt of this browser; one that is booked leads to its booking.

    Without any, say that the booking has to start again.
    """

    @wraps(view)
    def found(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            attempt = attempt_of(request)
            return ask_next_person(attempt) or view(request, attempt, *args, **kwargs)
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


def ask_next_person(attempt: Attempt, office: str = "") -> HttpResponse | None:
    """Ask for the procedures of the next of those who come; None once all are known."""
    known = len(attempt.draft.members)
    if known >= attempt.draft.people:
        return None
    query = {"person": known + 1, **({"office": office} if office else {})}
    return redirect(f"{reverse('citizen:reserve-procedures')}?{urlencode(query)}")


def person_index(request: HttpRequest, draft: Draft) -> int:
    """Return of which person a page speaks: the first, unless the address or the form says another."""
    text = request.POST.get("person") or request.GET.get("person", "")
    return min(positive_number(text), draft.people, len(draft.members) + 1)


def step_url(page: str, number: int) -> str:
    """Return the address of a step for one of several people."""
    return reverse(f"citizen:reserve-{page}") + (f"?person={number}" if number > 1 else "")


def link_to_ward(name: str, leave_out: int) -> str:
    """Return the address of a ward page, which offers to leave out that person where several come."""
    address = reverse("citizen:reserve-ward", args=[name])
    return f"{address}?leave_out={leave_out}" if leave_out else address


def expired(request: HttpRequest, *, is_paused: bool = False) -> HttpResponse:
    """Return the page for somebody whose time ran out or was stopped; what was typed is still there."""
    draft = draft_of(request)
    times = reverse("citizen:reserve-times", args=[draft.office]) if draft.office else ""
    return page(request, "reserve/expired", {"times": times, "is_paused": is_paused}, status=410)


def shown_whole(request: HttpRequest) -> str:
    """Return what the whole attempt of this browser shows; "" without one."""
    attempt = attempt_or_none(request)
    return attempt.hold.shown if attempt else ""


def positive_number(text: str) -> int:
    """Return a number from an address, 1 where it is none from 1 to 999."""
    return max(1, int(text)) if text.isdecimal() and len(text) < 4 else 1  # noqa: PLR2004 - pages of offices


def hold_box_of(attempt: Attempt, runs: Sequence[Run]) -> HoldBox:
    """Return how long the times are held. Raises HoldExpired where nothing is held."""
    hold = attempt.hold
    if hold.held_until is None:
        raise HoldExpired
    rules = booking_rules(clock.now(), hold.office)
    return hold_box(
        runs=runs,
        office=office_row(hold.office).name,
        held_until=hold.held_until,
        may_extend=hold.extensions < rules.hold_extensions,
    )


def redirect_to_details_or_confirm(draft: Draft) -> HttpResponse:
    """Lead to the first person without a name, or to the confirmation."""
    if number := draft.nameless:
        return redirect(step_url("details", number))
    return redirect("citizen:reserve-confirm")
