"""What happens when, from a seed: the plan of a simulated term and its agenda."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path

from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.workflows.simulation.received_messages import ReceivedMessages

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


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


class Agenda:
    """What is to happen at which instant, and what everybody knows so far."""

    def __init__(self, plan: Plan) -> None:
        """Begin with nothing to do."""
        self.plan = plan
        self.received = ReceivedMessages()
        self.ends_at = clock.at(plan.first + timedelta(days=plan.days), time())
        self.settled_at = self.ends_at + (clock.DAY if plan.settles else timedelta())
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()

    def run(self) -> None:
        """Do what stands on the agenda until the term is settled."""
        while self._due and self._due[0][0] < self.settled_at:
            at, order, act = heapq.heappop(self._due)
            # Nothing happens twice in one instant, so that "who came first" has one answer.
            with clock.travel(at + timedelta(microseconds=order % 1_000_000)), self.counting_refusals():
                act()

    def put(self, at: datetime, act: Callable[..., None], *facts: object) -> None:
        """Put something on the agenda at an instant."""
        heapq.heappush(self._due, (at, next(self._order), lambda: act(*facts)))

    def later(self, in_minutes: float, act: Callable[..., None], *facts: object) -> None:
        """Put something on the agenda some minutes from now."""
        self.put(clock.now() + in_minutes * MINUTE, act, *facts)

    @contextmanager
    def counting_refusals(self) -> Iterator[None]:
        """Count a refusal, as in the middle of a list, and go on with what comes next."""
        try:
            yield
        except Refusal as refusal:
            self.received.count(f"refused: {refusal.code}")
