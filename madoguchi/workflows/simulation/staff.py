"""Daily work in a simulated term: completeness checks, day lists, reminder calls, calls about offers."""

from typing import TYPE_CHECKING

from madoguchi.common import clock
from madoguchi.offices.selectors import offices
from madoguchi.reservations.figures import unchecked_before
from madoguchi.reservations.services import check_completeness
from madoguchi.workflows.booking.offering import (
    PHONE,
)
from madoguchi.workflows.callcentre import calls
from madoguchi.workflows.simulation.agenda import Agenda
from madoguchi.workflows.simulation.residents import REACHED_SHARE, Residents
from madoguchi.workflows.visits import day_list

if TYPE_CHECKING:
    import uuid


class Staff:
    """Secretariat, offices and operators on an ordinary day."""

    def __init__(self, agenda: Agenda, residents: Residents) -> None:
        """Work for these residents."""
        self.agenda = agenda
        self.plan, self.received = agenda.plan, agenda.received
        self.residents = residents

    def check_new(self) -> None:
        """Let the secretariat check the bookings since the last business day (仕様書 4(6)ア)."""
        for reservation in unchecked_before(clock.now()):
            check_completeness(reservation_id=reservation, actor=self.plan.secretariat)
            self.received.count("checked")

    def look_at_day_lists(self) -> None:
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
                self.received.anomalies.append(f"{today} {place}: {len(shown)} shown, {len(visits)} expected")

    def remind_by_telephone(self) -> None:
        """Call those who are reminded by telephone, one after the other."""
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

    def call_about_offers(self) -> None:
        """Call those on the waiting list who are notified of their offer by telephone."""
        rows = calls.offers_to_call(actor=self.plan.operator)
        for row in sorted(rows, key=lambda row: self.received.waits[row.id].who.number):
            wait = self.received.waits[row.id]
            calls.record_number_shown(wait_id=row.id, actor=self.plan.operator)
            self.received.count("calls about offers")
            if wait.who.chance(REACHED_SHARE):
                with self.agenda.counting_refusals():
                    self.residents.answer_offer(wait, PHONE)
            else:
                calls.record_unanswered_call(wait_id=row.id, after=row.tries, actor=self.plan.operator)
