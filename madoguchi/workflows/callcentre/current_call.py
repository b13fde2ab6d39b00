"""The call an operator is in: what was typed and who was verified, until the call ends (仕様書 4(5)ウ).

An operator has one telephone, so one call. It is a booking session, sealed like every other, under a token
that follows from the operator: a reload, another page or a new sign-in finds it again.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Self

from django.db import IntegrityError, transaction

from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.common.forbidden import ForbiddenValue, refuse_forbidden
from madoguchi.reservations import booking_sessions
from madoguchi.reservations.errors import HoldExpired
from madoguchi.sealing.services import index_hash


@dataclass(frozen=True, slots=True)
class CurrentCall:
    """A call in progress.

    `fields` is what was typed into the booking under way, by field, {} without one; `hold` is the token of
    the session that holds its time. `callers` are the verification stage and its instant by reference, the
    latest last. `unread` are the references of bookings made in it that were not read aloud twice yet.
    """

    since: str
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    hold: str = ""
    callers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unread: Sequence[str] = ()

    @classmethod
    def begun_now(cls) -> Self:
        """Return a call that begins at this moment."""
        return cls(since=clock.now().isoformat())

    @property
    def started_at(self) -> datetime:
        """The instant of the first press."""
        return datetime.fromisoformat(self.since)


def current_call(*, actor: Actor) -> CurrentCall | None:
    """Return the call an operator is in, None where there is none."""
    try:
        return _read(booking_sessions.find_session(_token(actor)))
    except HoldExpired:
        return None


def update_call(*, actor: Actor, change: Callable[[CurrentCall], CurrentCall]) -> CurrentCall:
    """Change the call an operator is in, under a lock, and return it; begin one where there is none."""
    token = _token(actor)
    with transaction.atomic(durable=True):
        try:
            row = booking_sessions.find_session(token, lock=True)
        except HoldExpired:
            # Two first presses at the same moment: one of them begins the call.
            with suppress(IntegrityError), transaction.atomic():
                booking_sessions.start_session(
                    source=str(actor), form_data=asdict(CurrentCall.begun_now()), token=token
                )
            row = booking_sessions.find_session(token, lock=True)
        call = change(_read(row))
        booking_sessions.save_form_data(token=token, form_data=asdict(call), before=row.form_data)
    return call


def keep_fields(call: CurrentCall, fields: Mapping[str, list[str]], *, hold: str) -> CurrentCall:
    """Return the call with what was typed; a forbidden number is left out, for it is never stored."""
    kept = {name: [each for each in values if _may_be_kept(each)] for name, values in fields.items()}
    return replace(call, fields=kept, hold=hold)


def end_call(*, actor: Actor) -> None:
    """End the call of an operator: nothing typed stays, nobody is verified, the time is free. Idempotent."""
    if call := current_call(actor=actor):
        booking_sessions.discard_session(token=call.hold)
    booking_sessions.discard_session(token=_token(actor))


def _token(actor: Actor) -> str:
    # Keyed, so that nobody who knows an account's number can name its call.
    return index_hash("operator call", str(actor)).hex()


def _read(row: booking_sessions.BookingSessionRow) -> CurrentCall:
    return CurrentCall(**row.form_data)  # type: ignore[arg-type]  # written by `update_call`


def _may_be_kept(text: str) -> bool:
    try:
        refuse_forbidden(text)
    except ForbiddenValue:
        return False
    return True
