"""Whom a proposal reaches, for the person who decides about it (仕様書 4(3)ア, 9(5))."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from madoguchi.common import clock
from madoguchi.common.cache import isolated_cache
from madoguchi.contract.kinds import ProposalKind
from madoguchi.contract.rows import ProposalRow
from madoguchi.notifications.selectors import queued_mails
from madoguchi.reservations.figures import Expected, expected_visits
from madoguchi.workflows.approvals.content import current_content
from madoguchi.workflows.approvals.proposals import assume_applied, offices_to_refit
from madoguchi.workflows.capacity.slots import preview_offering


@dataclass(frozen=True, slots=True)
class Reach:
    """Who meets what a proposal changes.

    `expected` are the people with a booking from its instant on (None where no visit is concerned); `mails`
    are those queued now that will be written in the new text (None for other kinds); `misfits` is how many
    bookings no longer fit what is offered then, which keep their seats and are listed (None for other kinds).
    """

    since: datetime
    until: datetime | None
    expected: Expected | None
    mails: int | None
    misfits: int | None = None


def reach(row: ProposalRow) -> Reach:
    """Return whom a proposal reaches, as things stand now; nothing is written and nobody opened."""
    return REACHES[ProposalKind(row.kind)](row, max(row.effective_from, clock.now()))


def _rules(row: ProposalRow, since: datetime) -> Reach:
    return Reach(since, None, expected_visits(since=since, office=row.scope), None)


def _mail(row: ProposalRow, since: datetime) -> Reach:
    return Reach(since, None, None, queued_mails(kind=row.scope))


def _office(row: ProposalRow, since: datetime) -> Reach:
    return Reach(since, None, expected_visits(since=since, office=row.scope), None)


def _procedure(row: ProposalRow, since: datetime) -> Reach:
    return Reach(since, None, expected_visits(since=since, procedures=(row.scope,)), None)


def _belonging(row: ProposalRow, since: datetime) -> Reach:
    stands = current_content(kind=row.kind, scope=row.scope, language=row.language, at=since)
    # For all procedures where one of the two says so.
    sets = [stands["procedures"], row.content.get("procedures", stands["procedures"])]
    codes = {code for each in sets for code in each} if all(sets) else ()
    return Reach(since, None, expected_visits(since=since, procedures=codes), None)


def _wave(row: ProposalRow, since: datetime) -> Reach:
    """Try the change as of its instant and count the bookings that would no longer fit."""
    places = offices_to_refit(row)
    with isolated_cache(), clock.imagine(since):
        effect = preview_offering(change=partial(assume_applied, row, since), places=places)
    return Reach(since, None, expected_visits(since=since, offices=places), None, len(effect.affected))


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
    ProposalKind.WAVE: _wave,
    ProposalKind.OFFICE: _office,
    ProposalKind.BELONGING: _belonging,
    ProposalKind.PROCEDURE: _procedure,
}
