"""Simulate days of the contract through the real services with a set clock, from a seed.

Residents book, wait, move, cancel, come or stay away; operators, secretariat and offices do their daily work;
offices close; the mail server fails. It fills the demo, and shows that the ledgers reconcile
(`reconciliation`). Deterministic for a seed.
"""

import random
from dataclasses import dataclass
from datetime import date, time, timedelta

from madoguchi.common import clock
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import calendar
from madoguchi.offices.selectors import offices_taking_bookings
from madoguchi.workflows import tasks
from madoguchi.workflows.messages import mail
from madoguchi.workflows.operations import status
from madoguchi.workflows.simulation.agenda import HOUR, MINUTE, Agenda, Plan
from madoguchi.workflows.simulation.received_messages import Mailbox, ReceivedMessages
from madoguchi.workflows.simulation.residents import Residents
from madoguchi.workflows.simulation.staff import Staff
from madoguchi.workflows.simulation.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Played:
    """What residents know after the simulated days, and the mails they received."""

    received: ReceivedMessages
    mailbox: Mailbox


def play(plan: Plan) -> Played:
    """Play the days of a plan, and return what people were told."""
    term = Term(plan)
    term.run()
    return Played(term.received, term.residents.mailbox)


class Term:
    """The frame of the days being played: when staff work, people arrive and jobs run."""

    def __init__(self, plan: Plan) -> None:
        """Put the first morning on the agenda."""
        self.rng = random.Random(plan.seed)  # noqa: S311 - a seed is the point
        self.plan = plan
        self.agenda = Agenda(plan)
        self.received = self.agenda.received
        self.residents = Residents(self.agenda)
        self.staff = Staff(self.agenda, self.residents)
        self.trouble = Trouble(self.agenda, self.residents)
        self.agenda.put(clock.at(plan.first, time(3, 10)), self._night)

    def run(self) -> None:
        """Play until the end; then settle what is left and check the invariants."""
        self.agenda.run()
        with clock.travel(self.agenda.settled_at):
            self._serve()
            self._jobs()
            self._slow_jobs()
            self._look_for_breaches()

    def _night(self) -> None:
        """Lay out slots and put the coming day on the agenda."""
        today = clock.today()
        if today.weekday() == 0 or today == self.plan.first:
            # Once a week is enough, since slots reach two weeks beyond the window.
            tasks.extend_slots(timestamp=0)
            if offices_taking_bookings():
                self._look_for_breaches()
        is_over = clock.now() >= self.agenda.ends_at
        if not is_over:
            self.agenda.put(clock.at(today + clock.DAY, time(3, 10)), self._night)
        ticks = int(timedelta(hours=18) / self.plan.mail_interval)
        for tick in range(ticks):
            self.agenda.put(clock.at(today, time(6)) + tick * self.plan.mail_interval, self._jobs)
        for hour in range(8, 22, max(1, int(self.plan.mail_interval / HOUR))):
            self.agenda.put(clock.at(today, time(hour, 1)), self._serve)
        for hour in (5, 9, 13, 17, 21):
            self.agenda.put(clock.at(today, time(hour, 50)), self._slow_jobs)
        if not is_over:
            self._plan_day(today)

    def _plan_day(self, today: date) -> None:
        works = calendar(CalendarCode.CALL_CENTRE).is_open(today)
        if works:
            self.agenda.put(clock.at(today, time(8, 40)), self.staff.look_at_day_lists)
            self.agenda.put(clock.at(today, time(9, 30)), self.staff.check_new)
            for moment in (time(10), time(15)):
                self.agenda.put(clock.at(today, moment), self.staff.remind_by_telephone)
            for hour in range(9, 17):
                self.agenda.put(clock.at(today, time(hour, 20)), self.staff.call_about_offers)
        mean = self.plan.residents_per_day if works else self.plan.residents_per_day * 0.5
        for _ in range(max(0, round(self.rng.gauss(mean, mean * 0.15)))):
            at = clock.at(today, time(7)) + self.rng.randrange(16 * 60) * MINUTE
            self.agenda.put(at, self.residents.arrive, works)
        if self.plan.trouble and works:
            self.trouble.plan_day(today)

    def _serve(self) -> None:
        # Once an hour is enough, since whatever frees a seat offers it at once.
        tasks.offer_seats(timestamp=0)

    def _jobs(self) -> None:
        while mail.send_due_mail(limit=200, through=self.residents.mailbox):
            pass

    def _slow_jobs(self) -> None:
        tasks.queue_reminders(timestamp=0)
        tasks.purge(timestamp=0)
        tasks.seal_audit(timestamp=0)

    def _look_for_breaches(self) -> None:
        found = status.check_invariants()
        self.received.anomalies += [f"{clock.today()} {breach.check} {breach.examples}" for breach in found]
