"""The call screen: search the caller, book in five blocks, read the reference twice (仕様書 4(5)ウ)."""

import re
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.common.errors import ContentChanged
from madoguchi.contract.selectors import booking_rules
from madoguchi.reservations.selectors import reservation_by_reference
from madoguchi.reservations.waiting import WaitRow
from madoguchi.sites.operator import callers
from madoguchi.sites.operator.desk.actions import handle
from madoguchi.sites.operator.desk.blocks import blocks_of, script_of
from madoguchi.sites.operator.desk.call import PLACE, CallSession
from madoguchi.sites.operator.desk.steps.read_back import similar_bookings
from madoguchi.sites.operator.frame import page
from madoguchi.sites.operator.grid import format_deadlines
from madoguchi.sites.operator.search import find_callers
from madoguchi.web.lists import typed_text
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.booking import sessions
from madoguchi.workflows.booking.offering import deadlines
from madoguchi.workflows.privacy.access import open_reservation

# Where the signed-in session keeps the tokens of the operator's booking sessions, by call; and how many calls
# hold a time at once.
HOLDS: Final = "holds"
MAX_HOLDS: Final = 3
CALL_NAME: Final = re.compile(r"[\w-]{22}", re.ASCII)


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: StaffRequest) -> HttpResponse:
    """Show the call as far as it has come; each press sends everything along, and the last one books."""
    typed = request.POST.copy() if request.method == "POST" else QueryDict(mutable=True)
    # Only with somebody whom the operator has made sure of.
    if callers.stage_of(request, typed.get("with", "")) != callers.REACHED:
        typed["with"] = ""
    name, do = _call_name(request, typed), request.POST.get("do", "")
    if do == "leave":
        _leave(request, name)
        return redirect("operator:desk")
    call = CallSession(typed, actor=request.actor, token=_holds(request).get(name, ""))
    if request.method == "POST":
        made = handle(call, do)
        _remember(request, call)
        if made is not None:
            callers.note(request, made.reference, callers.REACHED)
            return redirect("operator:visits-booked", reference=made.reference)
        if call.wait_created is not None:
            messages.success(request, _entered(call.wait_created))
            return redirect("operator:waiting-list")
    elif reference := request.GET.get("like", ""):
        _start_like(request, call, reference)
    elif reference := request.GET.get("with", ""):
        _start_companion(request, call, reference)
    found = find_callers(typed_text(call.data, "searched"), actor=request.actor)
    blocks = blocks_of(call)
    form = next(block.form for block in blocks if block.state == "open")
    focus = _focus(call, do, has_found=bool(found and found.lines))
    if focus == "block" and form is not None:
        field = next((name for name in form.fields if name in form.errors), next(iter(form.fields)))
        form.fields[field].widget.attrs["autofocus"] = True
    return page(
        request,
        "desk",
        {
            "call": call,
            "blocks": blocks,
            "similar": similar_bookings(call),
            "form": form,
            **(_grid_context(call) if call.step == PLACE else {}),
            "found": found,
            "focus": focus,
            "column": script_of(call),
        },
    )


def _call_name(request: StaffRequest, typed: QueryDict) -> str:
    """Return the name of the call that a press belongs to, "" for a new one.

    Raises ContentChanged where a press goes on with a call and does not say with which.
    """
    name = typed.get("submission", "")
    if CALL_NAME.fullmatch(name):
        return name
    if request.method == "POST" and typed.get("step", "1") != "1":
        raise ContentChanged
    typed["submission"] = ""
    return ""


def _holds(request: StaffRequest) -> dict[str, str]:
    return dict(request.session.get(HOLDS, {}))


def _remember(request: StaffRequest, call: CallSession) -> None:
    """Keep the hold of this call beside those of other tabs; the oldest is given back where they are many."""
    holds, name = _holds(request), str(call.data["submission"])
    holds.pop(name, None)
    if call.token:
        holds[name] = call.token
    while len(holds) > MAX_HOLDS:
        sessions.release_hold(token=holds.pop(next(iter(holds))))
    request.session[HOLDS] = holds


def _leave(request: StaffRequest, name: str) -> None:
    """Give back what a call holds; what all of them hold where the page belonged to none."""
    holds = _holds(request)
    for each in [name] if name else list(holds):
        sessions.release_hold(token=holds.pop(each, ""))
    request.session[HOLDS] = holds


def _entered(row: WaitRow) -> str:
    """Say how the waiting began."""
    if row.is_open:
        return "空き待ちを受け付けました。すぐにご案内できる空きがあります。"
    told = "メール" if row.person.email else "お電話"
    return f"空き待ちを受け付けました。空きが出たら、{told}でお知らせします。"


def _grid_context(call: CallSession) -> dict[str, object]:
    time = call.grid.time
    return {
        "grid": call.grid,
        "previous_page": call.grid.page - 1,
        "next_page": call.grid.page + 1,
        "grid_heading": "近い順" if call.is_sorted_by_distance else "早い順",
        "until": format_deadlines(deadlines(time.start.starts_at, time.start.office)) if time else "",
        "hold_minutes": booking_rules(clock.now(), time.start.office).hold_minutes if time else 0,
    }


def _focus(call: CallSession, do: str, *, has_found: bool) -> str:
    """Return where the next key press should go: the search, its first result, the grid or the open block."""
    if do == "":
        return "search"
    if call.has_searched:
        return "found" if has_found else "search"
    if call.step == PLACE and (call.bound is None or "slot" in call.bound.errors):
        return "grid"
    return "block"


def _start_like(request: StaffRequest, call: CallSession, reference: str) -> None:
    """Begin a booking with what a person gave before, once the operator has made sure who it is."""
    if callers.stage_of(request, reference) == callers.REACHED:
        row = open_reservation(
            reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
            actor=request.actor,
            scope=EVERYWHERE,
        )
        call.prefill_person(row.person)


def _start_companion(request: StaffRequest, call: CallSession, reference: str) -> None:
    """Begin a booking for one of the family of a caller who is known, at a time beside theirs."""
    if callers.stage_of(request, reference) == callers.REACHED:
        call.start_companion(
            open_reservation(
                reservation_id=reservation_by_reference(reference, scope=EVERYWHERE),
                actor=request.actor,
                scope=EVERYWHERE,
            )
        )
