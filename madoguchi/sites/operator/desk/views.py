"""The call screen: search the caller, book in five blocks, read the reference twice (仕様書 4(5)ウ)."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from madoguchi.accounts.kinds import Permission
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.common.errors import ContentChanged
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import booking_rules
from madoguchi.reservations.selectors import reservation_by_reference
from madoguchi.reservations.waiting_entries import WaitRow
from madoguchi.sites.operator import callers
from madoguchi.sites.operator.desk.actions import handle
from madoguchi.sites.operator.desk.blocks import blocks_of, script_of
from madoguchi.sites.operator.desk.call import PLACE, CallSession
from madoguchi.sites.operator.desk.steps.read_back import similar_bookings
from madoguchi.sites.operator.frame import page
from madoguchi.sites.operator.grid import format_deadlines
from madoguchi.sites.operator.keyed import focus_on
from madoguchi.sites.operator.search import find_callers
from madoguchi.web.lists import typed_text
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.workflows.booking.offering import deadlines
from madoguchi.workflows.callcentre.calls import record_guidance
from madoguchi.workflows.privacy.access import open_reservation

# Buttons of every page that end the call; the second one when the caller has hung up already.
LEAVE, CUT_OFF = "leave", "cut_off"
# Buttons of other pages that begin a booking with what is known of a caller.
LIKE, WITH = "like", "with"


@open_to(Permission.OPERATOR_RESERVATION_WRITE)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: StaffRequest) -> HttpResponse:
    """Show the call as far as it has come; each press sends everything along, and the last one books."""
    do = request.POST.get("do", "")
    if do in {LEAVE, CUT_OFF} or do.partition(":")[0] in {LIKE, WITH}:
        return _go_on(request, do)
    typed, current = _typed(request), callers.call_of(request)
    # Only with somebody whom the operator has made sure of.
    if not callers.is_known(request, typed.get("with", "")):
        typed["with"] = ""
    call = CallSession(typed, actor=request.actor, token=current.hold if current else "")
    if do == "keep":
        callers.keep(request, call.fields, hold=call.token)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if request.method == "POST":
        made = handle(call, do)
        if made is not None:
            callers.note_booked(request, made.reference, callers.BOOKED)
            return redirect("operator:visits-booked", reference=made.reference)
        if call.was_guided:
            # Pressed twice, the first press has ended the call.
            if current:
                record_guidance(guidance=call.ward, actor=request.actor)
            callers.end(request)
            messages.success(request, "区役所を案内して、通話を終えました。")
            return redirect("operator:desk")
        callers.keep(request, {} if call.wait_created else call.fields, hold=call.token)
        if call.wait_created is not None:
            messages.success(request, _entered(call.wait_created))
            return redirect("operator:waiting-list")
    found = find_callers(typed_text(call.data, "searched"), actor=request.actor)
    blocks = blocks_of(call)
    form = next(block.form for block in blocks if block.state == "open")
    focus = _focus(call, has_found=bool(found and found.lines))
    if focus == "block" and form is not None:
        focus_on(form)
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


def _typed(request: StaffRequest) -> QueryDict:
    """Return what was typed into the booking under way: as it is sent, else as it was kept.

    Raises ContentChanged where a press belongs to another booking than the one under way.
    """
    kept, call = QueryDict(mutable=True), callers.call_of(request)
    for name, values in (call.fields if call else {}).items():
        kept.setlist(name, values)
    sent = request.POST
    if request.method != "POST":
        return kept
    if not sent.get("submission"):
        if "step" in sent:
            raise ContentChanged
        # The search of another page: the booking under way stays beside what it finds.
        if "q" in sent:
            kept["q"] = sent["q"]
        return kept
    if kept and kept.get("submission") != sent["submission"]:
        raise ContentChanged
    return sent.copy()


def _go_on(request: StaffRequest, do: str) -> HttpResponse:
    """End the call or begin another booking, but not before each new reference was read aloud twice."""
    if len(request.POST.getlist("read")) == callers.TIMES_READ:
        callers.mark_read(request, request.POST.get("reference", ""))
    if do != CUT_OFF and (unread := callers.unread_reference(request)):
        messages.warning(request, callers.READ_FIRST)
        return redirect("operator:visits-booked", reference=unread)
    if do in {LEAVE, CUT_OFF}:
        callers.end(request)
        return redirect("operator:desk")
    return _begin_another(request, do)


def _begin_another(request: StaffRequest, do: str) -> HttpResponse:
    """Begin a booking with a caller's data, or of a family member beside; for known callers only."""
    verb, _, reference = do.partition(":")
    reservation_id = reservation_by_reference(reference, scope=EVERYWHERE)
    if not callers.is_known(request, reference):
        return redirect("operator:visits-show", reference=reference)
    row = open_reservation(reservation_id=reservation_id, actor=request.actor, scope=EVERYWHERE)
    current = callers.call_of(request)
    call = CallSession(QueryDict(), actor=request.actor, token=current.hold if current else "")
    call.release_hold()
    if verb == WITH:
        call.start_companion(row)
    else:
        call.prefill_person(row.person)
    callers.keep(request, call.fields, hold="")
    return redirect("operator:desk")


def _entered(row: WaitRow) -> str:
    """Say how the waiting began."""
    number = f"番号は {show_reference(row.reference)} です。"
    if row.is_open:
        return f"空き待ちを受け付けました。{number}すぐにご案内できる空きがあります。"
    told = "メール" if row.person.email else "お電話"
    return f"空き待ちを受け付けました。{number}空きが出たら、{told}でお知らせします。"


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


def _focus(call: CallSession, *, has_found: bool) -> str:
    """Return where the next key press should go: the search, its first result, the grid or the open block.

    "" where the keys of the page do: who must go to the ward office is told so.
    """
    if call.ward:
        return ""
    if call.has_searched:
        return "found" if has_found else "search"
    if call.step == PLACE and (call.bound is None or "slot" in call.bound.errors):
        return "grid"
    return "block"
