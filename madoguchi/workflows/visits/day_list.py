"""What a post office sees: its own visitors, from today to a few days ahead (仕様書 4(6)ア, 4(6)ウ).

Another office's visit, one on another day and none at all give the same answer (仕様書 4(6)ウ).
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from madoguchi.accounts.scope import PeopleScope
from madoguchi.audit.actor import Actor
from madoguchi.audit.selectors import AuditRow, EntrySearch, entries_about_any, found_entries
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import booking_rules, calendar
from madoguchi.reservations import figures, selectors
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.search import ListRow, Search
from madoguchi.reservations.selectors import ReservationRow
from madoguchi.workflows.privacy.access import AccessReason, ExportReason, export_people, unmask, visitors


def days_shown(office: str) -> list[date]:
    """Return today and the business days ahead that the rules let an office see."""
    ahead = booking_rules(clock.now(), office).office_days_ahead
    open_days = calendar(CalendarCode.OFFICE)
    return [clock.today(), *(open_days.shift(clock.today(), step) for step in range(1, ahead + 1))]


def day_list(*, office: str, day: date, actor: Actor) -> list[ListRow]:
    """Return who is, or was, booked at an office on a day, by time; on record as seen. Raises NotVisible."""
    return visitors(query=_search(office, day), scope=PeopleScope.of_offices([office]), actor=actor)


def export_day_list(*, office: str, day: date, actor: Actor) -> list[ListRow]:
    """Return the same for the printed list; recorded as exported. Raises NotVisible."""
    return export_people(
        query=_search(office, day),
        what="visitor_list",
        reason=ExportReason.PREPARATION,
        scope=PeopleScope.of_offices([office]),
        actor=actor,
        detail={"office": office, "day": day.isoformat()},
    )


@dataclass(frozen=True, slots=True)
class SincePrint:
    """What changed since the day's list was printed last; keys are those of the rows. Nobody is named."""

    printed_at: datetime
    added: frozenset[uuid.UUID]
    changed: frozenset[uuid.UUID]
    cancelled: frozenset[uuid.UUID]
    gone: int


def since_print(rows: Sequence[ListRow], *, office: str, day: date) -> SincePrint | None:
    """Return what changed since this office printed the list of a day, None before the first time.

    A day of which nobody printed has left no trace is as good as never printed.
    """
    exported = entries_about_any(
        [f"reservation:{row.id}" for row in rows], actions=[ReservationAction.EXPORTED]
    )
    last = next((each for each in exported if _is_of(each, office, day)), None)
    if last is None:
        return None
    moment = EntrySearch(
        since=last.at,
        until=last.at + timedelta(microseconds=1),
        actors=[last.actor],
        actions=[ReservationAction.EXPORTED],
    )
    on_paper = {each.target for each in found_entries(moment) if _is_of(each, office, day)}
    printed = [row for row in rows if f"reservation:{row.id}" in on_paper]
    return SincePrint(
        printed_at=last.at,
        added=frozenset(
            row.id for row in rows if f"reservation:{row.id}" not in on_paper and row.status == "BOOKED"
        ),
        changed=frozenset(
            row.id
            for row in printed
            if row.status == "BOOKED" and row.changed_at and row.changed_at > last.at
        ),
        cancelled=frozenset(row.id for row in printed if row.cancelled_at and row.cancelled_at > last.at),
        gone=len(on_paper) - len(printed),
    )


def _is_of(entry: AuditRow, office: str, day: date) -> bool:
    detail = entry.detail
    return (detail.get("office"), detail.get("day")) == (office, day.isoformat())


def day_version(*, office: str, day: date) -> str:
    """Return what changes whenever the day list of an office does; nobody is seen. Raises NotVisible."""
    _search(office, day)
    return figures.day_version(office=office, day=day)


def open_visit(*, reference: str, offices: Collection[str], actor: Actor) -> ReservationRow:
    """Return a visit for those who work at its office; only what is shown is recorded. Raises NotVisible."""
    row = _visible(reference, offices)
    record(action=ReservationAction.VIEWED, actor=actor, target=f"reservation:{row.id}")
    return row


def unmask_phone(*, reference: str, offices: Collection[str], actor: Actor) -> str:
    """Return the telephone number of a visitor who is to be reached; on record. Raises NotVisible."""
    row = _visible(reference, offices)
    unmask(reservation_id=row.id, what="phone", reason=AccessReason.CALL, actor=actor)
    return row.person.phone


def _visible(reference: str, offices: Collection[str]) -> ReservationRow:
    scope = PeopleScope.of_offices(offices)
    row = selectors.reservation(selectors.reservation_by_reference(reference, scope=scope), scope=scope)
    if clock.to_jst(row.starts_at).date() not in days_shown(row.office):
        raise NotVisible
    return row


def _search(office: str, day: date) -> Search:
    if day not in days_shown(office):
        raise NotVisible
    return Search(first=day, last=day, offices=(office,))
