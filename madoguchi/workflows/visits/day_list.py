"""What a post office sees: its own visitors, from today to a few days ahead (仕様書 4(6)ア, 4(6)ウ).

Another office's visit, one on another day and none at all give the same answer (仕様書 4(6)ウ).
"""

from collections.abc import Collection
from datetime import date

from madoguchi.accounts.scope import PeopleScope
from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.contract.kinds import CalendarCode
from madoguchi.contract.selectors import booking_rules, calendar
from madoguchi.reservations import selectors
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
    )


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
