"""One telephone number or mail address books for a household or a ward of a home, not for a city."""

from dataclasses import replace

import pytest
from support.journeys import slot_at
from support.people import OPERATOR, somebody

from madoguchi.audit.actor import CITIZEN, SYSTEM
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches
from madoguchi.contract.services import decide_rule
from madoguchi.reservations.errors import ContactLimitReached
from madoguchi.reservations.models import Reservation, Seat
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes

pytestmark = pytest.mark.usefixtures("city")
TIMES = [(9, 0), (9, 30), (10, 0), (10, 30), (14, 0)]


@pytest.fixture
def _three_each(city):
    decide(3)


def decide(most):
    decide_rule(
        key="bookings_of_contact", value=most, effective_from=clock.now(), note="", actor=SYSTEM
    )  # fmt: skip
    clear_caches()


def book(number, *, channel="WEB", **contact):
    slot = slot_at(15, *TIMES[number])
    person = replace(somebody(number), **contact)
    return booking.book(
        booking.BookingRequest(
            visitors=(booking.Visitor(("CERT_RENEW",), person),),
            slot=slot,
            channel=channel,
            actor=OPERATOR if channel == "PHONE" else CITIZEN,
            submission=f"{number}",
            fingerprint="",
        )
    )


SAME = [{"phone": "09000009999"}, {"email": "home@example.jp"}]


@pytest.mark.usefixtures("_three_each")
@pytest.mark.parametrize("contact", SAME, ids=["telephone", "mail"])
def test_beyond_the_limit_a_contact_is_led_to_the_telephone_and_nothing_is_written(contact):
    for number in range(3):
        book(number, **contact)
    taken = Seat.objects.exclude(reservation=None).count()
    with pytest.raises(ContactLimitReached, match="コールセンター"):
        book(3, **contact)
    assert (Reservation.objects.count(), Seat.objects.exclude(reservation=None).count()) == (3, taken)
    book(3)


@pytest.mark.usefixtures("_three_each")
def test_partners_are_held_to_it_and_staff_are_not():
    for number in range(3):
        book(number, **SAME[0])
    with pytest.raises(ContactLimitReached):
        book(3, channel="PARTNER", **SAME[0])
    assert book(3, channel="PHONE", **SAME[0])


@pytest.mark.usefixtures("_three_each")
def test_what_is_cancelled_or_over_no_longer_counts():
    made = [book(number, **SAME[0]) for number in range(3)]
    changes.cancel(reservation_id=made[0].id, actor=CITIZEN, channel="WEB")
    book(3, **SAME[0])
    with pytest.raises(ContactLimitReached):
        book(4, **SAME[0])
    Reservation.objects.filter(pk=made[1].id).update(starts_at=clock.now() - clock.DAY)
    assert book(4, **SAME[0])


def test_people_without_mail_share_no_address():
    decide(1)
    for number in range(3):
        book(number, email="")


def test_without_a_limit_nobody_is_counted():
    decide(0)
    for number in range(4):
        book(number, **SAME[0])


def test_a_family_of_four_and_a_home_fit_into_the_usual_limit():
    for number in range(5):
        book(number, phone="09000009999", email="home@example.jp")
