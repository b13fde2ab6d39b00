"""A family books together: all or nobody, each with their own reservation, and nobody learns of another."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.city import NOON
from support.journeys import slot_at
from support.people import HANAKO, OPERATOR, TARO, somebody

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.notifications.models import Mail
from madoguchi.reservations import errors, seats
from madoguchi.reservations.models import Applicant, BookingSession, Reservation, Seat
from madoguchi.reservations.selectors import companions, reservation
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes as booking_changes
from madoguchi.workflows.booking import lookup, sessions, waiting
from madoguchi.workflows.booking.book import Visitor
from madoguchi.workflows.booking.offering import Window, offers, open_starts

pytestmark = pytest.mark.usefixtures("city")
RENEW, LONG = ("CERT_RENEW",), ("FACE_CHANGE", "CERT_ISSUE")
DAY = Window(date(2026, 12, 15), date(2026, 12, 15))
# One address for all, and one birth date for two of them.
FAMILY = [
    HANAKO,
    replace(HANAKO, name="福岡　月子", name_kana="フクオカ　ツキコ"),
    replace(HANAKO, name="福岡　星子", name_kana="フクオカ　ホシコ", birth_date=date(1980, 5, 5)),
    replace(HANAKO, name="福岡　空子", name_kana="フクオカ　ソラコ", birth_date=date(2005, 6, 6)),
]


@pytest.fixture(autouse=True)
def _all_on_the_web(city):
    """Keep no seat for the telephone."""
    Seat.objects.update(web_from=seats.ALWAYS)


def visitors(count=3, codes=RENEW):
    return [Visitor(codes, person) for person in FAMILY[:count]]


def second_seat(day, hour, minute=0):
    """Open a second window at a time."""
    Seat.objects.create(slot_id=slot_at(day, hour, minute), seat_no=2, web_from=seats.ALWAYS)


def held(count=3, slot=None, codes=RENEW):
    token = sessions.start_session(source="1", form_data={})
    sessions.hold_slot(token=token, slot=slot or slot_at(15, 10), codes=codes, others=[codes] * (count - 1))
    return token


def booked(count=3, **changes):
    return booking.book_held(
        booking.BookingRequest(visitors=tuple(visitors(count)), token=held(count, **changes))
    )


def times(made):
    return [f"{clock.to_jst(each.starts_at):%H:%M}" for each in made]


def test_three_come_one_directly_after_the_other_each_with_a_reservation_a_key_and_a_mail():
    made = booked()
    assert times(made) == ["10:00", "10:30", "11:00"]
    assert len({each.reference for each in made}) == len({each.link_token for each in made}) == 3
    assert len(set(Applicant.objects.values_list("key", flat=True))) == 3
    assert sorted(Mail.objects.values_list("target", flat=True)) == sorted(str(each.id) for each in made)
    assert [reservation(each.id, scope=EVERYWHERE).person.name for each in made] == [
        person.name for person in FAMILY[:3]
    ]
    assert Seat.objects.filter(session__isnull=False).count() == 0


def test_where_two_windows_are_open_two_come_at_the_same_time():
    second_seat(15, 10)
    made = booked()
    assert times(made) == ["10:00", "10:00", "10:30"]
    assert Seat.objects.filter(reservation__in=[each.id for each in made]).count() == 3


def test_each_person_fills_as_many_slots_as_the_own_procedures_take():
    token = sessions.start_session(source="1", form_data={})
    sessions.hold_slot(token=token, slot=slot_at(15, 10), codes=LONG, others=[RENEW])
    made = booking.book_held(
        booking.BookingRequest(visitors=(Visitor(LONG, FAMILY[0]), Visitor(RENEW, FAMILY[1])), token=token)
    )
    assert times(made) == ["10:00", "11:00"]
    assert [each.occupied_minutes for each in made] == [60, 30]


def test_only_times_at_which_all_find_room_are_offered():
    booking.book_held(
        booking.BookingRequest(visitors=(Visitor(RENEW, TARO),), token=held(1, slot_at(15, 11)))
    )
    free = [
        f"{clock.to_jst(start.starts_at):%H:%M}"
        for start in open_starts(office_code="HM01", slots=1, others=[1, 1], within=DAY)
        if start.free
    ]
    assert free[:3] == ["09:00", "09:30", "11:30"]
    assert "16:30" not in free
    assert "16:00" not in free


def test_the_earliest_time_of_each_office_is_one_for_all(django_assert_max_num_queries):
    Seat.objects.filter(slot__in=[slot_at(1, 9, 30), slot_at(1, 10, 30)]).update(is_withdrawn=True)
    clock_times = {}
    with django_assert_max_num_queries(12):
        for offer in offers(slots=1, others=[1, 1]):
            if offer.earliest:
                clock_times[offer.office.code] = f"{clock.to_jst(offer.earliest.starts_at):%d %H:%M}"
    assert clock_times == {"HM01": "01 11:00", "HM02": "01 09:00"}


def test_when_one_seat_is_missing_nobody_gets_any():
    booking.book_held(
        booking.BookingRequest(visitors=(Visitor(RENEW, TARO),), token=held(1, slot_at(15, 11)))
    )
    with pytest.raises(errors.SlotFull):
        held()
    assert not Seat.objects.filter(session__isnull=False).exists()


def test_pressed_twice_the_same_answer_comes_and_nobody_is_booked_twice():
    token = held()
    first = booking.book_held(booking.BookingRequest(visitors=tuple(visitors()), token=token))
    assert booking.book_held(booking.BookingRequest(visitors=tuple(visitors()), token=token)) == first
    assert Reservation.objects.count() == 3


@pytest.mark.parametrize(
    ("refused", "refusal", "field"),
    [
        (replace(FAMILY[1], birth_date=date(2015, 1, 1)), errors.NotEligible, "date_of_birth"),
        (FAMILY[0], errors.DuplicateReservation, None),
    ],
    ids=["under 15", "the same person twice"],
)
def test_a_refusal_says_whom_it_is_about_and_books_nobody(refused, refusal, field):
    token = held()
    people = [Visitor(RENEW, person) for person in (FAMILY[0], refused, FAMILY[2])]
    with pytest.raises(refusal) as caught:
        booking.book_held(booking.BookingRequest(visitors=tuple(people), token=token))
    assert caught.value.fields["person"] in ({2} if field else {1, 2})
    assert caught.value.fields.get("field") == field
    assert not Reservation.objects.exists()
    assert booking.book_held(booking.BookingRequest(visitors=tuple(visitors()), token=token))


def test_twins_with_one_telephone_and_one_address_are_two_people():
    assert len(booked(2)) == 2


def test_five_people_are_not_booked_together():
    token = sessions.start_session(source="1", form_data={})
    sessions.hold_slot(token=token, slot=slot_at(15, 10), codes=RENEW, others=[RENEW] * 4)
    people = [Visitor(RENEW, somebody(number)) for number in range(5)]
    with pytest.raises(errors.FamilyFull):
        booking.book_held(booking.BookingRequest(visitors=tuple(people), token=token))


def test_more_people_get_more_time_and_one_gets_no_less_than_before():
    assert sessions.hold_slot(token=held(1), slot=slot_at(16, 9), codes=RENEW) == NOON + timedelta(minutes=10)
    token = held(4, slot_at(17, 9))
    assert BookingSession.objects.get(seats__slot=slot_at(17, 9)).held_until == NOON + timedelta(minutes=25)
    assert sessions.extend_hold(token=token, extensions=0, people=4) == NOON + timedelta(minutes=50)


def test_a_hold_that_ran_out_books_the_family_while_nobody_took_a_seat():
    token = held()
    with clock.travel(NOON + timedelta(minutes=40)):
        assert len(booking.book_held(booking.BookingRequest(visitors=tuple(visitors()), token=token))) == 3


def test_a_hold_that_ran_out_and_lost_one_seat_books_nobody():
    token = held()
    with clock.travel(NOON + timedelta(minutes=40)):
        booking.book_held(
            booking.BookingRequest(visitors=(Visitor(RENEW, TARO),), token=held(1, slot_at(15, 10, 30)))
        )
        with pytest.raises(errors.SlotFull):
            booking.book_held(booking.BookingRequest(visitors=tuple(visitors()), token=token))
    assert Reservation.objects.count() == 1


def test_one_cancels_and_the_others_stay_and_a_waiting_person_gets_the_seat():
    made = booked()
    Seat.objects.filter(reservation=None).update(is_withdrawn=True)
    wish = Wish(offices=("HM01",), first_day=date(2026, 12, 1), last_day=date(2026, 12, 20))
    row = waiting.enter(person=TARO, procedures=RENEW, wish=wish)
    booking_changes.cancel(reservation_id=made[1].id, actor=CITIZEN, channel="WEB")
    assert [reservation(each.id, scope=EVERYWHERE).is_booked for each in made] == [True, False, True]
    offered = waiting.waiting.wait(row.id, scope=EVERYWHERE)
    assert (offered.state, offered.starts_at) == ("OFFERED", made[1].starts_at)
    [taken] = waiting.accept(token=offered.link_token)
    assert taken.starts_at == made[1].starts_at


def test_one_moves_alone():
    made = booked()
    booking_changes.move(reservation_id=made[2].id, slot=slot_at(16, 9), actor=CITIZEN, channel="WEB")
    assert times([reservation(each.id, scope=EVERYWHERE) for each in made]) == ["10:00", "10:30", "09:00"]


def test_one_more_person_comes_along_and_belongs_to_all():
    made = booked(2)
    with clock.travel(NOON + timedelta(minutes=1)):
        token = held(1, slot_at(15, 11))
        added = booking.book_held(
            booking.BookingRequest(visitors=(Visitor(RENEW, FAMILY[2]),), token=token, joins=made[0].id)
        )
        assert (
            booking.book_held(booking.BookingRequest(visitors=(Visitor(RENEW, FAMILY[2]),), token=token))
            == added
        )
    assert {each.id for each in companions(reservation(added[0].id, scope=EVERYWHERE), scope=EVERYWHERE)} == {
        each.id for each in made
    }


def test_a_person_booked_alone_is_joined_to_a_family_and_it_is_on_record():
    alone = booked(1)[0]
    assert reservation(alone.id, scope=EVERYWHERE).party is None
    request = booking.BookingRequest(visitors=(booking.Visitor(RENEW, FAMILY[1]),), slot=slot_at(15, 10, 30))
    made = booking.book(
        replace(request, channel="PHONE", actor=OPERATOR, submission="1", fingerprint="", joins=alone.id)
    )
    assert [each.id for each in companions(reservation(alone.id, scope=EVERYWHERE), scope=EVERYWHERE)] == [
        made.id
    ]


def test_a_fifth_person_does_not_come_along_and_a_cancelled_one_makes_room():
    made = booked(4, slot=slot_at(15, 13))
    token = held(1, slot_at(15, 15))
    with pytest.raises(errors.FamilyFull):
        booking.book_held(
            booking.BookingRequest(visitors=(Visitor(RENEW, TARO),), token=token, joins=made[0].id)
        )
    booking_changes.cancel(reservation_id=made[3].id, actor=CITIZEN, channel="WEB")
    assert booking.book_held(
        booking.BookingRequest(visitors=(Visitor(RENEW, TARO),), token=token, joins=made[0].id)
    )


def test_nobody_comes_along_with_a_cancelled_visit():
    made = booked(1)
    booking_changes.cancel(reservation_id=made[0].id, actor=CITIZEN, channel="WEB")
    with pytest.raises(errors.AlreadyCancelled):
        booking.book_held(
            booking.BookingRequest(visitors=(Visitor(RENEW, TARO),), token=held(1), joins=made[0].id)
        )


def test_a_wait_of_one_of_the_family_ends_with_the_booking():
    Seat.objects.filter(slot__office="HM02").update(is_withdrawn=True)
    wish = Wish(offices=("HM02",), first_day=date(2026, 12, 1), last_day=date(2026, 12, 20))
    row = waiting.enter(person=FAMILY[1], procedures=RENEW, wish=wish)
    booked()
    assert waiting.waiting.wait(row.id, scope=EVERYWHERE).state == "BOOKED"


def test_reference_and_birth_date_of_a_twin_open_only_the_own_visit():
    made = booked(2)
    for each in made:
        found = lookup.look_up(reference=each.reference, birth_date=HANAKO.birth_date, source="1")
        assert found == each.id
    other = booked_with_another_birth_date()
    with pytest.raises(NotVisible):
        lookup.look_up(reference=other.reference, birth_date=HANAKO.birth_date, source="1")


def booked_with_another_birth_date():
    token = held(1, slot_at(16, 9))
    return booking.book_held(booking.BookingRequest(visitors=(Visitor(RENEW, FAMILY[2]),), token=token))[0]


def test_the_access_code_of_one_opens_only_that_one():
    made = booked(2)
    lookup.send_access_code(reservation_id=made[0].id, source="1")
    mails = Mail.objects.filter(kind="access_code")
    assert list(mails.values_list("target", flat=True)) == [str(made[0].id)]


def test_an_office_that_is_full_for_weeks_still_shows_its_earliest_time_for_all():
    busy = Seat.objects.filter(slot__office="HM01", slot__starts_at__lt="2026-12-18T00:00Z")
    busy.update(is_withdrawn=True)
    [earliest] = [offer.earliest for offer in offers(slots=1, others=[1, 1]) if offer.office.code == "HM01"]
    assert f"{clock.to_jst(earliest.starts_at):%m-%d %H:%M}" == "12-18 09:00"
