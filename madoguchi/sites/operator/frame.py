"""What stands around every page of the call centre: today's figures in the bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render

from madoguchi.common import clock
from madoguchi.contract.selectors import program
from madoguchi.reservations.disruption_lists import visits_to_call_count
from madoguchi.reservations.figures import day_figures
from madoguchi.reservations.kinds import Channel
from madoguchi.reservations.selectors import reminder_calls_left
from madoguchi.reservations.waiting import offers_to_call_count
from madoguchi.sites.operator import callers
from madoguchi.web.policies import StaffRequest
from madoguchi.workflows.callcentre.calls import reminder_day
from madoguchi.workflows.outage.notices import StopNotice, stop_notices

# The first figures of the bar; the other channels stand there once they have a booking, for it is narrow.
ALWAYS_SHOWN: Final = (Channel.PHONE, Channel.WEB)


@dataclass(frozen=True, slots=True)
class Bar:
    """Today so far, each figure a count of rows; `booked` has one for each channel.

    `call_since` is when the call in progress began (HH:MM), `way_back` its address on every other page.
    """

    name: str
    booked: Mapping[str, int]
    changed: int
    cancelled: int
    calls_left: int
    offers: int
    stopped: int
    stops: Sequence[StopNotice]
    call_since: str
    way_back: str


def page(
    request: StaffRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a page of the call centre with the bar above it."""
    figures, call = day_figures(clock.today()), callers.call_of(request)
    bar = Bar(
        name=program().call_centre_name,
        booked={
            str(channel.label): figures.booked[channel]
            for channel in (*ALWAYS_SHOWN, *Channel)
            if channel in ALWAYS_SHOWN or figures.booked[channel]
        },
        changed=figures.changed,
        cancelled=figures.cancelled,
        calls_left=reminder_calls_left(day=reminder_day()),
        offers=offers_to_call_count(),
        stopped=visits_to_call_count(),
        stops=stop_notices(clock.today()),
        call_since=f"{clock.to_jst(call.started_at):%H:%M}" if call else "",
        way_back=callers.way_back(request),
    )
    return render(request, f"operator/{template}.html", {**context, "bar": bar}, status=status)
