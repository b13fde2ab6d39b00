"""The waiting list: whose turn it is, how long an offer is good, and what frees it again."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from support.crowd import day_starts, sell_out
from support.people import HANAKO, OPERATOR, TARO, somebody

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.contract.rules import BookingRules, Hours
from madoguchi.notifications.models import Mail
from madoguchi.reservations import availability, errors, waiting
from madoguchi.reservations.availability import starts
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import BookingSession, Reservation, Seat, Wait, WaitingPerson
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.sealing.models import PersonKey
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, sessions, waiting_offers
from madoguchi.workflows.booking.procedures import change_procedures
from madoguchi.workflows.booking.waiting import accept, enter, leave, pass_offer
from madoguchi.workflows.booking.waiting_offers import offer_seats

pytestmark = pytest.mark.usefixtures("city")
RENEW = ("CERT_RENEW",)
PARTNER = Actor("partner", "test")
DAY = date(2026, 12, 15)
THAT_DAY = Wish(("HM01",), DAY, DAY)


@pytest.fixture
def full_day(city):
    return sell_out(DAY)


def cancel(made):
    changes.cancel(reservation_id=made.id, actor=OPERATOR, channel="PHONE")


def wait_for(person, wish=THAT_DAY):
    return enter(person=person, procedures=RENEW, wish=wish)


def two_in_line(second=TARO):
    first = wait_for(HANAKO)
    with clock.travel(clock.now() + timedelta(seconds=1)):
        return first, wait_for(second)


def book_elsewhere(codes, submission):
    """Book the first in line at another office, where there is room."""
    slot = day_starts(DAY, "HM02")[0].slot
    request = booking.BookingRequest(visitors=(booking.Visitor(codes, HANAKO),), slot=slot)
    return booking.book(
        replace(request, channel="PARTNER", actor=PARTNER, submission=submission, fingerprint="")
    )


def mails(row):
    return sorted(Mail.objects.filter(target=str(row.id)).values_list("kind", flat=True))


def test_a_freed_seat_is_offered_to_who_waits_longest_before_anybody_else_sees_it(full_day):
    first, second = two_in_line()
    cancel(full_day[0])
    assert waiting.wait(first.id, scope=EVERYWHERE).starts_at == full_day[0].starts_at
    assert waiting.wait(first.id, scope=EVERYWHERE).is_open
    assert waiting.wait(second.id, scope=EVERYWHERE).state == "WAITING"
    assert all(start.free == 0 for start in day_starts(DAY))
    assert mails(first) == ["wait_entered", "wait_offer"]


def test_accepting_an_offer_books_the_seat_once_and_removes_the_waiting_entry(full_day):
    row = wait_for(HANAKO)
    cancel(full_day[0])
    [made] = accept(token=row.link_token)
    assert (made.office, made.starts_at) == ("HM01", full_day[0].starts_at)
    assert waiting.wait(row.id, scope=EVERYWHERE).state == "BOOKED"
    assert accept(token=row.link_token) == [made]
    assert (
        Reservation.objects.filter(applicant__person_hash=WaitingPerson.objects.get().person_hash).count()
        == 1
    )


def test_an_offer_nobody_takes_goes_to_the_next_and_the_first_is_told(full_day, now):
    first, second = two_in_line(replace(TARO, email="taro@example.jp"))
    cancel(full_day[0])
    with clock.travel(waiting.wait(first.id, scope=EVERYWHERE).offer_until):
        offer_seats()
        assert waiting.wait(first.id, scope=EVERYWHERE).state == "LAPSED"
        assert waiting.wait(second.id, scope=EVERYWHERE).is_open
        with pytest.raises(errors.OfferOver):
            accept(token=first.link_token)
    assert mails(first) == ["wait_entered", "wait_offer", "wait_over"]


def test_leaving_the_waiting_list_passes_the_offer_to_the_next_at_once(full_day):
    first, second = two_in_line()
    cancel(full_day[0])
    leave(token=first.link_token)
    leave(token=first.link_token)
    assert waiting.wait(first.id, scope=EVERYWHERE).state == "LEFT"
    assert waiting.wait(second.id, scope=EVERYWHERE).is_open


def test_booking_another_way_removes_the_waiting_entry_and_frees_the_offered_seat(full_day):
    row = wait_for(HANAKO)
    cancel(full_day[0])
    book_elsewhere(RENEW, "other")
    assert waiting.wait(row.id, scope=EVERYWHERE).state == "BOOKED"
    assert not Seat.objects.filter(session=row.session).exists()


def test_a_person_waits_once_and_not_at_all_beside_a_booking(full_day):
    wait_for(HANAKO)
    with pytest.raises(errors.AlreadyWaiting):
        wait_for(HANAKO)
    with pytest.raises(errors.DuplicateReservation):
        wait_for(somebody(0))


def test_only_a_time_of_the_wish_is_offered(full_day):
    row = wait_for(HANAKO, replace(THAT_DAY, earliest=time(12)))
    cancel(full_day[0])
    assert waiting.wait(row.id, scope=EVERYWHERE).state == "WAITING"
    cancel(full_day[-1])
    assert waiting.wait(row.id, scope=EVERYWHERE).starts_at == full_day[-1].starts_at


def test_a_moved_visit_frees_its_seat_for_the_list(full_day):
    row = wait_for(HANAKO)
    begins = datetime(2026, 12, 16, 9, tzinfo=JST)
    [other, *_] = starts(
        office="HM01", since=begins, until=begins + timedelta(hours=1), slots=1, slot_minutes=30
    )
    changes.move(reservation_id=full_day[0].id, slot=other.slot, actor=OPERATOR, channel="PHONE")
    assert waiting.wait(row.id, scope=EVERYWHERE).starts_at == full_day[0].starts_at


def test_a_wish_whose_last_day_came_ends_and_is_told(full_day):
    row = wait_for(HANAKO)
    with clock.travel(clock.at(DAY, time(0, 1))):
        offer_seats()
    assert waiting.wait(row.id, scope=EVERYWHERE).state == "LAPSED"
    assert mails(row) == ["wait_entered", "wait_over"]


def test_a_free_seat_is_offered_on_entering_the_waiting_list():
    row = wait_for(HANAKO)
    assert row.is_open
    assert row.starts_at == day_starts(DAY)[0].starts_at


def test_booking_sessions_of_who_waits_are_not_purged(full_day):
    row = wait_for(HANAKO)
    with clock.travel(clock.now() + timedelta(days=5)):
        sessions.purge(now=clock.now())
        assert waiting.wait(row.id, scope=EVERYWHERE).state == "WAITING"


def test_a_left_waiting_entry_is_erased_after_a_week_and_its_mail_can_no_longer_be_read(full_day):
    row = wait_for(HANAKO)
    still = wait_for(TARO)
    leave(token=row.link_token)
    with clock.travel(clock.now() + timedelta(days=6)):
        sessions.purge(now=clock.now())
        assert waiting.wait(row.id, scope=EVERYWHERE).state == "LEFT"
    with clock.travel(clock.now() + timedelta(days=8)):
        sessions.purge(now=clock.now())
    assert list(Wait.objects.values_list("pk", flat=True)) == [still.id]
    assert not BookingSession.objects.filter(pk=row.session).exists()
    assert PersonKey.objects.get(pk=row.key_id).wrapped is None


def test_an_offer_without_a_seat_and_a_seat_without_an_offer_are_found(full_day):
    row = wait_for(HANAKO)
    cancel(full_day[0])
    assert breaches(clock.now()) == []
    Wait.objects.update(state="LEFT", ended_at=clock.now(), offer_until=None)
    assert {breach.check for breach in breaches(clock.now())} == {"waiting"}
    until = clock.now() + timedelta(hours=1)
    Wait.objects.update(state="OFFERED", ended_at=None, offered_at=clock.now(), offer_until=until)
    assert breaches(clock.now()) == []
    Seat.objects.filter(session=row.session).update(session=None, held_until=None)
    assert {breach.check for breach in breaches(clock.now())} == {"waiting"}


def test_a_wish_after_the_last_day_that_makes_sense_is_refused_as_such(city):
    person = replace(HANAKO, details=replace(HANAKO.details, cert_expires_on="2026-12-10"))
    with pytest.raises(errors.NotEligible):
        wait_for(person)


def test_the_database_refuses_an_offer_without_an_end(full_day):
    wait_for(HANAKO)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wait.objects.update(state="OFFERED", offered_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Wait.objects.update(state="OFFERED", offered_at=clock.now(), offer_until=clock.now())


def test_the_line_is_looked_through_with_as_many_statements_for_ten_as_for_one(full_day):
    counts = []
    for people in (1, 9):
        for number in range(people):
            wait_for(somebody(700 + 10 * people + number))
        with CaptureQueriesContext(connection) as asked:
            waiting_offers.offer_free_seats()
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_an_offer_passed_on_goes_to_the_next_and_never_comes_back_and_the_place_in_line_is_kept(full_day):
    first, second = two_in_line()
    cancel(full_day[0])
    seen = waiting.wait(first.id, scope=EVERYWHERE).shown
    for _ in range(2):
        pass_offer(token=first.link_token, seen=seen)
    assert waiting.wait(first.id, scope=EVERYWHERE).state == "WAITING"
    assert waiting.wait(second.id, scope=EVERYWHERE).starts_at == full_day[0].starts_at
    assert Mail.objects.get(kind="wait_offer", target=str(first.id)).state == "withdrawn"
    leave(token=second.link_token)
    assert day_starts(DAY)[0].free == 1, "nobody else is in line"
    cancel(full_day[1])
    assert waiting.wait(first.id, scope=EVERYWHERE).starts_at == full_day[1].starts_at
    assert not breaches(clock.now())


def test_an_offer_is_passed_on_until_its_end_and_only_the_one_that_was_seen(full_day):
    row = wait_for(HANAKO)
    cancel(full_day[0])
    with pytest.raises(errors.ContentChanged):
        pass_offer(token=row.link_token, seen=row.shown)
    until = waiting.wait(row.id, scope=EVERYWHERE).offer_until
    with clock.travel(until), pytest.raises(errors.OfferOver):
        pass_offer(token=row.link_token)
    assert waiting.wait(row.id, scope=EVERYWHERE).state == "OFFERED"


def test_only_the_days_wished_for_are_read(full_day, monkeypatch):
    read, ask = [], availability._free_seats

    def count(windows, **more):
        found = ask(windows, **more)
        read.extend(clock.to_jst(row[1]).date() for rows in found for row in rows)
        return found

    monkeypatch.setattr(availability, "_free_seats", count)
    wait_for(HANAKO)
    read.clear()
    offer_seats()
    assert set(read) == {DAY}
    later = DAY + 7 * clock.DAY
    Seat.objects.filter(slot__starts_at__gte=clock.at(later, time())).update(is_withdrawn=True)
    wait_for(TARO, Wish(("HM01",), later, later))
    read.clear()
    offer_seats()
    assert set(read) == {DAY, later}


@pytest.mark.parametrize("way", ["a booking", "an added procedure"])
def test_a_seat_offered_to_who_gets_the_procedure_another_way_goes_to_the_next_at_once(full_day, way):
    made = book_elsewhere(("PIN_RESET",), "before") if way == "an added procedure" else None
    first, second = two_in_line()
    cancel(full_day[0])
    assert waiting.wait(first.id, scope=EVERYWHERE).is_open
    if made is None:
        book_elsewhere(RENEW, "other")
    else:
        change_procedures(
            reservation_id=made.id, codes=("PIN_RESET", *RENEW), actor=OPERATOR, channel="PHONE"
        )
    assert waiting.wait(first.id, scope=EVERYWHERE).state == "BOOKED"
    assert waiting.wait(second.id, scope=EVERYWHERE).starts_at == full_day[0].starts_at
    assert not breaches(clock.now())


RULES = BookingRules()
AWAKE = Hours(RULES.offer_from, RULES.offer_to)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=JST)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes))


@given(MOMENTS)
def test_an_offer_is_good_for_two_waking_hours(offered_at):
    ends, step, awake = AWAKE.after(offered_at, open_minutes=120), timedelta(minutes=1), 0
    moment = offered_at
    while moment + step <= ends:
        awake += RULES.offer_from <= moment.time() < RULES.offer_to
        moment += step
    assert awake == 120
    assert RULES.offer_from <= ends.time() <= RULES.offer_to


def test_an_offer_late_at_night_waits_for_the_morning():
    late, early = datetime(2026, 12, 1, 20, 30, tzinfo=JST), datetime(2026, 12, 1, 3, tzinfo=JST)
    assert AWAKE.after(late, open_minutes=120) == datetime(2026, 12, 2, 9, 30, tzinfo=JST)
    assert AWAKE.after(early, open_minutes=120) == datetime(2026, 12, 1, 10, tzinfo=JST)


def test_hours_that_cross_are_the_whole_day():
    late = datetime(2026, 12, 1, 23, tzinfo=JST)
    assert Hours(time(8), time(8)).after(late, open_minutes=120) == datetime(2026, 12, 2, 1, tzinfo=JST)


@pytest.mark.parametrize(
    ("freed", "until"),
    [
        # The call centre closes at 17:00 and is closed at weekends.
        (datetime(2026, 11, 26, 16, tzinfo=JST), datetime(2026, 11, 27, 10, tzinfo=JST)),
        (datetime(2026, 11, 27, 18, tzinfo=JST), datetime(2026, 11, 30, 11, tzinfo=JST)),
    ],
)
def test_without_mail_the_time_runs_only_while_somebody_is_there_to_call(full_day, freed, until):
    row = wait_for(TARO)
    with clock.travel(freed):
        cancel(full_day[0])
        assert waiting.wait(row.id, scope=EVERYWHERE).offer_until == until
