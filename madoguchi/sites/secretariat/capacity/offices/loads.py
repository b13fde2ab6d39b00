"""What offices offer on days: the numbers and words that matrix, month, list and home share."""

from collections.abc import Sequence
from datetime import date, datetime

from madoguchi.common import clock, era
from madoguchi.contract.selectors import program
from madoguchi.offices.selectors import OfficeRow, day_bounds
from madoguchi.reservations.availability import DayLoad, day_loads
from madoguchi.workflows.booking.offering import is_service_day
from madoguchi.workflows.capacity.slots import laid_out_until


def why_no_seats(place: OfficeRow, day: date, load: DayLoad | None) -> str:
    """Return why an office offers no seat on a day, "" where it offers some, taken or free."""
    if load and load.seats:
        return ""
    if day < place.opens_on:
        return "開設前"
    if day > program().term_ends_on:
        return "期間外"
    return "枠の準備前" if day > laid_out_until([place.code]) and is_service_day(day) else "休業"


def loads_ahead(codes: Sequence[str], days: Sequence[date]) -> dict[str, tuple[int, int]]:
    """Return free seats and all seats of each office over these days together: on home as in the list."""
    found = dict.fromkeys(codes, (0, 0))
    loads = day_loads(offices=codes, since=day_bounds(days[0])[0], until=day_bounds(days[-1])[1])
    for load in loads:
        free, seats = found[load.office]
        found[load.office] = (free + load.free, seats + load.seats)
    return found


def format_deadlines(until: datetime) -> str:
    """Return until when citizens can book, with 本日 for today."""
    at = clock.to_jst(until)
    return f"{'本日' if at.date() == clock.today() else era.staff_day(at.date())}{at:%H:%M}"
