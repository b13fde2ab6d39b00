"""Block 2: the office and the time, or what somebody waits for where nothing is free."""

from datetime import time
from typing import Final

from madoguchi.common import era
from madoguchi.common.errors import Refusal
from madoguchi.reservations.errors import SlotFull
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.sites.operator.desk.call import PERSON, PLACE, CallSession
from madoguchi.sites.operator.desk.forms import BlockForm
from madoguchi.sites.operator.grid import CHANNEL
from madoguchi.web.forms import add_refusal
from madoguchi.workflows.booking import sessions
from madoguchi.workflows.booking.offering import bookable_days

TITLE: Final = "郵便局と日時"
SCRIPTS: Final = ("script.place",)
ABOUT: Final = "近い郵便局の空きから選ぶ"
# Bounds of a visit that would do, by what the caller said.
TIMES: Final = {"": (time(0), time(23, 59)), "am": (time(0), time(11, 59)), "pm": (time(12), time(23, 59))}


def search_elsewhere(call: CallSession) -> bool:
    """Show the grid of another place where one was typed; return whether that was so."""
    wanted = f"{call.data.get('near', '')} {call.data.get('ward', '')}".strip()
    if wanted == call.data.get("looked", ""):
        return False
    call.bound = form = call.form(PLACE, bound=True)
    form.errors.pop("slot", None)
    if not form.errors:
        call.bound = None
        call.data["looked"] = wanted
        if call.data.get("near") and not call.is_sorted_by_distance:
            call.notes.append("この郵便番号からの近い順はわかりません。早い順に並べています。")
    call.show_grid(page="", since="")
    return True


def accept(call: CallSession, form: BlockForm) -> bool:
    """Hold the time for this call; return whether it could be held."""
    if call.grid.time is None or call.grid.time.slot != form.cleaned_data["slot"]:
        add_refusal(form, SlotFull(), field="slot")
        return False
    try:
        call.token = sessions.start_session(source=str(call.actor), form_data={})
        sessions.hold_slot(
            token=call.token, slot=form.cleaned_data["slot"], codes=call.codes, channel=CHANNEL
        )
    except Refusal as refusal:
        add_refusal(form, refusal, field="slot")
        return False
    _start_address(call)
    return True


def begin_waiting(call: CallSession) -> None:
    """Go on to who waits, for the offices that the grid shows; nothing is held."""
    form = call.form(PLACE, bound=True)
    form.errors.pop("slot", None)
    first, last = form.cleaned_data.get("wait_first"), form.cleaned_data.get("wait_last")
    if first and last and last < first:
        form.add_error("wait_last", "「いつから」と同じ日か、あとの日を入力してください")
    if form.errors or not call.grid.rows:
        call.bound = form
        return
    call.data["waits"] = ",".join(row.cells[0].value.partition(":")[0] for row in call.grid.rows)
    call.data["cell"] = call.data["slot"] = ""
    call.step = PERSON
    _start_address(call)


def wish_of(call: CallSession) -> Wish:
    """Return what the caller waits for: offices, days and times of day."""
    place = call.form(PLACE, bound=True)
    place.is_valid()
    wanted = place.cleaned_data
    days = bookable_days(channel=CHANNEL).narrowed(*call.visit_bounds) or bookable_days(channel=CHANNEL)
    earliest, latest = TIMES[wanted.get("wait_times", "")]
    return Wish(
        offices=tuple(row.code for row in call.waits),
        first_day=wanted.get("wait_first") or days.first,
        last_day=wanted.get("wait_last") or days.last,
        earliest=earliest,
        latest=latest,
    )


def summary(call: CallSession) -> tuple[str, str]:
    """Return the time and office with its address, or what is waited for."""
    if call.waits:
        wish, names = wish_of(call), "・".join(row.short_name for row in call.waits)
        return f"空き待ち {names}", f"{era.staff_day(wish.first_day)}〜{era.staff_day(wish.last_day)}"
    if call.run is None or call.place is None:
        return "", ""
    return f"{era.staff_datetime(call.run.starts_at)} {call.place.short_name}", call.place.address


def _start_address(call: CallSession) -> None:
    """Start from the postal code near which the caller looks, where nothing was typed yet."""
    if not call.data.get("postal_code") and not call.data.get("address"):
        call.data["postal_code"] = call.data.get("near", "")
        call.fill_address()
