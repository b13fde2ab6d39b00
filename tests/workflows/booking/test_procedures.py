"""Procedures are added to a booking and taken from it by every channel: all or nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from support.bookings import book as book_at
from support.bookings import slot_at
from support.people import OPERATOR, SECRETARIAT, TARO

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.notifications.models import Mail
from madoguchi.offices.pauses import Scope
from madoguchi.reservations import errors, invariants
from madoguchi.reservations.models import ReservedProcedure, Seat
from madoguchi.reservations.people import Details
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.services import check_completeness
from madoguchi.workflows.booking.offering import deadlines
from madoguchi.workflows.booking.procedures import change_procedures, fits_at_its_time, other_times
from madoguchi.workflows.outage import pauses

pytestmark = pytest.mark.usefixtures("city")
RENEW, LONG = ("CERT_RENEW",), ("CERT_RENEW", "FACE_CHANGE")
MOVED_HOUSE = Details(changes=("ADDRESS",), new_address="星見市西区見本町9番1号")


def book(**more):
    return book_at(**{"slot": slot_at(15, 9), **more})


def change(made, codes, *, channel="WEB", actor=CITIZEN, **more):
    change_procedures(
        reservation_id=made.id, codes=codes, channel=channel, actor=actor, **{"details": MOVED_HOUSE, **more}
    )


def row_of(made):
    return reservation(made.id, scope=EVERYWHERE)


def facts(made):
    """Everything of a visit that a change of procedures may change."""
    row = row_of(made)
    seats = Seat.objects.filter(reservation=made.id).order_by("slot__starts_at")
    times = [f"{clock.to_jst(seat.slot.starts_at):%d %H:%M}" for seat in seats]
    return sorted(row.procedures), row.occupied_minutes, times, row.person.details, row.checked_at


def is_sound():
    return not invariants.breaches(clock.now())


@pytest.mark.parametrize(
    ("channel", "actor"), [("WEB", CITIZEN), ("PHONE", OPERATOR), ("SECRETARIAT", SECRETARIAT)]
)
def test_length_seats_claim_check_and_mail_follow_and_back_again(channel, actor):
    made = book()
    check_completeness(reservation_id=made.id, actor=SECRETARIAT)
    for _ in range(2):
        change(made, LONG, channel=channel, actor=actor)
    assert facts(made) == (["CERT_RENEW", "FACE_CHANGE"], 60, ["15 09:00", "15 09:30"], MOVED_HOUSE, None)
    assert None not in ReservedProcedure.objects.values_list("claim", flat=True)
    with clock.travel(clock.now() + timedelta(minutes=1)):
        change(made, RENEW, channel=channel, actor=actor, details=None)
    assert facts(made) == (["CERT_RENEW"], 30, ["15 09:00"], Details(), None)
    entries = AuditEntry.objects.filter(action="reservations.reservation.procedures_changed")
    assert [entry.actor for entry in entries] == [str(actor)] * 2
    assert entries.first().detail == {"from": ["CERT_RENEW"], "procedures": ["CERT_RENEW", "FACE_CHANGE"]}
    assert Mail.objects.filter(kind="changed").count() == 2
    assert is_sound()
    book(person=TARO, slot=slot_at(15, 9, 30), submission="two")


def test_where_the_next_seat_is_taken_nothing_changes_and_other_times_are_offered():
    made = book()
    book(person=TARO, slot=slot_at(15, 9, 30), submission="two")
    before = facts(made)
    assert not fits_at_its_time(row_of(made), LONG, channel="WEB")
    with pytest.raises(errors.SlotFull):
        change(made, LONG)
    assert facts(made) == before
    assert not Mail.objects.filter(kind="changed").exists()
    offered = other_times(row_of(made), LONG, channel="WEB")
    assert {start.office for start in offered} == {"HM01", "HM02"}
    change(made, LONG, slot=offered[0].slot)
    assert facts(made)[1] == 60
    assert row_of(made).starts_at == offered[0].starts_at != made.starts_at
    assert is_sound()


@pytest.mark.parametrize(
    ("codes", "details", "refusal"),
    [
        ((), None, errors.NotEligible),
        (("CERT_RENEW", "PIN_CHANGE"), None, errors.NotEligible),
        (LONG, Details(), errors.ChangeUnclear),
        (LONG, replace(MOVED_HOUSE, old_address="暗証番号1234"), errors.Refusal),
        (("PIN_RESET", "CERT_RENEW"), Details(cert_expires_on="2026-11-01"), errors.RenewalOver),
        (
            ("PIN_RESET", "CERT_RENEW"),
            Details(card_expires_on="2027-01-10", cert_expires_on="2027-01-10"),
            errors.NotEligible,
        ),
        (("PIN_RESET", "CERT_RENEW"), Details(cert_expires_on="2027-08-01"), errors.NotEligible),
    ],
)
def test_what_leads_to_nothing_is_refused_and_nothing_changes(codes, details, refusal):
    made = book(codes=RENEW if "PIN_RESET" not in codes else ("PIN_RESET",))
    before = facts(made)
    with pytest.raises(refusal):
        change(made, codes, details=details)
    assert facts(made) == before


def test_a_procedure_that_the_person_has_booked_elsewhere_is_refused():
    made = book()
    other = book(codes=("PIN_RESET",), slot=slot_at(16, 9), submission="two")
    with pytest.raises(errors.DuplicateReservation):
        change(made, ("CERT_RENEW", "PIN_RESET"))
    change(other, ("FACE_CHANGE",))
    change(made, ("CERT_RENEW", "PIN_RESET"))
    assert facts(made)[0] == ["CERT_RENEW", "PIN_RESET"]


def test_citizens_change_procedures_until_the_deadline_and_staff_until_the_visit():
    made = book()
    with clock.travel(deadlines(made.starts_at, "HM01").change):
        change(made, ("CERT_RENEW", "PIN_RESET"))
    with clock.travel(deadlines(made.starts_at, "HM01").change + timedelta(seconds=1)):
        with pytest.raises(errors.DeadlinePassed):
            change(made, RENEW)
        change(made, RENEW, channel="PHONE", actor=OPERATOR)
    with clock.travel(made.starts_at), pytest.raises(errors.DeadlinePassed):
        change(made, ("CERT_ISSUE",), channel="PHONE", actor=OPERATOR)


def test_a_page_that_showed_other_procedures_changes_nothing():
    made = book()
    seen = row_of(made).shown
    change(made, ("CERT_RENEW", "PIN_RESET"), seen=seen)
    with pytest.raises(errors.ChangedMeanwhile):
        change(made, ("CERT_ISSUE",), seen=seen)
    change(made, ("CERT_ISSUE",), seen=row_of(made).shown)
    assert is_sound()


def stop(minute, procedure=""):
    since = datetime(2026, 12, 15, 9, minute, tzinfo=JST)
    pauses.begin(
        scope=Scope(since, since + timedelta(minutes=30), ("HM01",), procedure),
        cause="ACCIDENT",
        is_open_ended=False,
        title="事故",
        banner=None,
        actor=SECRETARIAT,
    )


def test_nobody_adds_what_is_stopped_or_grows_into_a_stop():
    made = book()
    stop(0, "PIN_RESET")
    with pytest.raises(errors.Paused):
        change(made, ("CERT_RENEW", "PIN_RESET"))
    stop(30)
    with pytest.raises(errors.SlotFull):
        change(made, LONG)
    assert facts(made)[:2] == (["CERT_RENEW"], 30)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO reservations_reservedprocedure (reservation_id, procedure_id) VALUES (%s, 'PIN_RESET')",
        "UPDATE reservations_reservation SET minutes = 60 WHERE id = %s",
        "DELETE FROM reservations_reservedprocedure WHERE reservation_id = %s",
    ],
    ids=["into a stop of the procedure", "into a stop of the time", "the last one"],
)
def test_the_database_refuses(statement):
    made = book()
    stop(0, "PIN_RESET")
    stop(30)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(statement, [made.id])


def test_of_a_family_only_the_one_whose_booking_it_is_changes():
    made = book()
    other = book(person=TARO, slot=slot_at(16, 9), submission="two")
    change(other, LONG)
    assert facts(made)[0] == ["CERT_RENEW"]
