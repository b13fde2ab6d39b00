"""The calls besides booking: verify callers, remind people without mail (仕様書 4(5)ウ, 4(5)エ).

A caller's booking is taken in sites/operator/desk and booked by workflows/booking, as everybody's is.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record, record_each
from madoguchi.common import clock, era
from madoguchi.common.births import UNREADABLE_DATE, BirthDate
from madoguchi.common.names import match_key
from madoguchi.common.unreadable import ValueUnreadable, refuse_unreadable
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.selectors import calendar, guidance
from madoguchi.notifications.rules import filled
from madoguchi.offices.selectors import office
from madoguchi.reservations import selectors, services, waiting
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.search import ListRow
from madoguchi.reservations.selectors import CallRow, ReservationRow
from madoguchi.reservations.waiting_entries import WaitRow
from madoguchi.workflows.privacy.access import AccessReason, ExportReason, phones_for_calls, record_access


@dataclass(frozen=True, slots=True)
class Said:
    """The facts a caller states unaided: the number on file, or the office and the time."""

    name: str
    birth_date: BirthDate
    phone: str = ""
    office: str = ""
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Which facts agree with the reservation. The caller is not told."""

    name: bool
    birth_date: bool
    contact: bool

    @property
    def is_whole(self) -> bool:
        """Tell whether the caller may be called back."""
        return self.name and self.birth_date and self.contact


def check_caller(*, reservation_id: uuid.UUID, said: Said, actor: Actor) -> Match:
    """Compare what a caller says with a reservation, on record; nothing of it is shown.

    Raises NotVisible, and ValueUnreadable where there is nothing to compare with.
    """
    row = selectors.reservation(reservation_id, scope=EVERYWHERE)
    person = row.person
    refuse_unreadable(person.name, person.name_kana, person.phone)
    if person.birth_date == UNREADABLE_DATE:
        raise ValueUnreadable
    names = {match_key(person.name_kana), match_key(person.name)} - {""}
    match = Match(
        name=match_key(said.name) in names,
        birth_date=said.birth_date == person.birth_date,
        contact=bool(said.phone and said.phone == person.phone)
        or (said.office == row.office and said.starts_at == row.starts_at),
    )
    record(
        action=ReservationAction.CALLER_CHECKED,
        actor=actor,
        target=f"reservation:{reservation_id}",
        detail={"name": match.name, "birth_date": match.birth_date, "contact": match.contact},
    )
    return match


def record_call_back(*, reservation_id: uuid.UUID, actor: Actor) -> None:
    """Record that the person was reached at the number on file, so that the visit may be told and changed."""
    record(
        action=ReservationAction.CALLER_CHECKED,
        actor=actor,
        target=f"reservation:{reservation_id}",
        detail={"called_back": True},
    )


def record_guidance(*, guidance: str, actor: Actor) -> None:
    """Record that a caller was told to go to the ward office: which text, nobody's data (仕様書 4(5)ウ)."""
    record(
        action=ReservationAction.GUIDED,
        actor=actor,
        target=f"guidance:{guidance}",
        detail={},
    )


def print_slip(*, reservation_id: uuid.UUID, actor: Actor, paper: str = "slip") -> ReservationRow:
    """Return a whole reservation for a paper that leaves the system; on record. Raises NotVisible.

    `paper` is the 予約の控え, "slip", or the 予約のお知らせ with the address, "letter".
    """
    row = selectors.reservation(reservation_id, scope=EVERYWHERE)
    record(
        action=ReservationAction.EXPORTED,
        actor=actor,
        target=f"reservation:{reservation_id}",
        detail={"file": paper, "people": 1},
    )
    return row


def words_for_call(*, text: str, name: str, place: str, at: datetime) -> GuidanceRow | None:
    """Return the city's words for a call about a time at an office, filled in; None without any."""
    row = next(iter(guidance(text)), None)
    values = {"name": name, "when": era.citizen_datetime(at), "office": office(place).name}
    return replace(row, body=filled(row.body, values)) if row else None


def reminder_day() -> date:
    """Return the visits to call for today: calls are made on the business day before (仕様書 4(5)ウ)."""
    return calendar(CalendarCode.CALL_CENTRE).shift(clock.today(), 1)


def calls_to_make(*, day: date, actor: Actor) -> list[CallRow]:
    """Return who has a visit on a day and no mail; everyone on the list is on record as seen."""
    rows = selectors.reminder_calls(day=day, scope=EVERYWHERE)
    record_access(rows=[row.visit for row in rows], actor=actor)
    return rows


def export_call_list(*, day: date, actor: Actor) -> list[tuple[ListRow, str, str]]:
    """Return who is still to be called, with number and how often in vain, for a paper; on record."""
    rows = [row for row in selectors.reminder_calls(day=day, scope=EVERYWHERE) if not row.reached]
    return export_numbers(
        rows=[(row.visit, f"{row.tries}回 不在" if row.tries else "") for row in rows], actor=actor
    )


def export_numbers(*, rows: Sequence[tuple[ListRow, str]], actor: Actor) -> list[tuple[ListRow, str, str]]:
    """Return people with their numbers, between person and remark, for a paper; all on record."""
    phones = phones_for_calls(reservations=[visit.id for visit, _ in rows], actor=actor, scope=EVERYWHERE)
    record_each(
        action=ReservationAction.EXPORTED,
        actor=actor,
        targets=[f"reservation:{visit.id}" for visit, _ in rows],
        detail={"file": "call_list", "reason": ExportReason.CALL, "people": len(rows)},
    )
    return [(visit, phones[visit.id], remark) for visit, remark in rows]


def offers_to_call(*, actor: Actor) -> list[WaitRow]:
    """Return who has an offer and no mail, the earliest deadline first; everyone is on record as seen."""
    rows = waiting.offers_to_call(scope=EVERYWHERE)
    record_each(
        action=ReservationAction.LISTED,
        actor=actor,
        targets=[f"wait:{row.id}" for row in rows],
        detail={"people": len(rows)},
    )
    return rows


def record_number_shown(*, wait_id: uuid.UUID, actor: Actor) -> None:
    """Record that the number of somebody with an offer is shown, to call them."""
    record(
        action=ReservationAction.REVEALED,
        actor=actor,
        target=f"wait:{wait_id}",
        detail={"what": "phone", "reason": AccessReason.CALL},
    )


def record_unanswered_call(*, wait_id: uuid.UUID, after: int, actor: Actor) -> None:
    """Record an unanswered call about an offer. Idempotent for one page."""
    with transaction.atomic(durable=True):
        waiting.record_unanswered_call(wait_id=wait_id, after=after, actor=actor)


def record_call(*, reservation_id: uuid.UUID, reached: bool, after: int, actor: Actor) -> None:
    """Record a reminder call. Idempotent for one page.

    Raises NotVisible and AlreadyCancelled.
    """
    with transaction.atomic(durable=True):
        services.record_reminder_call(
            reservation_id=reservation_id, reached=reached, after=after, actor=actor
        )


def undo_call(*, reservation_id: uuid.UUID, after: int, actor: Actor) -> None:
    """Take back the latest reminder call. Idempotent for one page. Raises NotVisible and AlreadyCancelled."""
    with transaction.atomic(durable=True):
        services.undo_reminder_call(reservation_id=reservation_id, after=after, actor=actor)


def undo_unanswered_call(*, wait_id: uuid.UUID, after: int, actor: Actor) -> None:
    """Take back an unanswered call about an offer. Idempotent for one page."""
    with transaction.atomic(durable=True):
        waiting.undo_unanswered_call(wait_id=wait_id, after=after, actor=actor)
