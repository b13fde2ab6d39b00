"""A family on the waiting list: seats for all or for nobody, and what one of them learns of another."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from support.crowd import day_starts, sell_out
from support.people import HANAKO, OPERATOR, TARO, somebody

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.reservations import errors, waiting
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import Reservation, Seat, Wait, WaitingPerson
from madoguchi.reservations.people import person_hash
from madoguchi.reservations.personal_data import erase_waits, held_on
from madoguchi.reservations.selectors import person_hash_of
from madoguchi.reservations.waiting_entries import WaitingVisitor, Wish
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, waiting_offers
from madoguchi.workflows.booking.waiting import accept, booked, enter, leave, pass_offer

pytestmark = pytest.mark.usefixtures("city")
RENEW = ("CERT_RENEW",)
DAY = date(2026, 12, 15)
OTHERS = [somebody(9001), somebody(9002)]


@pytest.fixture
def full_day(city):
    return sell_out(DAY)


def wait_together(*people, first=HANAKO):
    companions = [WaitingVisitor(RENEW, each) for each in people]
    return enter(person=first, procedures=RENEW, companions=companions, wish=Wish(("HM01",), DAY, DAY))


def cancel(*made):
    for each in made:
        changes.cancel(reservation_id=each.id, actor=OPERATOR, channel="PHONE")


def now_of(row):
    return waiting.wait(row.id, scope=EVERYWHERE)


def book_elsewhere(person, number):
    request = booking.BookingRequest(
        visitors=(booking.Visitor(RENEW, person),), slot=day_starts(DAY, "HM02")[number].slot
    )
    booking.book(replace(request, channel="PHONE", actor=OPERATOR, submission=f"{number}", fingerprint=""))


def hash_of(person):
    return person_hash(name=person.name, birth_date=person.birth_date)


def test_a_family_is_offered_seats_for_all_in_a_row_and_holds_nobody_up_until_then(full_day):
    family = wait_together(*OTHERS)
    with clock.travel(clock.now() + timedelta(seconds=1)):
        alone = wait_together(first=TARO)
    cancel(full_day[3])
    assert now_of(family).state == "WAITING"
    assert now_of(alone).starts_at == full_day[3].starts_at
    cancel(full_day[0], full_day[5], full_day[7])
    assert now_of(family).state == "WAITING"
    cancel(full_day[6])
    offered = now_of(family)
    assert (offered.starts_at, len(offered.slot_ids)) == (full_day[5].starts_at, 3)
    assert offered.ends_at == full_day[8].starts_at
    assert not breaches(clock.now())


def test_taking_the_offer_books_all_of_them_as_one_family_and_twice_gives_the_same_answer(full_day):
    row = wait_together(*OTHERS)
    cancel(*full_day[:3])
    made = accept(token=row.link_token)
    assert accept(token=row.link_token) == made == booked(now_of(row))
    assert [each.starts_at for each in made] == [each.starts_at for each in full_day[:3]]
    assert (
        Reservation.objects.filter(pk__in=[each.id for each in made]).values("party").distinct().count() == 1
    )
    assert now_of(row).state == "BOOKED"
    assert not WaitingPerson.objects.filter(in_line=True).exists()
    assert not breaches(clock.now())


def test_where_one_of_them_has_no_seat_nobody_is_booked(full_day):
    row = wait_together(*OTHERS)
    cancel(*full_day[:3])
    lost = Seat.objects.filter(session=row.session).order_by("slot__starts_at").last()
    Seat.objects.filter(pk=lost.pk).update(session=None, held_until=None)
    with pytest.raises(errors.SlotFull):
        accept(token=row.link_token)
    assert not booked(now_of(row))
    assert now_of(row).state == "OFFERED"


@pytest.mark.parametrize("way", ["leave", "pass on", "no answer"])
def test_an_offer_that_ends_frees_all_its_seats(full_day, way):
    row = wait_together(*OTHERS)
    cancel(*full_day[:3])
    if way == "no answer":
        with clock.travel(now_of(row).offer_until):
            waiting_offers.offer_seats()
    else:
        {"leave": leave, "pass on": pass_offer}[way](token=row.link_token)
    assert not Seat.objects.filter(session=row.session).exists()
    assert WaitingPerson.objects.filter(in_line=True).count() == (3 if way == "pass on" else 0)
    assert [start.free for start in day_starts(DAY)[:3]] == [1, 1, 1]


@pytest.mark.parametrize("number", [0, 2])
def test_who_books_another_way_leaves_and_the_others_are_offered_seats_anew_at_their_place(full_day, number):
    row = wait_together(*OTHERS)
    cancel(*full_day[:3])
    family = [HANAKO, *OTHERS]
    book_elsewhere(family[number], 0)
    after = now_of(row)
    assert [each.person.name for each in after.visitors] == [
        each.name for each in family if each != family[number]
    ]
    assert (after.entered_at, after.person.name) == (row.entered_at, HANAKO.name), "who is told is the same"
    assert (after.is_open, len(after.slot_ids)) == (True, 2)
    assert not breaches(clock.now())
    for place, each in enumerate(family, start=1):
        if each != family[number]:
            book_elsewhere(each, place)
    assert now_of(row).state == "BOOKED"
    assert not breaches(clock.now())


def test_nobody_waits_in_two_entries_and_all_of_a_family_enter_or_nobody(full_day):
    wait_together(TARO)
    with pytest.raises(errors.AlreadyWaiting) as refused:
        wait_together(somebody(9003), TARO, first=somebody(9004))
    assert refused.value.fields["person"] == 3
    with pytest.raises(errors.DuplicateReservation) as refused:
        wait_together(somebody(0), first=somebody(9004))
    assert refused.value.fields["person"] == 2
    with pytest.raises(errors.FamilyFull):
        wait_together(*(somebody(9010 + each) for each in range(4)), first=somebody(9004))
    assert Wait.objects.count() == 1
    row = Wait.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        WaitingPerson.objects.create(
            wait=row, place=3, person=b"x", person_hash=hash_of(TARO), procedures=["CERT_RENEW"]
        )


def test_what_is_held_on_one_of_them_tells_nothing_of_the_others(full_day):
    row = wait_together(TARO)
    for person in (HANAKO, TARO):
        [found] = held_on(hash_of(person)).waits
        assert ([each.person for each in found.visitors], found.person) == ([person], person)
        assert person_hash_of(found.id) == hash_of(person)
    assert waiting.in_line(text="博多", scope=EVERYWHERE)[0].id == row.id
    second = held_on(hash_of(TARO)).waits[0].id
    assert erase_waits(waits=[second], order="1", actor=SYSTEM) == [second]
    assert not Wait.objects.exists(), "an entry has one key"


def test_an_entry_without_anybody_in_line_is_found(full_day):
    wait_together(TARO)
    WaitingPerson.objects.update(in_line=False)
    assert {breach.check for breach in breaches(clock.now())} == {"waiting"}
