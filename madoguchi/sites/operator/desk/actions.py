"""What each button of the call screen does to a call."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from madoguchi.common import births
from madoguchi.reservations.errors import HoldExpired, NoMoreExtensions
from madoguchi.reservations.submissions import Created
from madoguchi.sites.operator.desk.call import PERSON, PLACE, PROCEDURES, READ_BACK, CallSession
from madoguchi.sites.operator.desk.forms import BlockForm
from madoguchi.sites.operator.desk.steps import person, place, procedures, read_back
from madoguchi.sites.operator.grid import read_number
from madoguchi.sites.operator.script_column import ward_script
from madoguchi.workflows.booking import sessions

ACCEPT: Final[dict[int, Callable[[CallSession, BlockForm], bool]]] = {
    PROCEDURES: procedures.accept,
    PLACE: place.accept,
    PERSON: person.accept,
}


def handle(call: CallSession, do: str) -> Created | None:
    """Do what a button says and return the booking when one was made.

    Seats are held from the time chosen in block 2 until it is booked, changed or left.
    """
    # Before, too: the grid would take the operator's own seats for taken.
    if call.step <= PLACE:
        call.release_hold()
    if do.startswith("extend:"):
        # Too late: the page says so.
        with suppress(NoMoreExtensions, HoldExpired, ValueError):
            sessions.extend_hold(token=call.token, extensions=int(do.removeprefix("extend:")))
    made = dispatch(call, do)
    if call.step <= PLACE:
        call.data["waits"] = ""
    if made or call.step <= PLACE:
        call.release_hold()
    return made


def dispatch(call: CallSession, do: str) -> Created | None:
    """Run the action of a button, `verb` or `verb:value`; return the booking when one was made."""
    verb, _, value = do.partition(":")
    if verb == "enter" and call.data.get("q", "") != call.data.get("searched", ""):
        verb = "search"
    call.has_searched = verb == "search"
    if verb == "search":
        call.data["searched"] = call.data.get("q", "")
    elif verb == "back":
        call.step = max(PROCEDURES, call.step - 1)
    elif verb == "open":
        call.step = min(read_number(value, PROCEDURES, most=READ_BACK), call.step)
    elif verb in {"offices", "days", "cell"}:
        _move_grid(call, verb, value)
    elif verb == "address":
        call.fill_address()
    elif verb == "wait" and call.step == PLACE:
        place.begin_waiting(call)
    elif verb in {"enter", "next", "wait", "guided"}:
        made = _submit_step(call)
        call.was_guided = verb == "guided" and bool(call.ward)
        return made
    return None


def _move_grid(call: CallSession, verb: str, value: str) -> None:
    if verb == "offices":
        call.show_grid(page=value, since=call.data.get("since", ""))
    elif verb == "days":
        call.show_grid(page=call.data.get("page", ""), since=value)
    else:
        call.data["cell"], call.data["slot"] = value, ""


def _submit_step(call: CallSession) -> Created | None:
    """Read the open block; go on to the next one, or book after the last."""
    if call.step == PLACE and place.search_elsewhere(call):
        return None
    call.bound = form = call.form(call.step, bound=True)
    if not form.is_valid():
        if form.has_error("birth_date", births.TooYoung.code):
            call.ward = ward_script("ward.UNDER_15")
        return None
    if call.step == READ_BACK:
        return read_back.register(call, form)
    if ACCEPT[call.step](call, form):
        call.step += 1
        call.bound = None
    return None
