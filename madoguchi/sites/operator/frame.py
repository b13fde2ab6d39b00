"""What stands around every page of the call centre: today's figures in the bar."""

from collections.abc import Mapping
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
from madoguchi.web.policies import StaffRequest
from madoguchi.workflows.callcentre.calls import reminder_day

# In the order of the bar: what the call centre itself does comes first.
CHANNELS: Final = (Channel.PHONE, Channel.WEB, Channel.PARTNER)


@dataclass(frozen=True, slots=True)
class Bar:
    """Today so far, each figure a count of rows; `booked` has one for each channel."""

    name: str
    booked: Mapping[str, int]
    changed: int
    cancelled: int
    calls_left: int
    offers: int
    stopped: int


def page(
    request: StaffRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a page of the call centre with the bar above it."""
    figures = day_figures(clock.today())
    bar = Bar(
        name=program().call_centre_name,
        # Partners book only where the city has agreed to it: nothing of them, no figure in a narrow bar.
        booked={
            str(channel.label): count
            for channel in CHANNELS
            if (count := figures.booked[channel]) or channel != Channel.PARTNER
        },
        changed=figures.changed,
        cancelled=figures.cancelled,
        calls_left=reminder_calls_left(day=reminder_day()),
        offers=offers_to_call_count(),
        stopped=visits_to_call_count(),
    )
    return render(request, f"operator/{template}.html", {**context, "bar": bar}, status=status)
