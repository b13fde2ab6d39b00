"""Simulate days of the contract through the real services with a set clock, from a seed.

Residents book, wait, move, cancel, come or stay away; operators, secretariat and offices do their daily work;
offices close; the mail server fails. It fills the demo, and shows that the ledgers reconcile
(`reconciliation`). Deterministic for a seed.
"""

import heapq
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path

from madoguchi.audit.actor import CITIZEN, Actor
from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import calendar, program
from madoguchi.notifications.gateways import Message
from madoguchi.offices.pauses import Scope
from madoguchi.offices.selectors import OfficeRow, offices, offices_taking_bookings
from madoguchi.reservations import disruptions
from madoguchi.reservations.availability import Start
from madoguchi.reservations.disruptions import DisruptedRow
from madoguchi.reservations.errors import SlotFull
from madoguchi.reservations.figures import unchecked_before
from madoguchi.reservations.services import check_completeness
from madoguchi.reservations.submissions import Created
from madoguchi.reservations.waiting import Wish, wait_of
from madoguchi.workflows import tasks
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
from madoguchi.workflows.callcentre import calls
from madoguchi.workflows.messages import mail
from madoguchi.workflows.operations import status
from madoguchi.workflows.outage import pauses
from madoguchi.workflows.outage.disruptions import mail_affected
from madoguchi.workflows.simulation.people import Population, Resident
from madoguchi.workflows.simulation.received_messages import KnownVisit, KnownWait, Mailbox, ReceivedMessages
from madoguchi.workflows.visits import day_list

# Shares of people; guesses, since the contract has no figures yet. What counts is that all of it happens.
PHONE_SHARE, CANCEL_SHARE, MOVE_SHARE, NO_SHOW_SHARE = 0.25, 0.08, 0.06, 0.05
GIVE_UP_SHARE, RESUBMIT_SHARE, LOYAL_SHARE, WAIT_SHARE, REACHED_SHARE = 0.05, 0.02, 0.6, 0.5, 0.75
# How many come with the one who books on the web, by weight.
COMPANIONS = {0: 90, 1: 7, 2: 2, 3: 1}
# The favourite office of most is one of few.
POPULARITY_EXPONENT = 1.3
PATIENCE = timedelta(days=6)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MAX_TRIES = 3
NO_WAIT = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to simulate. `residents_per_day` is the mean on open days, `mail_interval` the time between runs.

    `trouble` scales how often service is paused and the mail server fails: 0 never, 2 twice as often. A term
    that `settles` has one more day, on which only the jobs run and people finish what they began.
    """

    first: date
    days: int
    seed: int
    residents_per_day: int
    pack: Path
    operator: Actor
    secretariat: Actor
    mail_interval: timedelta = timedelta(minutes=30)
    trouble: float = 1
    settles: bool = True


@dataclass(frozen=True, slots=True)
class Played:
    """What residents know after the simulated days, and the mails they received."""

    received: ReceivedMessages
    mailbox: Mailbox


def play(plan: Plan) -> Played:
    """Simulate the days of a plan and return what residents know afterwards."""
    term = Term(plan)
    term.run()
    return Played(term.received, term.mailbox)


class Term:
    """The simulation: an agenda of future events, and what everybody knows so far."""

    def __init__(self, plan: Plan) -> None:
        """Put the first morning on the agenda."""
        self.plan = plan
        self.rng = random.Random(plan.seed)  # noqa: S311 - a seed is the point
        # Of its own, so that a term with more trouble has the same residents.
        self.trouble_rng = random.Random(f"{plan.seed} trouble")  # noqa: S311
        self.population = Population.of_pack(plan.pack, plan.seed)
        self.received = ReceivedMessages()
        self.mailbox = Mailbox(self._read)
        self.ends_at = clock.at(plan.first + timedelta(days=plan.days), time())
        self.settled_at = self.ends_at + (clock.DAY if plan.settles else timedelta())
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._wait_of_address: dict[str, uuid.UUID] = {}
        self._asked: dict[str, uuid.UUID] = {}
        self._put(clock.at(plan.first, time(3, 10)), self._night)

    def run(self) -> None:
        """Run the events of the agenda until the end."""
        while self._agenda and self._agenda[0][0] < self.settled_at:
            at, order, act = heapq.heappop(self._agenda)
            # Nothing happens twice in one instant, so that "who came first" has one answer.
            with clock.travel(at + timedelta(microseconds=order % 1_000_000)):
                try:
                    act()
                except Refusal as refusal:
                    self.received.count(f"refused: {refusal.code}")
        with clock.travel(self.settled_at):
            self._serve()
            self._jobs()
            self._slow_jobs()
            self._look_for_breaches()

    def _put(self, at: datetime, act: Callable[..., None], *facts: object) -> None:
        heapq.heappush(self._agenda, (at, next(self._order), lambda: act(*facts)))

    def _later(self, minutes: float, act: Callable[..., None], *facts: object) -> None:
        self._put(clock.now() + minutes * MINUTE, act, *facts)

    # The day's frame

    def _night(self) -> None:
        """Lay out slots and put the coming day on the agenda."""
        today = clock.today()
        if today.weekday() == 0 or today == self.plan.first:
            # Once a week is enough, since slots reach two weeks beyond the window.
            tasks.extend_slots(timestamp=0)
            if offices_taking_bookings():
                self._look_for_breaches()
        is_over = clock.now() >= self.ends_at
        if not is_over:
            self._put(clock.at(today + clock.DAY, time(3, 10)), self._night)
        ticks = int(timedelta(hours=18) / self.plan.mail_interval)
        for tick in range(ticks):
            self._put(clock.at(today, time(6)) + tick * self.plan.mail_interval, self._jobs)
        for hour in range(8, 22, max(1, int(self.plan.mail_interval / HOUR))):
            self._put(clock.at(today, time(hour, 1)), self._serve)
        for hour in (5, 9, 13, 17, 21):
            self._put(clock.at(today, time(hour, 50)), self._slow_jobs)
        if not is_over:
            self._plan_day(today)

    def _plan_day(self, today: date) -> None:
        works = calendar(CalendarCode.CALL_CENTRE).is_open(today)
        if works:
            self._put(clock.at(today, time(8, 40)), self._look_at_day_lists)
            self._put(clock.at(today, time(9, 30)), self._check_new)
            for moment in (time(10), time(15)):
                self._put(clock.at(today, moment), self._remind_by_telephone)
            for hour in range(9, 17):
                self._put(clock.at(today, time(hour, 20)), self._call_about_offers)
        mean = self.plan.residents_per_day if works else self.plan.residents_per_day * 0.5
        for _ in range(max(0, round(self.rng.gauss(mean, mean * 0.15)))):
            at = clock.at(today, time(7)) + self.rng.randrange(16 * 60) * MINUTE
            self._put(at, self._arrive, works)
        if self.plan.trouble and works:
            self._plan_trouble(today)

    def _serve(self) -> None:
        # Once an hour is enough, since whatever frees a seat offers it at once.
        tasks.serve_the_list(timestamp=0)

    def _jobs(self) -> None:
        while mail.send_due_mail(limit=200, through=self.mailbox):
            pass

    def _slow_jobs(self) -> None:
        tasks.queue_reminders(timestamp=0)
        tasks.purge(timestamp=0)
        tasks.seal_audit(timestamp=0)

    def _look_for_breaches(self) -> None:
        found = status.check_invariants()
        self.received.seen_wrong += [f"{clock.today()} {breach.check} {breach.examples}" for breach in found]

    # Residents

    def _arrive(self, works: bool) -> None:  # noqa: FBT001 - from the agenda
        if not offices_taking_bookings():
            return
        who = self.population.next_resident()
        hours = time(9) <= clock.to_jst(clock.now()).time() < time(17)
        if works and hours and who.chance(PHONE_SHARE):
            self._seek(who, (), PHONE, 1)
        else:
            more = who.rng.choices(list(COMPANIONS), list(COMPANIONS.values()))[0]
            self._seek(who, tuple(self.population.household_member_of(who) for _ in range(more)), WEB, 1)

    def _seek(self, who: Resident, along: Sequence[Resident], channel: str, tries: int) -> None:
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
                self._later(2, self._seek, who, along, channel, tries + 1)

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
        token = sessions.start_hold(source=f"simulation {who.number}", draft={"procedures": list(who.codes)})
        sessions.hold_slot(
            token=token, slot=start.slot, codes=who.codes, others=[each.codes for each in along]
        )
        if who.chance(GIVE_UP_SHARE):
            self.received.count("gave up while typing")
            return
        self._later(who.rng.uniform(2, 9), self._submit, (who, *along), token)

    def _submit(self, people: Sequence[Resident], token: str) -> None:
        visitors = [booking.Visitor(each.codes, each.person) for each in people]
        made = booking.book_together(token=token, visitors=visitors)
        for who, created in zip(people, made, strict=True):
            self._acknowledged(who, created, "booked on the web")
        if len(people) > 1:
            self.received.count("families")
        if people[0].chance(RESUBMIT_SHARE):
            # The second submission must return the first booking.
            self._check_resubmission(made, booking.book_together(token=token, visitors=visitors))

    def _book_by_telephone(self, who: Resident, start: Start) -> None:
        def send() -> Created:
            return booking.book(
                request=booking.Request(slot=start.slot, procedures=who.codes, person=who.person),
                channel=PHONE,
                actor=self.plan.operator,
                submission=f"simulation {self.plan.seed} {who.number}",
                fingerprint="",
            )

        created = send()
        self._acknowledged(who, created, "booked by telephone")
        if who.chance(RESUBMIT_SHARE):
            self._check_resubmission([created], [send()])

    def _check_resubmission(self, made: Sequence[Created], again: Sequence[Created]) -> None:
        self.received.count("submitted twice")
        if again != made:
            self.received.seen_wrong.append(f"the second press answered {[each.reference for each in again]}")

    def _acknowledged(self, who: Resident, created: Created, how: str) -> None:
        """Remember a confirmed booking, and schedule what the resident will do about it."""
        slots = created.occupied_minutes // program().slot_minutes
        self.received.visits[created.id] = KnownVisit(who, created.office, created.starts_at, slots)
        self.received.count(how)
        self._put(created.starts_at, self._turn_up, created.id, created.starts_at)
        until, fate = deadlines(created.starts_at, created.office), who.rng.random()
        if fate < CANCEL_SHARE:
            self._some_time(who, until.cancel, self._cancel, created.id)
        elif fate < CANCEL_SHARE + MOVE_SHARE:
            self._some_time(who, until.change, self._move, created.id, WEB)

    def _some_time(self, who: Resident, until: datetime, act: Callable[..., None], *facts: object) -> None:
        """Schedule an event between an hour from now and an instant."""
        left = (until - clock.now()) / MINUTE
        self._later(max(60, who.rng.uniform(60, max(60, left))), act, *facts)

    def _turn_up(self, visit: uuid.UUID, at: datetime) -> None:
        """Come or stay away; a resident who moved or cancelled meanwhile is not expected at this time."""
        row = self.received.visits[visit]
        if row.stands and row.starts_at == at:
            self.received.count("stayed away" if row.who.chance(NO_SHOW_SHARE) else "came")

    def _cancel(self, visit: uuid.UUID, channel: str = WEB, reason: str = "SCHEDULE") -> None:
        row = self.received.visits[visit]
        if row.stands:
            actor = CITIZEN if channel == WEB else self.plan.operator
            changes.cancel(reservation_id=visit, actor=actor, channel=channel, reason=reason)
            row.stands = False
            self.received.count("cancelled by us" if reason == "OFFICE_CLOSED" else "cancelled")

    def _move(self, visit: uuid.UUID, channel: str) -> None:
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
        self._put(start.starts_at, self._turn_up, visit, start.starts_at)

    # The waiting list

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

    def _answer_offer(self, wait: KnownWait, channel: str) -> None:
        """Accept an offer, leave the list, or let the offer lapse; without an offer nothing happens."""
        if wait.end or not wait_of(wait.link).is_open:
            return
        actor = CITIZEN if channel == WEB else self.plan.operator
        wants = wait.who.rng.random()
        if wants < 0.75:  # noqa: PLR2004 - three of four
            created = waiting.accept(token=wait.link, channel=channel, actor=actor)
            wait.end = "booked"
            self._acknowledged(wait.who, created, "booked from the waiting list")
        elif wants < 0.85:  # noqa: PLR2004 - one of ten; the rest say nothing
            waiting.leave(token=wait.link, actor=actor)
            wait.end = "left"
            self.received.count("left the waiting list")

    def _call_about_offers(self) -> None:
        rows = calls.offers_to_call(actor=self.plan.operator)
        for row in sorted(rows, key=lambda row: self.received.waits[row.id].who.number):
            wait = self.received.waits[row.id]
            calls.record_number_shown(wait_id=row.id, actor=self.plan.operator)
            self.received.count("calls about offers")
            if wait.who.chance(REACHED_SHARE):
                with self._each():
                    self._answer_offer(wait, PHONE)
            else:
                calls.record_unanswered_call(wait_id=row.id, after=row.tries, actor=self.plan.operator)

    def _read(self, message: Message) -> None:
        """Let the resident of an address read a mail, and schedule the reaction."""
        wait = self.received.waits.get(self._wait_of_address.get(message.recipient, NO_WAIT))
        if wait and not wait.end:
            self._later(wait.who.rng.uniform(5, 100), self._answer_offer, wait, WEB)
        asked = self._asked.pop(message.recipient, None)
        if asked:
            who = self.received.visits[asked].who
            if who.chance(0.6):
                self._later(who.rng.uniform(10, 600), self._move, asked, WEB)
            elif who.chance(0.3):
                self._later(who.rng.uniform(10, 600), self._cancel, asked)

    # Staff

    def _check_new(self) -> None:
        """Let the secretariat check the bookings since the last business day (R68)."""
        for reservation in unchecked_before(clock.now()):
            check_completeness(reservation_id=reservation, actor=self.plan.secretariat)
            self.received.count("checked")

    def _look_at_day_lists(self) -> None:
        """Let each office open its day list, which must show exactly the expected visits."""
        today = clock.today()
        expected: dict[str, set[uuid.UUID]] = {row.code: set() for row in offices()}
        for visit, row in self.received.visits.items():
            if row.stands and clock.to_jst(row.starts_at).date() == today:
                expected[row.office].add(visit)
        for place, visits in expected.items():
            if not visits:
                continue
            rows = day_list.day_list(office=place, day=today, actor=self.plan.secretariat)
            shown = {row.id for row in rows if row.status == "BOOKED"}
            self.received.count("day lists opened")
            if shown != visits:
                self.received.seen_wrong.append(
                    f"{today} {place}: {len(shown)} shown, {len(visits)} expected"
                )

    def _remind_by_telephone(self) -> None:
        rows = calls.calls_to_make(day=calls.reminder_day(), actor=self.plan.operator)
        for row in sorted(rows, key=lambda row: self.received.visits[row.visit.id].who.number):
            if row.reached:
                continue
            known = self.received.visits[row.visit.id]
            reached = known.who.chance(REACHED_SHARE)
            calls.record_call(
                reservation_id=row.visit.id, reached=reached, after=row.tries, actor=self.plan.operator
            )
            known.calls, known.reached = known.calls + 1, known.reached + reached
            self.received.count("reminder calls")

    @contextmanager
    def _each(self) -> Iterator[None]:
        """Count a refusal within a loop and continue with the next person."""
        try:
            yield
        except Refusal as refusal:
            self.received.count(f"refused: {refusal.code}")

    # Trouble

    def _plan_trouble(self, today: date) -> None:
        """Schedule occasional trouble: an office, a storm, the national system, the mail server."""
        open_days = calendar(CalendarCode.OFFICE)
        one = (self.trouble_rng.choice(offices()).code,)
        soon, tomorrow = (clock.at(open_days.shift(today, step), time()) for step in (3, 1))
        noon = clock.at(today, time(12))
        for often, at, act, *facts in (
            (25, time(10, 30), self._pause, Scope(soon, soon + clock.DAY, one), "EQUIPMENT", False),
            (120, time(14), self._pause, Scope(tomorrow, tomorrow + clock.DAY), "TYPHOON", False),
            (120, time(15), self._pause, Scope(tomorrow, tomorrow + clock.DAY), "TYPHOON", True),
            (60, time(10), self._pause, Scope(noon, noon + 3 * HOUR), "NATIONAL_SYSTEM", False),
            (60, time(11, 7), self._silence_mail),
        ):
            if self.trouble_rng.random() < self.plan.trouble / often:
                self._put(clock.at(today, at), act, *facts)

    def _silence_mail(self) -> None:
        self.mailbox.silent_until = clock.now() + 2 * HOUR
        self.received.count("hours without a mail server", 2)

    def _pause(self, scope: Scope, cause: str, is_lifted: bool) -> None:  # noqa: FBT001 - from the agenda
        """Pause service: mail the affected people, call the others, cancel the rest, or resume."""
        pause = pauses.begin(
            scope=scope,
            cause=cause,
            is_open_ended=False,
            title=f"{cause} {clock.now():%Y-%m-%d %H:%M}",
            banner=None,
            actor=self.plan.secretariat,
        )
        self.received.count("pauses")
        listed = disruptions.disruption_of(pause)
        if listed is None or not listed.people:
            return
        self.received.count("people affected by a pause", listed.people)
        to_mail = disruptions.affected_visits(listed.id, part="mail")
        self._asked |= {
            self.received.visits[row.reservation].who.person.email: row.reservation for row in to_mail
        }
        mailed = mail_affected(disruption_id=listed.id, people=len(to_mail), actor=self.plan.secretariat)
        self.received.count("asked by mail to move", mailed)
        self._later(45, self._call_disrupted, listed.id)
        if is_lifted:
            self._later(180, self._lift, pause, listed.id)
        self._put(max(clock.now() + HOUR, scope.starts_at - HOUR), self._cancel_the_rest, listed.id)

    def _lift(self, pause: int, disruption: int) -> None:
        pauses.lift(
            pause_id=pause, people=disruptions.notified_count(disruption), actor=self.plan.secretariat
        )
        self.received.count("pauses lifted")

    def _call_disrupted(self, disruption: int) -> None:
        for row in self._by_number(disruptions.disrupted_visits(disruption, part="call")):
            known = self.received.visits[row.visit.id]
            self.received.count("calls about a pause")
            if known.who.chance(REACHED_SHARE):
                disruptions.mark_called(visit_id=row.id, actor=self.plan.operator)
                with self._each():
                    if known.who.chance(0.8):
                        self._move(row.visit.id, PHONE)
                    else:
                        self._cancel(row.visit.id, PHONE)

    def _cancel_the_rest(self, disruption: int) -> None:
        for row in self._by_number(disruptions.disrupted_visits(disruption)):
            if not row.resolution:
                with self._each():
                    self._cancel(row.visit.id, PHONE, "OFFICE_CLOSED")

    def _by_number(self, rows: Sequence[DisruptedRow]) -> list[DisruptedRow]:
        return sorted(rows, key=lambda row: self.received.visits[row.visit.id].who.number)


def _free_at(place: OfficeRow, who: Resident, channel: str, day: date) -> list[Start]:
    """Return the free times of an office from a day on, as long as a resident would look."""
    days = window(place, channel=channel)
    days = days.narrowed(day, day + PATIENCE) if days else None
    if not isinstance(days, Window):
        return []
    found = open_starts(office_code=place.code, slots=slots_for(who.codes), within=days, channel=channel)
    return [start for start in found if start.free]
