"""A time that is held while somebody books: free for nobody else, kept longer, given back."""

from datetime import timedelta

import pytest
from support.bookings import RENEW, book, slot_at
from support.city import NOON
from support.people import HANAKO, TARO

from madoguchi.common import clock
from madoguchi.contract.selectors import booking_rules
from madoguchi.reservations import errors
from madoguchi.reservations.models import BookingSession, Reservation, Seat
from madoguchi.sites.citizen.guide.accessibility import LEAST_EXTENSIONS
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import sessions

pytestmark = pytest.mark.usefixtures("city")


def begin():
    return sessions.start_session(source="192.0.2.1", form_data={"procedures": ["CERT_RENEW"]})


def test_a_held_seat_is_free_for_nobody_else_and_becomes_the_booking():
    token = begin()
    slot = slot_at(15, 10, 30)
    assert sessions.hold_slot(token=token, slot=slot, codes=RENEW) == NOON + timedelta(minutes=10)
    with pytest.raises(errors.SlotFull):
        book(person=TARO, slot=slot)
    made = booking.book_held(booking.BookingRequest(visitors=(booking.Visitor(RENEW, HANAKO),), token=token))[
        0
    ]
    assert (
        booking.book_held(booking.BookingRequest(visitors=(booking.Visitor(RENEW, HANAKO),), token=token))[0]
        == made
    )
    assert Reservation.objects.count() == 1


def test_choosing_another_time_lets_the_first_go():
    token = begin()
    sessions.hold_slot(token=token, slot=slot_at(15, 10, 30), codes=RENEW)
    sessions.hold_slot(token=token, slot=slot_at(15, 13), codes=RENEW)
    book(person=TARO, slot=slot_at(15, 10, 30))


def test_an_expired_hold_still_books_while_nobody_took_the_seat():
    token = begin()
    sessions.hold_slot(token=token, slot=slot_at(15, 10, 30), codes=RENEW)
    with clock.travel(NOON + timedelta(minutes=11)):
        booking.book_held(booking.BookingRequest(visitors=(booking.Visitor(RENEW, HANAKO),), token=token))[0]


def test_a_hold_that_expired_and_was_taken_books_nothing():
    token, slot = begin(), slot_at(15, 10, 30)
    sessions.hold_slot(token=token, slot=slot, codes=RENEW)
    with clock.travel(NOON + timedelta(minutes=10)):
        book(person=TARO, slot=slot)
        with pytest.raises(errors.SlotFull):
            booking.book_held(
                booking.BookingRequest(visitors=(booking.Visitor(RENEW, HANAKO),), token=token)
            )[0]


def test_the_time_is_extended_at_its_end_as_often_as_the_rule_allows_and_once_for_each_press():
    token, most = begin(), booking_rules(NOON).hold_extensions
    assert most >= LEAST_EXTENSIONS, "達成基準 2.2.1"
    sessions.hold_slot(token=token, slot=slot_at(15, 10, 30), codes=RENEW)
    with clock.travel(NOON + timedelta(minutes=5)):
        for number in range(most):
            until = NOON + timedelta(minutes=10 * (number + 2))
            for _press in range(2):
                assert sessions.extend_hold(token=token, extensions=number) == until
        assert set(Seat.objects.exclude(session=None).values_list("held_until", flat=True)) == {until}
        with pytest.raises(errors.NoMoreExtensions):
            sessions.extend_hold(token=token, extensions=most)


def test_a_booking_session_that_is_given_up_leaves_nothing_behind():
    sessions.hold_slot(token=begin(), slot=slot_at(15, 10, 30), codes=RENEW)
    sessions.purge(now=NOON + timedelta(hours=2))
    assert not BookingSession.objects.exists()
    assert not Seat.objects.exclude(session=None).exists()
