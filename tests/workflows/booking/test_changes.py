"""A reservation is moved, corrected or cancelled by every channel in the same way."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.bookings import book, slot_at
from support.people import HANAKO, OPERATOR, SECRETARIAT, TARO

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.notifications.models import Mail
from madoguchi.reservations import errors
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import Seat
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.services import check_completeness
from madoguchi.workflows.booking import changes
from madoguchi.workflows.booking.offering import (
    deadlines,
)

pytestmark = pytest.mark.usefixtures("city")


def test_a_move_keeps_the_seats_both_runs_share_and_frees_the_rest():
    made = book(codes=("FACE_CHANGE", "CERT_ISSUE"), slot=slot_at(15, 9))
    changes.move(reservation_id=made.id, slot=slot_at(15, 9, 30), actor=CITIZEN, channel="WEB")
    times = [
        clock.to_jst(seat.slot.starts_at).strftime("%H:%M")
        for seat in Seat.objects.filter(reservation=made.id)
    ]
    assert sorted(times) == ["09:30", "10:00"]
    book(person=TARO, slot=slot_at(15, 9), submission="two")


def test_a_move_pressed_again_after_the_deadline_is_answered_as_the_first():
    made = book()
    first_day = slot_at(1, 9)  # booked and changed until today, 17:00
    changes.move(reservation_id=made.id, slot=first_day, actor=CITIZEN, channel="WEB")
    with clock.travel(datetime(2026, 11, 24, 17, 0, 1, tzinfo=JST)):
        changes.move(reservation_id=made.id, slot=first_day, actor=CITIZEN, channel="WEB")
        with pytest.raises(errors.DeadlinePassed):
            changes.move(reservation_id=made.id, slot=slot_at(15, 9), actor=CITIZEN, channel="WEB")
    assert Seat.objects.get(reservation=made.id).slot_id == first_day


def test_another_time_leaves_the_check_of_who_comes_as_it_is_and_corrected_details_open_it_again():
    made = book()
    check_completeness(reservation_id=made.id, actor=SECRETARIAT)
    changes.move(reservation_id=made.id, slot=slot_at(16, 9), actor=CITIZEN, channel="WEB")
    assert reservation(made.id, scope=EVERYWHERE).checked_by == str(SECRETARIAT)
    changes.correct(reservation_id=made.id, person=replace(HANAKO, phone="0920000142"), actor=OPERATOR)
    assert reservation(made.id, scope=EVERYWHERE).checked_at is not None
    changes.correct(reservation_id=made.id, person=replace(HANAKO, address="星見市東区1番"), actor=OPERATOR)
    assert reservation(made.id, scope=EVERYWHERE).checked_at is None


def test_help_wanted_at_the_counter_leaves_the_check_as_it_is_and_other_details_open_it():
    made = book()
    check_completeness(reservation_id=made.id, actor=SECRETARIAT)
    details = replace(HANAKO.details, needs=("WHEELCHAIR",))
    changes.correct(reservation_id=made.id, person=replace(HANAKO, details=details), actor=CITIZEN)
    assert reservation(made.id, scope=EVERYWHERE).checked_at is not None
    assert AuditEntry.objects.get(action="reservations.reservation.corrected").detail["columns"] == ["needs"]
    details = replace(details, old_address="星見市東区1番")
    changes.correct(reservation_id=made.id, person=replace(HANAKO, details=details), actor=OPERATOR)
    assert reservation(made.id, scope=EVERYWHERE).checked_at is None


def test_a_move_to_a_full_time_changes_nothing():
    made = book()
    book(person=TARO, slot=slot_at(16, 9), submission="two")
    with pytest.raises(errors.SlotFull):
        changes.move(reservation_id=made.id, slot=slot_at(16, 9), actor=CITIZEN, channel="WEB")
    assert Seat.objects.get(reservation=made.id).slot_id == slot_at(15, 10, 30)


def test_a_cancelled_seat_is_free_at_once_and_the_person_may_book_again():
    made = book()
    changes.cancel(reservation_id=made.id, actor=CITIZEN, channel="WEB")
    assert reservation(made.id, scope=EVERYWHERE).status == ReservationStatus.CANCELLED
    book(submission="two")
    assert set(Mail.objects.filter(target=str(made.id)).values_list("kind", "state")) == {
        ("confirmation", "withdrawn"),
        ("cancelled", "queued"),
    }


def test_cancelling_closes_at_noon_of_the_business_day_before():
    made = book()
    limit = deadlines(reservation(made.id, scope=EVERYWHERE).starts_at, "HM01").cancel
    assert limit == datetime(2026, 12, 14, 12, 0, tzinfo=JST)
    with clock.travel(limit + timedelta(seconds=1)), pytest.raises(errors.DeadlinePassed):
        changes.cancel(reservation_id=made.id, actor=CITIZEN, channel="WEB")
    with clock.travel(limit):
        changes.cancel(reservation_id=made.id, actor=CITIZEN, channel="WEB")


def test_a_visit_that_has_begun_is_cancelled_by_nobody():
    made = book()
    with clock.travel(reservation(made.id, scope=EVERYWHERE).starts_at), pytest.raises(errors.DeadlinePassed):
        changes.cancel(reservation_id=made.id, actor=OPERATOR, channel="PHONE")
