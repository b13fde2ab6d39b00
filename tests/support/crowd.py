"""An office whose day is sold out."""

from dataclasses import replace
from datetime import date, time

from support.people import OPERATOR, somebody

from madoguchi.common import clock
from madoguchi.reservations.availability import Start, starts
from madoguchi.reservations.models import Seat
from madoguchi.reservations.submissions import Created
from madoguchi.workflows.booking import book as booking


def day_starts(day: date, place: str = "HM01") -> list[Start]:
    """Return every start of an office's day, full ones too."""
    begins = clock.at(day, time())
    return starts(office=place, since=begins, until=begins + clock.DAY, slots=1, slot_minutes=30)


def sell_out(day: date, place: str = "HM01") -> list[Created]:
    """Book every seat of an office's day, and return the bookings by time."""
    made = []
    for number, start in enumerate(day_starts(day, place)):
        for seat in range(Seat.objects.filter(slot_id=start.slot, reservation=None).count()):
            person = somebody(100 * number + seat)
            request = booking.BookingRequest(
                visitors=(booking.Visitor(("CERT_RENEW",), person),), slot=start.slot
            )
            made.append(
                booking.book(
                    replace(
                        request,
                        channel="PHONE",
                        actor=OPERATOR,
                        submission=f"{day}{place}{number}-{seat}",
                        fingerprint="",
                    )
                )
            )
    return made
