"""What tests of the secretariat's pages share: who opens them, and bookings to look at."""

from datetime import datetime, timedelta

from people import HANAKO, SECRETARIAT

from madoguchi.accounts import services
from madoguchi.accounts.models import User
from madoguchi.accounts.roles import Role
from madoguchi.audit.actor import SYSTEM
from madoguchi.common.clock import JST
from madoguchi.reservations.availability import starts
from madoguchi.workflows import booking


def member(role=Role.SECRETARIAT, username="jimukyoku"):
    """Return somebody who works here, with one role."""
    opened = services.open_account(
        username=username,
        display_name="中洲 次郎",
        organisation="見本",
        roles=[role],
        actor=SYSTEM,
        is_demo=True,
    )
    return User.objects.get(pk=opened.user_id)


def slot_at(day, hour, minute=0, *, office="HM01", month=12):
    """Return the slot of an office at a time of the year of the tests."""
    begins = datetime(2026, month, day, hour, minute, tzinfo=JST)
    found = starts(office=office, since=begins, until=begins + timedelta(minutes=1), slots=1, slot_minutes=30)
    return found[0].slot


def book(person=HANAKO, *, day=15, hour=10, minute=30, office="HM01", codes=("CERT_RENEW",), channel="PHONE"):
    """Book a visit and return what came of it."""
    asked = booking.Request(slot_at(day, hour, minute, office=office), tuple(codes), person)
    return booking.book(
        request=asked,
        channel=channel,
        actor=SECRETARIAT,
        submission=f"{person.name} {day} {hour} {minute}",
        fingerprint="",
    )
