"""How much waits for the secretariat, as its navigation shows on every page."""

from dataclasses import dataclass

from madoguchi.common.cache import cached
from madoguchi.notifications.selectors import backlog
from madoguchi.reservations.disruption_lists import disruptions
from madoguchi.reservations.figures import unchecked


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Reservations to look through, people to notify of a disruption, and mails that did not arrive."""

    checks: int
    disrupted: int
    mails: int


@cached
def open_work() -> OpenWork:
    """Return how much waits: the figures of the cards on 本日の処理, asked for at most every two seconds."""
    return OpenWork(
        checks=unchecked().count,
        disrupted=sum(row.left for row in disruptions(unresolved_only=True)),
        mails=backlog().troubled,
    )
