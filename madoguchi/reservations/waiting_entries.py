"""Waiting entries as they are read: the wish, who waits, and what is offered (仕様書 4(3)ア)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, NamedTuple

from madoguchi.common import clock
from madoguchi.common.unreadable import Unreadable
from madoguchi.reservations.booking_sessions import shown_session
from madoguchi.reservations.kinds import STILL_WAITING, WaitState
from madoguchi.reservations.models import Seat, Wait, WaitingPerson
from madoguchi.reservations.people import Person, from_json, unreadable_person
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import unseal_to_show

TABLE: Final = "reservations_wait"
TABLE_OF_PEOPLE: Final = "reservations_waitingperson"


@dataclass(frozen=True, slots=True)
class Wish:
    """The wish of a waiting entry: offices, days and times of day, bounds included."""

    offices: tuple[str, ...]
    first_day: date
    last_day: date
    earliest: time = time(0, 0)
    latest: time = time(23, 59)

    def fits(self, starts_at: datetime) -> bool:
        """Tell whether a visit could start then."""
        begins = clock.to_jst(starts_at)
        return (
            self.first_day <= begins.date() <= self.last_day and self.earliest <= begins.time() <= self.latest
        )


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """A waiting entry without personal data, for choosing whom to offer seats."""

    id: uuid.UUID
    session: uuid.UUID
    has_email: bool
    # The procedures of each of those who come.
    visits: tuple[tuple[str, ...], ...]
    wish: Wish
    channel: str
    # The first slots of offers that were passed on.
    passed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingVisitor:
    """One of those who wait together, and what for."""

    procedures: tuple[str, ...]
    person: Person


class OfferedSlot(NamedTuple):
    """A slot of which a seat is offered."""

    slot: int
    office: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class WaitRow:
    """A waiting entry. `slot_ids` are the offered slots in order, empty without an offer.

    `person` is who entered it and is told, `visitors` are those who come: of a family without who has booked
    another way meanwhile.
    """

    id: uuid.UUID
    reference: str
    session: uuid.UUID
    key_id: uuid.UUID
    link_token: str
    person: Person
    visitors: tuple[WaitingVisitor, ...]
    wish: Wish
    channel: str
    state: str
    entered_at: datetime
    ended_at: datetime | None
    offer_until: datetime | None
    office: str
    starts_at: datetime | None
    # When the last of those who come is done.
    ends_at: datetime | None
    slot_ids: tuple[int, ...]
    tries: int

    @property
    def procedures(self) -> tuple[str, ...]:
        """The procedures of all who come, each once."""
        return tuple(dict.fromkeys(code for visitor in self.visitors for code in visitor.procedures))

    @property
    def is_in_line(self) -> bool:
        """Tell whether the entry is still waiting."""
        return self.state in STILL_WAITING

    @property
    def is_open(self) -> bool:
        """Tell whether an offer can be taken now."""
        return (
            self.state == WaitState.OFFERED
            and self.offer_until is not None
            and clock.now() < self.offer_until
            and bool(self.slot_ids)
        )

    @property
    def shown(self) -> str:
        """The fingerprint of the page of an entry: the offer, or that there is none."""
        return shown_session(session=self.session, form_data={}, office=self.office, slot_ids=self.slot_ids)


def wish_of(row: Wait) -> Wish:
    """Return where and when an entry would do."""
    return Wish(tuple(row.offices), row.first_day, row.last_day, row.earliest, row.latest)


def open_entries(rows: Sequence[Wait]) -> list[WaitRow]:
    """Return entries opened, with their people and offered seats; in as many queries for all as for one."""
    offered: dict[uuid.UUID, list[OfferedSlot]] = {}
    seats = Seat.objects.filter(session__in=[row.session_id for row in rows]).order_by("slot__starts_at")
    found = seats.values_list("session_id", "slot_id", "slot__office_id", "slot__starts_at", "slot__ends_at")
    for session, slot, place, starts_at, ends_at in found:
        offered.setdefault(session, []).append(OfferedSlot(slot, place, starts_at, ends_at))
    people: dict[uuid.UUID, list[WaitingPerson]] = {}
    for each in WaitingPerson.objects.filter(wait__in=rows).order_by("place"):
        people.setdefault(each.wait_id, []).append(each)
    return [_row(row, people[row.id], offered.get(row.session_id, [])) for row in rows]


def _row(row: Wait, people: Sequence[WaitingPerson], seats: Sequence[OfferedSlot]) -> WaitRow:
    token = unseal_to_show(row.key, TABLE, row.id, "link_token", row.link_token)
    all_of_them = [(each, open_visitor(row.key, each, has_email=row.has_email)) for each in people]
    in_line = tuple(visitor for each, visitor in all_of_them if each.in_line)
    return WaitRow(
        id=row.id,
        reference=row.reference,
        session=row.session_id,
        key_id=row.key_id,
        link_token="" if isinstance(token, Unreadable) else token,
        person=all_of_them[0][1].person,
        visitors=in_line or tuple(visitor for _, visitor in all_of_them),
        wish=wish_of(row),
        channel=row.channel,
        state=row.state,
        entered_at=row.entered_at,
        ended_at=row.ended_at,
        offer_until=row.offer_until,
        office=seats[0].office if seats else "",
        starts_at=seats[0].starts_at if seats else None,
        ends_at=seats[-1].ends_at if seats else None,
        slot_ids=tuple(seat.slot for seat in seats),
        tries=row.tries,
    )


def open_visitor(key: PersonKey, row: WaitingPerson, *, has_email: bool) -> WaitingVisitor:
    """Return one of those who wait together, opened; what cannot be opened says so."""
    person = unseal_to_show(key, TABLE_OF_PEOPLE, row.id, "person", row.person)
    readable = unreadable_person(has_email=has_email) if isinstance(person, Unreadable) else from_json(person)
    return WaitingVisitor(tuple(row.procedures), readable)
