"""A booking waits at most five times for the database, a family's too; a hold four times."""

from dataclasses import replace
from datetime import datetime

import pytest
from support.people import somebody
from support.races import slots_from
from support.round_trips import round_trips

from madoguchi.audit.actor import Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.common.clock import JST
from madoguchi.notifications.models import Mail
from madoguchi.reservations.models import Applicant, Reservation, ReservedProcedure, Seat, Submission
from madoguchi.sealing.models import PersonKey
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import sessions

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
PARTNER = Actor("partner", "waits")
SHORT, LONG = ("CERT_RENEW",), ("FACE_CHANGE", "CERT_ISSUE")


def said(trips):
    return "\n".join(f"{number}: {'; '.join(each)}" for number, each in enumerate(trips, 1))


def asked(number, codes, slot, channel):
    person = replace(somebody(number), email="hanako@example.jp")
    return booking.BookingRequest(
        visitors=(booking.Visitor(codes, person),), slot=slot, channel=channel, actor=PARTNER,
        submission=str(number),
    )  # fmt: skip


def held(people, codes, slot):
    token = sessions.start_session(source="", form_data={})
    sessions.hold_slot(token=token, slot=slot, codes=codes, others=[SHORT] * (people - 1))
    return token


@pytest.fixture(autouse=True)
def _all_on_the_web(lasting_city):
    """Keep no seat for the telephone, and have the rules of the city read."""
    Seat.objects.update(web_from=datetime(2000, 1, 1, tzinfo=JST))
    booking.book(asked(0, SHORT, slots_from(16)[0], "PARTNER"))


TABLES = (Submission, PersonKey, Applicant, Reservation, ReservedProcedure, AuditEntry, Mail)


@pytest.mark.parametrize("codes", [SHORT, LONG], ids=["one slot", "two slots"])
@pytest.mark.parametrize("channel", ["PARTNER", "PHONE"])
def test_a_booking_of_eight_rows_waits_five_times(codes, channel):
    request = asked(1, codes, slots_from(10)[0], channel)
    before = [table.objects.count() for table in TABLES] + [Seat.objects.filter(reservation=None).count()]
    with round_trips() as trips:
        booking.book(request)
    after = [table.objects.count() for table in TABLES] + [Seat.objects.filter(reservation=None).count()]
    assert [abs(now - then) for now, then in zip(after, before, strict=True)] == (
        [1, 1, 1, 1, len(codes), 1, 1, 1 if codes == SHORT else 2]
    )
    assert len(trips) <= 5, said(trips)


def test_a_booking_by_telephone_on_seats_that_were_held_waits_five_times():
    slot = slots_from(10)[0]
    request = replace(asked(1, SHORT, slot, "PHONE"), token=held(1, SHORT, slot))
    with round_trips() as trips:
        booking.book(request)
    assert len(trips) <= 5, said(trips)


def test_a_booking_on_the_web_waits_five_times():
    request = replace(asked(1, SHORT, 0, "WEB"), token=held(1, SHORT, slots_from(10)[0]))
    with round_trips() as trips:
        booking.book_held(request)
    assert len(trips) <= 5, said(trips)


def test_a_family_of_four_waits_five_times():
    token = held(4, SHORT, slots_from(9)[0])
    people = [replace(somebody(number), email="hanako@example.jp") for number in range(1, 5)]
    request = booking.BookingRequest(
        visitors=tuple(booking.Visitor(SHORT, person) for person in people), token=token
    )
    with round_trips() as trips:
        assert len(booking.book_held(request)) == 4
    assert len(trips) <= 5, said(trips)


@pytest.mark.parametrize("codes", [SHORT, LONG], ids=["one slot", "two slots"])
def test_a_hold_waits_four_times(codes):
    token, slot = sessions.start_session(source="", form_data={}), slots_from(10)[0]
    with round_trips() as trips:
        sessions.hold_slot(token=token, slot=slot, codes=codes)
    assert len(trips) <= 4, said(trips)


def test_a_statement_more_is_counted_and_named():
    with round_trips() as trips:
        Mail.objects.filter(target="one too many").exists()
        Seat.objects.count()
    assert len(trips) == 2
    assert "notifications_mail" in trips[0][0]
    assert "reservations_seat" in trips[1][0]
