"""Residents of a simulated term: they book, wait, move, cancel, come or stay away."""

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from madoguchi.audit.actor import CITIZEN
from madoguchi.common import clock
from madoguchi.contract.selectors import program
from madoguchi.notifications.gateways import Message
from madoguchi.offices.selectors import OfficeRow, offices_taking_bookings
from madoguchi.reservations.availability import Start
from madoguchi.reservations.errors import SlotFull
from madoguchi.reservations.submissions import Created
from madoguchi.reservations.waiting import wait_of
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, sessions, waiting
from madoguchi.workflows.booking.offering import (
    PHONE,
    WEB,
    Window,
    deadlines,
    offers,
    open_starts,
    slots_for,
    window,
)
from madoguchi.workflows.simulation.agenda import MINUTE, Agenda
from madoguchi.workflows.simulation.people import Population, Resident
from madoguchi.workflows.simulation.received_messages import KnownVisit, KnownWait, Mailbox

# Shares of people; guesses, since the contract has no figures yet. What counts is that all of it happens.
PHONE_SHARE, CANCEL_SHARE, MOVE_SHARE, NO_SHOW_SHARE = 0.25, 0.08, 0.06, 0.05
GIVE_UP_SHARE, RESUBMIT_SHARE, LOYAL_SHARE, WAIT_SHARE, REACHED_SHARE = 0.05, 0.02, 0.6, 0.5, 0.75
# How many come with the one who books on the web, by weight.
COMPANIONS = {0: 90, 1: 7, 2: 2, 3: 1}
# How steeply offices differ in popularity: weight 1 / rank ** exponent.
POPULARITY_EXPONENT = 1.3
PATIENCE = timedelta(days=6)
MAX_TRIES = 3
NO_WAIT = uuid.UUID(int=0)


class Residents:
    """The residents of a term and their mailbox; each decides by a random generator of their own."""

    def __init__(self, agenda: Agenda) -> None:
        """Make up the residents from the places and procedures of the pack."""
        self.agenda = agenda
        self.plan, self.received = agenda.plan, agenda.received
        self.population = Population.of_pack(agenda.plan.pack, agenda.plan.seed)
        self.mailbox = Mailbox(self._read)
        # By mail address: the waiting entry, and the visit whose time the person was asked to change.
        self._wait_of_address: dict[str, uuid.UUID] = {}
        self.asked: dict[str, uuid.UUID] = {}

    def arrive(self, works: bool) -> None:  # noqa: FBT001 - from the agenda
        """Let a resident look for a time, by telephone during its hours or on the web."""
        if not offices_taking_bookings():
            return
        who = self.population.next_resident()
        hours = time(9) <= clock.to_jst(clock.now()).time() < time(17)
        if works and hours and who.chance(PHONE_SHARE):
            self._search_time(who, (), PHONE, 1)
        else:
            more = who.rng.choices(list(COMPANIONS), list(COMPANIONS.values()))[0]
            self._search_time(
                who, tuple(self.population.household_member_of(who) for _ in range(more)), WEB, 1
            )

    def _search_time(self, who: Resident, along: Sequence[Resident], channel: str, tries: int) -> None:
        start = self._free_start(who, along, channel)
        if start is None:
            return
        try:
            if channel == PHONE:
                self._book_by_telephone(who, start)
            else:
                self._hold(who, along, start)
        except SlotFull:
            self.received.count("somebody was quicker")
            if tries < MAX_TRIES:
                self.agenda.later(2, self._search_time, who, along, channel, tries + 1)

    def _free_start(self, who: Resident, along: Sequence[Resident], channel: str) -> Start | None:
        """Return a suitable start; without one at the favourite office, wait or take another office."""
        day = clock.today() + timedelta(days=min(50, int(who.rng.expovariate(1 / 9))))
        if not along and who.chance(LOYAL_SHARE):
            place = self._favourite(who)
            free = _free_at(place, who, channel, day)
            if free:
                return who.rng.choice(free[:8])
            self.received.count("favourite office full")
            if who.chance(WAIT_SHARE):
                self._wait(who, place, channel, day)
                return None
        free = [
            offer.earliest
            for offer in offers(
                slots=slots_for(who.codes),
                others=[slots_for(each.codes) for each in along],
                channel=channel,
                first=day,
            )
            if offer.earliest
        ]
        if not free:
            self.received.count("nothing free anywhere")
        return who.rng.choice(free) if free else None

    def _favourite(self, who: Resident) -> OfficeRow:
        places = offices_taking_bookings()
        weights = [1 / (rank + 1) ** POPULARITY_EXPONENT for rank in range(len(places))]
        return who.rng.choices(places, weights)[0]

    def _hold(self, who: Resident, along: Sequence[Resident], start: Start) -> None:
        token = sessions.start_session(
            source=f"simulation {who.number}", form_data={"procedures": list(who.codes)}
        )
        sessions.hold_slot(
            token=token, slot=start.slot, codes=who.codes, others=[each.codes for each in along]
        )
        if who.chance(GIVE_UP_SHARE):
            self.received.count("gave up while typing")
            return
        self.agenda.later(who.rng.uniform(2, 9), self._submit, (who, *along), token)

    def _submit(self, people: Sequence[Resident], token: str) -> None:
        visitors = tuple(booking.Visitor(each.codes, each.person) for each in people)
        request = booking.BookingRequest(visitors=visitors, token=token)
        made = booking.book_held(request)
        for who, created in zip(people, made, strict=True):
            self._acknowledged(who, created, "booked on the web")
        if len(people) > 1:
            self.received.count("families")
        if people[0].chance(RESUBMIT_SHARE):
            # The second submission must return the first booking.
            self._check_resubmission(made, booking.book_held(request))

    def _book_by_telephone(self, who: Resident, start: Start) -> None:
        def send() -> Created:
            return booking.book(
                booking.BookingRequest(
                    visitors=(booking.Visitor(who.codes, who.person),),
                    slot=start.slot,
                    channel=PHONE,
                    actor=self.plan.operator,
                    submission=f"simulation {self.plan.seed} {who.number}",
                    fingerprint="",
                )
            )

        created = send()
        self._acknowledged(who, created, "booked by telephone")
        if who.chance(RESUBMIT_SHARE):
            self._check_resubmission([created], [send()])

    def _check_resubmission(self, made: Sequence[Created], again: Sequence[Created]) -> None:
        self.received.count("submitted twice")
        if again != made:
            self.received.anomalies.append(f"the second press answered {[each.reference for each in again]}")

    def _acknowledged(self, who: Resident, created: Created, how: str) -> None:
        """Remember a confirmed booking, and schedule the visit and perhaps a move or a cancellation."""
        slots = created.occupied_minutes // program().slot_minutes
        self.received.visits[created.id] = KnownVisit(who, created.office, created.starts_at, slots)
        self.received.count(how)
        self.agenda.put(created.starts_at, self._attend, created.id, created.starts_at)
        until, fate = deadlines(created.starts_at, created.office), who.rng.random()
        if fate < CANCEL_SHARE:
            self._schedule_before(who, until.cancel, self.cancel, created.id)
        elif fate < CANCEL_SHARE + MOVE_SHARE:
            self._schedule_before(who, until.change, self.move, created.id, WEB)

    def _schedule_before(
        self, who: Resident, until: datetime, act: Callable[..., None], *facts: object
    ) -> None:
        """Schedule an event between an hour from now and an instant."""
        left = (until - clock.now()) / MINUTE
        self.agenda.later(max(60, who.rng.uniform(60, max(60, left))), act, *facts)

    def _attend(self, visit: uuid.UUID, at: datetime) -> None:
        """Count whether the resident came; who moved or cancelled meanwhile is not expected."""
        row = self.received.visits[visit]
        if row.stands and row.starts_at == at:
            self.received.count("stayed away" if row.who.chance(NO_SHOW_SHARE) else "came")

    def cancel(self, visit: uuid.UUID, channel: str = WEB, reason: str = "SCHEDULE") -> None:
        """Cancel a visit that still stands."""
        row = self.received.visits[visit]
        if row.stands:
            actor = CITIZEN if channel == WEB else self.plan.operator
            changes.cancel(reservation_id=visit, actor=actor, channel=channel, reason=reason)
            row.stands = False
            self.received.count("cancelled by us" if reason == "OFFICE_CLOSED" else "cancelled")

    def move(self, visit: uuid.UUID, channel: str) -> None:
        """Move a visit that still stands to another free time."""
        row = self.received.visits[visit]
        if not row.stands:
            return
        day = clock.today() + timedelta(days=min(50, int(row.who.rng.expovariate(1 / 9))))
        free = [
            offer.earliest
            for offer in offers(slots=row.slots, channel=channel, first=day, moving=True)
            if offer.earliest
            and (offer.earliest.office, offer.earliest.starts_at) != (row.office, row.starts_at)
        ]
        if not free:
            self.received.count("nothing free anywhere")
            return
        start = row.who.rng.choice(free)
        actor = CITIZEN if channel == WEB else self.plan.operator
        changes.move(reservation_id=visit, slot=start.slot, actor=actor, channel=channel)
        row.office, row.starts_at, row.moves = start.office, start.starts_at, row.moves + 1
        self.received.count("moved")
        self.agenda.put(start.starts_at, self._attend, visit, start.starts_at)

    def _wait(self, who: Resident, place: OfficeRow, channel: str, day: date) -> None:
        actor = CITIZEN if channel == WEB else self.plan.operator
        row = waiting.enter(
            person=who.person,
            procedures=who.codes,
            wish=Wish((place.code,), day, day + PATIENCE),
            channel=channel,
            actor=actor,
        )
        self.received.waits[row.id] = KnownWait(who, row.link_token)
        if who.person.email:
            self._wait_of_address[who.person.email] = row.id
        self.received.count("entered the waiting list")

    def answer_offer(self, wait: KnownWait, channel: str) -> None:
        """Accept an offer, leave the list, or let the offer lapse; without an offer nothing happens."""
        if wait.end or not wait_of(wait.link).is_open:
            return
        actor = CITIZEN if channel == WEB else self.plan.operator
        wants = wait.who.rng.random()
        if wants < 0.75:  # noqa: PLR2004 - three of four
            [created] = waiting.accept(token=wait.link, channel=channel, actor=actor)
            wait.end = "booked"
            self._acknowledged(wait.who, created, "booked from the waiting list")
        elif wants < 0.85:  # noqa: PLR2004 - one of ten; the rest say nothing
            waiting.leave(token=wait.link, actor=actor)
            wait.end = "left"
            self.received.count("left the waiting list")

    def _read(self, message: Message) -> None:
        """Let the resident of an address read a mail, and schedule the reaction."""
        wait = self.received.waits.get(self._wait_of_address.get(message.recipient, NO_WAIT))
        if wait and not wait.end:
            self.agenda.later(wait.who.rng.uniform(5, 100), self.answer_offer, wait, WEB)
        asked = self.asked.pop(message.recipient, None)
        if asked:
            who = self.received.visits[asked].who
            if who.chance(0.6):
                self.agenda.later(who.rng.uniform(10, 600), self.move, asked, WEB)
            elif who.chance(0.3):
                self.agenda.later(who.rng.uniform(10, 600), self.cancel, asked)


def _free_at(place: OfficeRow, who: Resident, channel: str, day: date) -> list[Start]:
    """Return the free times of an office within PATIENCE from a day on."""
    days = window(place, channel=channel)
    days = days.narrowed(day, day + PATIENCE) if days else None
    if not isinstance(days, Window):
        return []
    found = open_starts(office_code=place.code, slots=slots_for(who.codes), within=days, channel=channel)
    return [start for start in found if start.free]
