"""One booking by the workflow, as a partner sends it unless told otherwise."""

from dataclasses import replace
from datetime import datetime, timedelta

from support.people import HANAKO

from madoguchi.audit.actor import Actor
from madoguchi.common.clock import JST
from madoguchi.reservations.availability import starts
from madoguchi.workflows.booking import book as booking

RENEW = ("CERT_RENEW",)
PARTNER = Actor("partner", "test")


def slot_at(day: int, hour: int, minute: int = 0, place: str = "HM01", month: int = 12) -> int:
    """Return the slot of an office at a time."""
    begins = datetime(2026, month, day, hour, minute, tzinfo=JST)
    found = starts(office=place, since=begins, until=begins + timedelta(minutes=1), slots=1, slot_minutes=30)
    return found[0].slot


def book(person=HANAKO, slot=None, codes=RENEW, channel="PARTNER", submission="one", **more):
    request = booking.BookingRequest(
        visitors=(booking.Visitor(codes, person),), slot=slot or slot_at(15, 10, 30)
    )
    return booking.book(
        replace(
            request,
            channel=channel,
            actor=more.pop("actor", PARTNER),
            submission=submission,
            fingerprint=repr(request),
            **more,
        )
    )
