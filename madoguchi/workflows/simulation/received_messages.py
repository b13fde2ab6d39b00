"""What simulated residents know, kept apart from every ledger: the expected side of the reconciliation."""

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
class KnownVisit:
    """A booking as its resident knows it."""

    who: Resident
    office: str
    starts_at: datetime
    slots: int
    stands: bool = True
    moves: int = 0
    calls: int = 0
    reached: int = 0


@dataclass(slots=True)
class KnownWait:
    """A waiting entry as its resident knows it; `end` is how the resident ended it."""

    who: Resident
    link: str
    end: str = ""


@dataclass
class Mailbox(MailboxGateway):
    """A gateway that keeps what was sent and passes each mail to its reader."""

    read: Callable[[Message], None]
    taken: list[tuple[str, str]] = field(default_factory=list)
    silent_until: datetime | None = None

    def send(self, message: Message, *, message_id: str) -> None:
        """Deliver a mail. Raises Unreachable during an outage of the mail server."""
        if self.silent_until and clock.now() < self.silent_until:
            raise Unreachable
        super().send(message, message_id=message_id)
        self.taken.append((message_id, message.recipient))
        self.read(message)


@dataclass(slots=True)
class ReceivedMessages:
    """Everything that residents and staff know for themselves."""

    visits: dict[uuid.UUID, KnownVisit] = field(default_factory=dict)
    waits: dict[uuid.UUID, KnownWait] = field(default_factory=dict)
    # What happened, by month of the city's clock ("2026-09") and kind.
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    # Where staff saw something else than residents know, or an invariant did not hold.
    anomalies: list[str] = field(default_factory=list)

    def count(self, kind: str, times: int = 1) -> None:
        """Count an event of the present month."""
        self.counts[f"{clock.today():%Y-%m}", kind] += times

    def total(self, kind: str) -> int:
        """Return how often an event happened in all months."""
        return sum(times for (_, each), times in self.counts.items() if each == kind)
