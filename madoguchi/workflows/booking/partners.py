"""Which visits a partner may see and change, and how much of them (仕様書 4(3)ア)."""

from dataclasses import dataclass, replace
from datetime import date

from madoguchi.accounts.partners import is_same_partner
from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common.errors import NotVisible
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.selectors import VisitRow, visit
from madoguchi.workflows.booking.lookup import look_up


@dataclass(frozen=True, slots=True)
class PartnerVisit:
    """A visit as a partner may see it; the place only of one it booked itself."""

    row: VisitRow
    is_own: bool


def access_as_partner(*, reference: str, birth_date: date | None, actor: Actor) -> PartnerVisit:
    """Return a visit this partner booked, or any visit with the right birth date; recorded as seen.

    A reference nobody has, one of somebody else without the birth date and one with a wrong birth date give
    the same answer. Raises NotVisible, and TooManyTries as `look_up` does: a partner counts as one source.
    """
    row = visit(reference=reference)
    is_own = row is not None and is_same_partner(actor, row.booked_by)
    if not is_own:
        if birth_date is None:
            raise NotVisible
        look_up(reference=reference, birth_date=birth_date, source=str(actor))
    if row is None:
        raise NotVisible
    record(action=ReservationAction.LOOKED_UP, actor=actor, target=f"reservation:{row.id}")
    return PartnerVisit(row, is_own)


def reload_visit(seen: PartnerVisit) -> PartnerVisit:
    """Return the visit as it stands after a change."""
    row = visit(reference=seen.row.reference)
    return replace(seen, row=row) if row else seen
