"""Trouble in a simulated term: offices close, storms come, the mail server falls silent."""

import random
from collections.abc import Sequence
from datetime import date, time

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import calendar
from madoguchi.offices.pauses import Scope
from madoguchi.offices.selectors import offices
from madoguchi.reservations import disruption_lists, disruptions
from madoguchi.reservations.disruption_lists import DisruptedRow
from madoguchi.workflows.booking.offering import (
    PHONE,
)
from madoguchi.workflows.outage import pauses
from madoguchi.workflows.outage.disruptions import mail_affected
from madoguchi.workflows.simulation.agenda import HOUR, Agenda
from madoguchi.workflows.simulation.residents import REACHED_SHARE, Residents


class Trouble:
    """What goes wrong, and what staff do about it for the people affected."""

    def __init__(self, agenda: Agenda, residents: Residents) -> None:
        """Trouble these residents, by luck of its own: more of it leaves the residents the same."""
        self.agenda = agenda
        self.plan, self.received = agenda.plan, agenda.received
        self.residents = residents
        self.trouble_rng = random.Random(f"{agenda.plan.seed} trouble")  # noqa: S311 - a seed is the point

    def plan_day(self, today: date) -> None:
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
                self.agenda.put(clock.at(today, at), act, *facts)

    def _silence_mail(self) -> None:
        self.residents.mailbox.silent_until = clock.now() + 2 * HOUR
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
        listed = disruption_lists.disruption_of_pause(pause)
        if listed is None:
            return
        self.received.count("people affected by a pause", listed.people)
        to_mail = disruption_lists.affected_visits(listed.id, part="mail", scope=EVERYWHERE)
        self.residents.asked |= {
            self.received.visits[row.reservation].who.person.email: row.reservation for row in to_mail
        }
        mailed = mail_affected(disruption_id=listed.id, people=len(to_mail), actor=self.plan.secretariat)
        self.received.count("asked by mail to move", mailed)
        self.agenda.later(45, self._call_disrupted, listed.id)
        if is_lifted:
            self.agenda.later(180, self._lift, pause)
        self.agenda.put(max(clock.now() + HOUR, scope.starts_at - HOUR), self._cancel_the_rest, listed.id)

    def _lift(self, pause: int) -> None:
        people = disruption_lists.to_mail_when_lifted(pause)
        pauses.lift(pause_id=pause, people=people, actor=self.plan.secretariat)
        self.received.count("pauses lifted")

    def _call_disrupted(self, disruption: int) -> None:
        to_call = disruption_lists.disrupted_visits(disruption, part="call", scope=EVERYWHERE)
        for row in self._by_number(to_call):
            known = self.received.visits[row.visit.id]
            self.received.count("calls about a pause")
            if known.who.chance(REACHED_SHARE):
                disruptions.mark_called(visit_id=row.id, actor=self.plan.operator)
                with self.agenda.counting_refusals():
                    if known.who.chance(0.8):
                        self.residents.move(row.visit.id, PHONE)
                    else:
                        self.residents.cancel(row.visit.id, PHONE)

    def _cancel_the_rest(self, disruption: int) -> None:
        for row in self._by_number(disruption_lists.disrupted_visits(disruption, scope=EVERYWHERE)):
            if not row.resolution:
                with self.agenda.counting_refusals():
                    self.residents.cancel(row.visit.id, PHONE, "OFFICE_CLOSED")

    def _by_number(self, rows: Sequence[DisruptedRow]) -> list[DisruptedRow]:
        return sorted(rows, key=lambda row: self.received.visits[row.visit.id].who.number)
