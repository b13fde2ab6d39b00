"""What residents were told, kept apart from every ledger: the other side of the reckoning."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from madoguchi.common import clock
from madoguchi.notifications.errors import Unreachable
from madoguchi.notifications.gateways import MailboxGateway, Message
from madoguchi.workflows.simulation.people import Resident


@dataclass(slots=True)
class ToldVisit:
    """A booking as it was acknowledged, and what became of it."""

    who: Resident
    office: str
    starts_at: datetime
    slots: int
    stands: bool = True
    moves: int = 0
    calls: int = 0
    reached: int = 0


@dataclass(slots=True)
class Turn:
    """A place on the waiting list, with its secret link; `end` is how its owner ended it."""

    who: Resident
    link: str
    end: str = ""


@dataclass
class Letterbox(MailboxGateway):
    """Where mail leaves: keeps what was taken, and hands each to who reads it."""

    read: Callable[[Message], None]
    taken: list[tuple[str, str]] = field(default_factory=list)
    silent_until: datetime | None = None

    def send(self, message: Message, *, message_id: str) -> None:
        """Take a mail, unless the server cannot be reached just now."""
        if self.silent_until and clock.now() < self.silent_until:
            raise Unreachable
        super().send(message, message_id=message_id)
        self.taken.append((message_id, message.recipient))
        self.read(message)


@dataclass(slots=True)
class ReceivedMessages:
    """All that residents and staff know for themselves."""

    visits: dict[uuid.UUID, ToldVisit] = field(default_factory=dict)
    turns: dict[uuid.UUID, Turn] = field(default_factory=dict)
    # What happened, by month of the city's clock ("2026-09") and kind.
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    # Where staff saw something else than residents were told, or an invariant did not hold.
    seen_wrong: list[str] = field(default_factory=list)

    def count(self, kind: str, times: int = 1) -> None:
        """Note that something happened now."""
        self.counts[f"{clock.today():%Y-%m}", kind] += times

    def total(self, kind: str) -> int:
        """Return how often something happened."""
        return sum(times for (_, each), times in self.counts.items() if each == kind)
