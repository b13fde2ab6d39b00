"""The fingerprint of shown content in every form, and the page shown again after a change.

Forms carry it as `seen` (web/components/seen.html). The workflow compares it under its lock; what only a page
knows, the view compares itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, QueryDict
from django.shortcuts import render

from madoguchi.sealing.shown import FIELD, refuse_other

if TYPE_CHECKING:
    from madoguchi.common.errors import ContentChanged

CONFLICT = 409


def seen_in(request: HttpRequest) -> str:
    """Return the fingerprint that a form carries, "" without one, which never matches."""
    return request.POST.get(FIELD, "")


def refuse_unseen(request: HttpRequest, now: str) -> None:
    """Raise ContentChanged where a form was sent that did not show what stands now."""
    if request.method == "POST":
        refuse_other(seen_in(request), now)


def is_shown_anew(request: HttpRequest) -> bool:
    """Tell whether the page is shown again after a refused action."""
    return hasattr(request, "changed")


def show_anew(request: HttpRequest, refusal: ContentChanged) -> HttpResponseBase:
    """Show the page as it stands now, with the sentence above it; nothing was done.

    Where the page is no longer the one to look at, say so with the way to that one.
    """
    match = request.resolver_match
    if match is None:
        raise refusal
    request.method, request.POST = "GET", QueryDict()  # the press is over
    request.changed = refusal.message  # type: ignore[attr-defined]  # read by the frame of every page
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if not (response.has_header("Location") or response.status_code == HttpResponseNotAllowed.status_code):
        if response.status_code == HttpResponse.status_code:
            response.status_code = CONFLICT
        return response
    to = response.get("Location") or str(refusal.fields.get("page", "/"))
    is_staff = bool(getattr(request, "is_staff_side", False))
    page = "web/staff/changed.html" if is_staff else "changed.html"
    answer = render(request, page, {"to": to}, status=CONFLICT)
    answer.headers["Cache-Control"] = "no-store"
    return answer
