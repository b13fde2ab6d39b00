"""One booking by the workflow, as a partner sends it unless told otherwise."""

from dataclasses import replace

from support.city import slot_at
from support.people import HANAKO

from madoguchi.audit.actor import Actor
from madoguchi.workflows.booking import book as booking

RENEW = ("CERT_RENEW",)
PARTNER = Actor("partner", "test")


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
