"""People on the waiting list: found by name and number, taken off at their wish (仕様書 4(3)ア)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from madoguchi.accounts.kinds import Permission
from madoguchi.panels import waiting_people
from madoguchi.web.policies import StaffRequest, open_to


@open_to(Permission.SECRETARIAT_RESERVATION_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: StaffRequest) -> HttpResponse:
    """Find people on the waiting list; a POST takes one off it. Idempotent."""
    if request.method == "POST":
        waiting_people.take_off(request)
        return redirect("secretariat:waiting-people")
    return render(request, "secretariat/bookings/waiting.html", waiting_people.people_found(request))
