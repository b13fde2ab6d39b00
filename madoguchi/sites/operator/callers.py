"""The call in progress as pages see it, and whom the operator has verified in it (仕様書 4(5)ウ)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse

from madoguchi.common import clock
from madoguchi.web.policies import StaffRequest
from madoguchi.workflows.callcentre import current_call as calls
from madoguchi.workflows.callcentre.current_call import CurrentCall

VERIFICATION_LIFETIME: Final = timedelta(minutes=30)
# What the caller said agrees; then the person was reached at the number on file. Or this very call made the
# booking, or the operator rang the number on file to begin with.
MATCHED, REACHED, BOOKED, RUNG = "matched", "reached", "booked", "rung"
READ_FIRST: Final = "予約番号を2回読み上げてから、通話を終えてください。"
TIMES_READ: Final = 2
BUSY: Final = "通話中の予約があります。その通話を F4 で終えてから、もう一度押してください。"
# What was done, for each stage that opens a booking.
DONE: Final[Mapping[str, tuple[str, ...]]] = {
    REACHED: (
        "フリガナ",
        "生年月日",
        "登録の電話番号、または郵便局と日時",
        "登録の番号にかけ直した",
    ),
    BOOKED: ("この電話で、ご本人から予約を受け付けた",),
    RUNG: ("登録の番号にこちらから電話し、ご本人が出た",),
}


def call_of(request: StaffRequest) -> CurrentCall | None:
    """Return the call in progress, read once for a request."""
    if not hasattr(request, "current_call"):
        request.current_call = calls.current_call(actor=request.actor)  # type: ignore[attr-defined]
    call: CurrentCall | None = request.current_call  # type: ignore[attr-defined]
    return call


def note(request: StaffRequest, reference: str, stage: str) -> None:
    """Keep the verification stage of a caller until the call ends."""
    _change(request, lambda call: _noted(call, reference, stage))


def note_booked(request: StaffRequest, reference: str, stage: str) -> None:
    """Keep who was booked; nothing typed stays, and the reference is to be read aloud twice."""
    _change(
        request,
        lambda call: replace(
            _noted(call, reference, stage), fields={}, hold="", unread=[*call.unread, reference]
        ),
    )


def mark_read(request: StaffRequest, reference: str) -> None:
    """Keep that a reference was read aloud twice."""
    if (current := call_of(request)) and reference in current.unread:
        _change(
            request, lambda call: replace(call, unread=[each for each in call.unread if each != reference])
        )


def unread_reference(request: StaffRequest) -> str:
    """Return a reference that was made in this call and not read aloud twice, "" without one."""
    call = call_of(request)
    return next((each for each in call.unread if is_known(request, each)), "") if call else ""


def _noted(call: CurrentCall, reference: str, stage: str) -> CurrentCall:
    others = {key: value for key, value in call.callers.items() if key != reference}
    return replace(call, callers={**others, reference: (stage, clock.now().isoformat())})


def _change(request: StaffRequest, change: Callable[[CurrentCall], CurrentCall]) -> None:
    request.current_call = calls.update_call(actor=request.actor, change=change)  # type: ignore[attr-defined]


def keep(request: StaffRequest, fields: Mapping[str, list[str]], *, hold: str) -> None:
    """Keep what was typed into the booking under way until it is made or the call ends."""
    _change(request, lambda call: calls.keep_fields(call, fields, hold=hold))


def end(request: StaffRequest) -> None:
    """End the call: what one caller said is never before the operator when the next one calls."""
    calls.end_call(actor=request.actor)
    request.current_call = None  # type: ignore[attr-defined]


def stage_of(request: StaffRequest, reference: str) -> str:
    """Return the verification stage of a caller in this call, at most half an hour old; "" for none."""
    call = call_of(request)
    stage, at = call.callers.get(reference, ("", "")) if call else ("", "")
    return stage if stage and clock.now() - datetime.fromisoformat(at) < VERIFICATION_LIFETIME else ""


def is_known(request: StaffRequest, reference: str) -> bool:
    """Tell whether it is sure in this call that the person of a reservation is on the telephone."""
    return stage_of(request, reference) in DONE


def way_back(request: StaffRequest) -> str:
    """Return the address of the call in progress: its booking under way, else its latest caller.

    "" without a call, and on that very page.
    """
    call, desk = call_of(request), reverse("operator:desk")
    if call is None:
        return ""
    if call.fields or not call.callers:
        return "" if request.path == desk else desk
    visit = reverse("operator:visits-show", args=[list(call.callers)[-1]])
    return "" if request.path.startswith(visit) else visit


def has_booking(request: StaffRequest) -> bool:
    """Tell whether a booking is under way or not read aloud yet, which a call to somebody else would end."""
    call = call_of(request)
    return bool(call and (call.fields or call.unread))


def begin_rung(request: StaffRequest, reference: str) -> None:
    """Begin the call with somebody who was rung at the number on file; the call before is over."""
    end(request)
    note(request, reference, RUNG)
