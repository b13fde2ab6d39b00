"""Booking sessions: one seat of each slot at most, nothing left behind, and no seat lost to a tidy-up."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from support.city import NOON
from support.people import HANAKO
from support.secretariat import book, slot_at

from madoguchi.common import clock
from madoguchi.common.errors import ContentChanged
from madoguchi.reservations import creation, seats
from madoguchi.reservations.booking_sessions import find_session, save_form_data
from madoguchi.reservations.errors import HoldExpired
from madoguchi.reservations.models import BookingSession, Seat
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import sessions

pytestmark = pytest.mark.usefixtures("city")
TWO_SLOTS = ("FACE_CHANGE", "CERT_ISSUE")


def test_a_run_that_shares_a_slot_with_the_one_before_takes_one_seat_of_it():
    nine, half_past = slot_at(15, 9), slot_at(15, 9, 30)
    other = sessions.start_session(source="b", form_data={})
    sessions.hold_slot(token=other, slot=half_past, codes=("CERT_RENEW",))
    Seat.objects.create(slot_id=half_past, seat_no=2, web_from=seats.ALWAYS)
    token = sessions.start_session(source="a", form_data={})
    sessions.hold_slot(token=token, slot=nine, codes=TWO_SLOTS)
    sessions.hold_slot(token=other, slot=slot_at(15, 14), codes=("CERT_RENEW",))
    sessions.hold_slot(token=token, slot=half_past, codes=TWO_SLOTS)
    assert find_session(token).slot_ids == (half_past, slot_at(15, 10))
    assert booking.book_held(
        booking.BookingRequest(visitors=(booking.Visitor(TWO_SLOTS, HANAKO),), token=token)
    )[0]


def test_a_time_that_ran_out_and_is_chosen_again_takes_one_seat():
    slot = slot_at(15, 9)
    other, token = (sessions.start_session(source=source, form_data={}) for source in "ab")
    sessions.hold_slot(token=other, slot=slot, codes=("CERT_RENEW",))
    Seat.objects.create(slot_id=slot, seat_no=2, web_from=seats.ALWAYS)
    sessions.hold_slot(token=token, slot=slot, codes=("CERT_RENEW",))
    with clock.travel(NOON + timedelta(minutes=30)):
        sessions.hold_slot(token=token, slot=slot, codes=("CERT_RENEW",))
        assert find_session(token).slot_ids == (slot,)
        assert booking.book_held(
            booking.BookingRequest(visitors=(booking.Visitor(("CERT_RENEW",), HANAKO),), token=token)
        )[0]


def test_tidying_up_takes_no_time_from_somebody_whose_hold_still_runs():
    token = sessions.start_session(source="a", form_data={})
    sessions.hold_slot(token=token, slot=slot_at(15, 9), codes=("CERT_RENEW",))
    BookingSession.objects.update(used_at=NOON - timedelta(days=1))
    sessions.purge(now=NOON)
    assert find_session(token).is_live
    with clock.travel(NOON + timedelta(minutes=11)):
        sessions.purge(now=clock.now())
    assert not BookingSession.objects.exists()
    assert not Seat.objects.exclude(session=None).exists()


def test_what_is_typed_after_the_booking_is_not_kept():
    token = sessions.start_session(source="a", form_data={})
    sessions.hold_slot(token=token, slot=slot_at(15, 9), codes=("CERT_RENEW",))
    booking.book_held(
        booking.BookingRequest(visitors=(booking.Visitor(("CERT_RENEW",), HANAKO),), token=token)
    )[0]
    with pytest.raises(HoldExpired):
        save_form_data(token=token, form_data={"name": HANAKO.name}, before={})
    assert bytes(BookingSession.objects.get().form_data) == b""


def test_nobody_books_while_form_data_is_written():
    token = sessions.start_session(source="a", form_data={})
    with CaptureQueriesContext(connection) as queries:
        save_form_data(token=token, form_data={"office": "HM01"}, before={})
    assert "FOR UPDATE" in next(
        each["sql"] for each in queries if '"reservations_bookingsession"' in each["sql"]
    )


def test_two_tabs_that_type_at_once_do_not_lose_what_the_other_typed():
    token = sessions.start_session(source="a", form_data={})
    for _ in range(2):
        save_form_data(token=token, form_data={"office": "HM01"}, before={})
    with pytest.raises(ContentChanged):
        save_form_data(token=token, form_data={"office": "HM02"}, before={})
    assert find_session(token).form_data == {"office": "HM01"}


def test_a_lost_connection_is_not_reported_as_a_full_slot(monkeypatch):
    def lose(*_args, wait, **_kwargs):
        if wait:
            raise OperationalError("the connection is closed")
        return False

    monkeypatch.setattr(creation, "_is_complete", lambda *_: False)
    monkeypatch.setattr(seats, "_take", lose)
    with pytest.raises(OperationalError):
        book(HANAKO)


def test_one_seat_is_taken_however_few_the_database_believes_there_are():
    slot = slot_at(15, 9)
    Seat.objects.exclude(slot=slot).delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reservations_seat")
    Seat.objects.bulk_create(Seat(slot_id=slot, seat_no=number, web_from=seats.ALWAYS) for number in (2, 3))
    book(HANAKO, hour=9, minute=0)
    assert Seat.objects.exclude(reservation=None).count() == 1
