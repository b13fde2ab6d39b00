"""The little work a browser does before it takes a hold while many are taken; modules/work.js does it."""

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from madoguchi.reservations.errors import HighDemand, HoldExpired
from madoguchi.sites.citizen.pages import too_many
from madoguchi.sites.citizen.reserve.session import COOKIE
from madoguchi.web.cookies import read_cookie
from madoguchi.web.network import client_address
from madoguchi.web.policies import open_to_everyone
from madoguchi.workflows.booking import admission

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def asks_for_work(view: View[P]) -> View[P]:
    """Let a press that takes a hold through only once it may; a session that is gone is the view's."""

    @wraps(view)
    def admitted(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST":
            token, work = read_cookie(request, COOKIE), request.POST.get("work", "")
            try:
                admission.admit(token=token, work=work, source=client_address(request))
            except HoldExpired:
                return view(request, *args, **kwargs)
            except HighDemand as refusal:
                return too_many(request, refusal)
        return view(request, *args, **kwargs)

    return admitted


@open_to_everyone
@require_safe
def show_task(request: HttpRequest) -> HttpResponse:
    """Give the browser what it has to work out, or nothing."""
    try:
        found = admission.proof_of_work(token=read_cookie(request, COOKIE), source=client_address(request))
    except HoldExpired:
        found = None
    response = JsonResponse(asdict(found)) if found else HttpResponse(status=204)
    response["Cache-Control"] = "no-store"
    return response
