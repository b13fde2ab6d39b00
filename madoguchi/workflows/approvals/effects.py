"""Whom a proposal reaches, for the person who decides about it (仕様書 4(3)ア, 9(5))."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from madoguchi.common import clock
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.rows import ProposalRow
from madoguchi.notifications.selectors import queued_mails
from madoguchi.reservations.figures import Expected, expected_visits


@dataclass(frozen=True, slots=True)
class Reach:
    """Who meets what a proposal changes.

    `expected` are the people with a booking from its instant on (None where no visit is concerned); `mails`
    are those queued now that will be written in the new text (None for other kinds).
    """

    since: datetime
    until: datetime | None
    expected: Expected | None
    mails: int | None


def reach(row: ProposalRow) -> Reach:
    """Return whom a proposal reaches, as things stand now; nothing is written and nobody opened."""
    return REACHES[ProposalKind(row.kind)](row, max(row.effective_from, clock.now()))


def _rules(row: ProposalRow, since: datetime) -> Reach:
    return Reach(since, None, expected_visits(since=since, office=row.scope), None)


def _mail(row: ProposalRow, since: datetime) -> Reach:
    return Reach(since, None, None, queued_mails(kind=row.scope))


def _text(row: ProposalRow, since: datetime) -> Reach:  # noqa: ARG001 - one signature for all kinds
    return Reach(since, None, None, None)


def _announcement(row: ProposalRow, since: datetime) -> Reach:
    until = datetime.fromisoformat(row.content["shows_until"])
    return Reach(since, until, expected_visits(since=since, until=until), None)


REACHES: Final[Mapping[ProposalKind, Callable[[ProposalRow, datetime], Reach]]] = {
    ProposalKind.RULES: _rules,
    ProposalKind.MAIL: _mail,
    ProposalKind.TEXT: _text,
    ProposalKind.ANNOUNCEMENT: _announcement,
}
