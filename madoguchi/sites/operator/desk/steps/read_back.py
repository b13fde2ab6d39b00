"""Block 4: everything is read back, and the visit is booked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common.errors import Refusal
from madoguchi.reservations.errors import (
    AlreadyCancelled,
    DuplicateReservation,
    FamilyFull,
    IdempotencyMismatch,
    NotEligible,
    SlotFull,
)
from madoguchi.reservations.submissions import Created
from madoguchi.sites.operator.desk.call import PERSON, PLACE, PROCEDURES, READ_BACK, CallSession
from madoguchi.sites.operator.desk.forms import BlockForm, field_of
from madoguchi.sites.operator.grid import CHANNEL
from madoguchi.sites.operator.search import FoundLine, lines_of
from madoguchi.web.forms import add_refusal
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.privacy.access import similar_people

TITLE: Final = "持参物・復唱"
SCRIPTS: Final = ("script.confirm",)
ABOUT: Final = "日時・持参物・締切を読み上げる"


def register(call: CallSession, read_back: BlockForm) -> Created | None:
    """Book the visit and return it; None when the page says what stands against it."""
    for number in (PROCEDURES, PLACE, PERSON):
        form = call.form(number, bound=True)
        if not form.is_valid() or not call.codes:
            call.step, call.bound = number, form
            return None
    person = call.person_of(form)
    asked = booking.BookingRequest(
        visitors=(booking.Visitor(tuple(call.codes), person),), slot=int(str(call.data["slot"]))
    )
    try:
        return booking.book(
            replace(
                asked,
                channel=CHANNEL,
                actor=call.actor,
                submission=str(call.data["submission"]),
                fingerprint=repr(asked),
                may_repeat=bool(read_back.cleaned_data["may_repeat"]),
                token=call.token,
                joins=call.companion.id if call.companion else None,
            )
        )
    except (AlreadyCancelled, FamilyFull) as refusal:
        call.data["with"] = ""
        call.notes.append(f"{refusal.message}もう一度押すと、この方だけの予約として登録します。")
    except Refusal as refusal:
        _show_refusal(call, refusal)
    return None


def similar_bookings(call: CallSession) -> Sequence[FoundLine]:
    """Return reservations that may be the same person's or household's: a hint only."""
    if call.step != READ_BACK:
        return ()
    form = call.form(PERSON, bound=True)
    if not form.is_valid():
        return ()
    typed = form.cleaned_data
    return lines_of(
        similar_people(
            name=typed["name"],
            birth_date=typed["birth_date"],
            phone=typed["phone"],
            actor=call.actor,
            scope=EVERYWHERE,
        )
    )


def _show_refusal(call: CallSession, refusal: Refusal) -> None:
    """Open the block in which the refusal can be mended, with the sentence beside the field."""
    if isinstance(refusal, DuplicateReservation):
        call.warned = True
    elif isinstance(refusal, IdempotencyMismatch):
        call.notes.append("この予約は登録済みです。別の予約は「新しい電話」から始めてください。")
    elif refusal.fields.get("field"):
        call.step, call.bound = PERSON, call.form(PERSON, bound=True)
        add_refusal(call.bound, refusal, field=field_of(refusal, call.bound))
    else:
        call.step, call.bound = PLACE, call.form(PLACE, bound=True)
        call.data["slot"] = ""
        add_refusal(call.bound, refusal, {SlotFull: "slot", NotEligible: "slot"})
