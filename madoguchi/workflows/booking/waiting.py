"""Wait for a seat, take the one that is offered, or leave the list (仕様書 4(3)ア)."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN, Actor
from madoguchi.audit.services import record_each
from madoguchi.common import clock
from madoguchi.contract.selectors import booking_rules
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.services import queue_mail, withdraw_mail
from madoguchi.reservations import booking_sessions, waiting
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.claims import active_claims
from madoguchi.reservations.errors import DuplicateReservation, FamilyFull
from madoguchi.reservations.people import Person
from madoguchi.reservations.rules import MAX_PARTY_SIZE
from madoguchi.reservations.submissions import Created, created_together
from madoguchi.reservations.waiting_entries import WaitingVisitor, WaitRow, Wish
from madoguchi.sealing.shown import refuse_other
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import conditions
from madoguchi.workflows.booking.offering import WEB
from madoguchi.workflows.booking.waiting_offers import offer_free_seats


def enter(
    *,
    person: Person,
    procedures: Sequence[str],
    wish: Wish,
    companions: Sequence[WaitingVisitor] = (),
    channel: str = WEB,
    actor: Actor = CITIZEN,
) -> WaitRow:
    """Put a person, or a family, on the list, and offer at once what is free; the mail says how to leave.

    The person is told; `companions` come along, for all or nobody. Raises AlreadyWaiting,
    DuplicateReservation, NotEligible, FamilyFull and ForbiddenValue; then nothing is written, and
    `fields["person"]` is the number of the one who is refused.
    """
    visitors = [WaitingVisitor(tuple(procedures), person), *companions]
    if len(visitors) > MAX_PARTY_SIZE:
        raise FamilyFull
    with transaction.atomic(durable=True):
        for place, visitor in enumerate(visitors):
            with booking.refused_as(place):
                conditions.refuse_forbidden_values(visitor.person)
                wish = _fitting(wish, visitor.person, visitor.procedures)
                if active_claims(person=visitor.person, procedures=visitor.procedures):
                    raise DuplicateReservation
        row = waiting.enter(visitors=visitors, wish=wish, channel=channel, actor=actor)
        if person.email:
            queue_mail(kind=MailKind.WAIT_ENTERED, target=str(row.id), occasion="once")
        offer_free_seats(offices=wish.offices)
        return waiting.wait(row.id, scope=EVERYWHERE)


def accept(
    *, token: str, channel: str = WEB, actor: Actor = CITIZEN, seen: str | None = None
) -> list[Created]:
    """Book what is offered behind a link, for all who come or nobody; pressed twice it answers the same.

    `seen` is what the page showed (`WaitRow.shown`). Raises NotVisible, ContentChanged, OfferOver, and what
    `booking.book_held` raises; then the offer stands as it was.
    """
    row = waiting.wait_of(token)
    if not row.is_open:
        # An entry and its seats are two reads: the same press sent twice may have booked between them.
        row = waiting.wait_of(token)
    if row.state != "BOOKED":
        waiting.refuse_over(row)
    return booking.book_held(
        booking.BookingRequest(
            visitors=tuple(booking.Visitor(each.procedures, each.person) for each in row.visitors),
            token=token,
            channel=channel,
            actor=actor,
            seen=seen,
        )
    )


def booked(row: WaitRow) -> list[Created]:
    """Return the reservations by which an entry ended, in the order of the people; nothing otherwise."""
    made = booking_sessions.booked_by(row.session)
    return created_together(made) if made else []


def pass_offer(*, token: str, actor: Actor = CITIZEN, seen: str | None = None) -> None:
    """Pass on the time that is offered and go on waiting; it goes to the next in line at once.

    Pressed twice it passes on one. `seen` is what the page showed (`WaitRow.shown`). Raises NotVisible,
    OfferOver, and ContentChanged where another time has been offered since.
    """
    with transaction.atomic(durable=True):
        row = waiting.pass_offer(wait_id=waiting.wait_of(token).id, actor=actor)
        if row.state == "WAITING":
            return
        refuse_other(seen, row.shown)
        withdraw_mail(target=str(row.id), kinds=[MailKind.WAIT_OFFER])
        offer_free_seats(offices=[row.office])


def leave(*, token: str, actor: Actor = CITIZEN, seen: str | None = None) -> None:
    """Take the person behind a link off the list; what was offered goes to the next in line at once.

    `seen` is what the page showed (`WaitRow.shown`). Raises NotVisible, and ContentChanged where a time has
    been offered since, or another one.
    """
    with transaction.atomic(durable=True):
        row = waiting.leave(wait_id=waiting.wait_of(token).id, actor=actor)
        if row.is_in_line:
            refuse_other(seen, row.shown)
        withdraw_mail(target=str(row.id))
        if row.office:
            offer_free_seats(offices=[row.office])


def find_in_line(*, text: str, actor: Actor, limit: int = 50) -> list[WaitRow]:
    """Find people in line by number, name or reading; everyone who is shown is on record as seen."""
    rows = waiting.in_line(text=text, scope=EVERYWHERE)[:limit] if text.strip() else []
    record_each(
        action=ReservationAction.LISTED,
        actor=actor,
        targets=[f"wait:{row.id}" for row in rows],
        detail={"people": len(rows)},
    )
    return rows


def take_off(*, wait_id: uuid.UUID, actor: Actor, seen: str | None) -> None:
    """Take a person off the list at their wish, as `leave` does for the link. Raises as `leave` does."""
    leave(token=waiting.wait(wait_id, scope=EVERYWHERE).link_token, actor=actor, seen=seen)


def _fitting(wish: Wish, person: Person, procedures: Sequence[str]) -> Wish:
    """Return what is left of a wish on the days that make sense for a person. Raises NotEligible."""
    rules = booking_rules(clock.now())
    first, last = conditions.fitting_days(person, procedures, rules)
    first, last = max(wish.first_day, first or wish.first_day), min(wish.last_day, last or wish.last_day)
    conditions.refuse_person(person, procedures, min(first, wish.last_day), rules)
    return replace(wish, first_day=first, last_day=last)
