"""What stands around every page of the call centre: today's figures in the bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from madoguchi.common import clock
from madoguchi.contract.selectors import program
from madoguchi.reservations.disruption_lists import visits_to_call_count
from madoguchi.reservations.figures import day_figures
from madoguchi.reservations.selectors import reminder_calls_left
from madoguchi.reservations.waiting import offers_to_call_count
from madoguchi.web.policies import StaffRequest
from madoguchi.workflows.callcentre.calls import reminder_day


@dataclass(frozen=True, slots=True)
class Bar:
    """Today so far, each figure a sum of rows."""

    name: str
    booked_phone: int
    booked_web: int
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
        booked_phone=figures.booked_phone,
        booked_web=figures.booked_web,
        changed=figures.changed,
        cancelled=figures.cancelled,
        calls_left=reminder_calls_left(day=reminder_day()),
        offers=offers_to_call_count(),
        stopped=visits_to_call_count(),
    )
    return render(request, f"operator/{template}.html", {**context, "bar": bar}, status=status)
