"""Families at the last seats: all of one family or nobody of it, and no seat twice, in whatever order."""

import uuid
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import DatabaseError, connections, transaction
from support.people import somebody
from support.races import CARELESS, all_at_once, slots_from

from madoguchi.common import clock
from madoguchi.offices.models import Slot
from madoguchi.reservations import claims, creation, errors, seats, services
from madoguchi.reservations.models import Reservation, Seat
from madoguchi.reservations.people import person_hash
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import sessions
from madoguchi.workflows.booking.book import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
RENEW = ("CERT_RENEW",)


@pytest.fixture(autouse=True)
def _all_on_the_web(lasting_city):
    """Keep no seat for the telephone."""
    Seat.objects.update(web_from=seats.ALWAYS)


def family(slot: int, number: int, people: int) -> str:
    """Hold and book for so many people; says how many came through, or why nobody did."""
    visitors = [Visitor(RENEW, somebody(number * 10 + place)) for place in range(people)]
    try:
        token = sessions.start_session(source=str(number), form_data={})
        sessions.hold_slot(token=token, slot=slot, codes=RENEW, others=[RENEW] * (people - 1))
        return (
            f"booked {len(booking.book_held(booking.BookingRequest(visitors=tuple(visitors), token=token)))}"
        )
    except errors.Refusal as refusal:
        return refusal.code
    finally:
        connections.close_all()


def booked_seats() -> int:
    return Seat.objects.exclude(reservation=None).count()


def test_ten_families_at_the_last_three_seats_and_one_gets_them_all():
    slots = slots_from(9, 3)
    answers = all_at_once(10, lambda number: family(slots[0], number, 3))
    assert sorted(answers) == ["booked 3"] + ["slot_full"] * 9
    assert Reservation.objects.count() == booked_seats() == 3


def test_families_and_single_people_from_both_ends_share_the_day_without_half_a_family():
    slots = slots_from(9, 6)
    starts = (slots[0], slots[3], slots[5], slots[2], slots[1], slots[4])
    answers = all_at_once(12, lambda number: family(starts[number % 6], number, 1 + number % 3))
    came = sum(int(answer[-1]) for answer in answers if answer.startswith("booked"))
    assert {answer for answer in answers if not answer.startswith("booked")} <= {"slot_full"}
    assert Reservation.objects.count() == booked_seats() == came
    parties = Reservation.objects.exclude(party=None).values_list("party", flat=True)
    sizes = sorted(list(parties).count(party) for party in set(parties))
    assert sizes == sorted(int(each[-1]) for each in answers if each in {"booked 2", "booked 3"})
    assert not Seat.objects.filter(session__isnull=False, reservation__isnull=False).exists()


def test_parallel_windows_are_sold_once_each_to_families():
    slot = slots_from(10)[0]
    Seat.objects.bulk_create(
        Seat(slot_id=slot, seat_no=number, web_from=seats.ALWAYS) for number in range(2, 5)
    )
    Seat.objects.exclude(slot=slot).update(is_withdrawn=True)
    answers = all_at_once(6, lambda number: family(slot, number, 2))
    assert sorted(answers) == ["booked 2"] * 2 + ["slot_full"] * 4
    assert booked_seats() == 4


def double_hold(monkeypatch, condition: str) -> int:
    """Let two families go for the same two seats, both having looked before either writes."""
    monkeypatch.setattr(seats, "FREE_NOW", condition)
    slots, gate = slots_from(10, 2), Barrier(2)

    def take(number):
        people = [somebody(number * 10 + place) for place in range(2)]
        try:
            with transaction.atomic():
                gate.wait(timeout=5)
                visits = [
                    creation.NewReservation(
                        id=uuid.uuid4(),
                        person=person,
                        person_hash=person_hash(name=person.name, birth_date=person.birth_date),
                        office="HM01",
                        starts_at=Slot.objects.get(pk=slot).starts_at,
                        occupied_minutes=30,
                        slot_ids=(slot,),
                        procedures=RENEW,
                        channel="PARTNER",
                        actor=booking.CITIZEN,
                        booked_at=clock.now(),
                    )
                    for person, slot in zip(people, slots, strict=True)
                ]
                creation.take(visits)
                for visit in visits:
                    creation.write(visit, repeats=False)
        except (errors.SlotFull, DatabaseError):
            return 0
        finally:
            connections.close_all()
        return 1

    return sum(all_at_once(2, take))


def test_the_trigger_alone_gives_two_seats_to_one_family(monkeypatch):
    assert double_hold(monkeypatch, CARELESS) == 1


@pytest.mark.usefixtures("_no_trigger")
def test_the_free_now_condition_alone_gives_two_seats_to_one_family(monkeypatch):
    assert double_hold(monkeypatch, seats.FREE_NOW) == 1


@pytest.mark.usefixtures("_no_trigger")
def test_control_without_both_barriers_two_families_sit_on_the_same_seats(monkeypatch):
    assert double_hold(monkeypatch, CARELESS) == 2


def the_same_two_in_two_windows(monkeypatch) -> list[str]:
    """Book one family twice at once, in opposite orders; both have the first person before the second."""
    first, second = (somebody(n) for n in (1, 2))
    slowly = claims.SERIALIZE_PERSON + ", pg_sleep(0.5)"
    monkeypatch.setattr(claims, "SERIALIZE_PERSON", slowly)
    slots = slots_from(9, 6)

    def go(number):
        people = (first, second)[:: 1 - 2 * number]
        try:
            token = sessions.start_session(source=str(number), form_data={})
            sessions.hold_slot(token=token, slot=slots[number * 3], codes=RENEW, others=[RENEW])
            booking.book_held(
                booking.BookingRequest(
                    visitors=tuple(Visitor(RENEW, person) for person in people), token=token
                )
            )
        except errors.Refusal as refusal:
            return refusal.code
        except DatabaseError as error:
            return type(error.__cause__).__name__
        finally:
            connections.close_all()
        return "booked"

    return sorted(all_at_once(2, go))


def test_one_family_in_two_windows_in_opposite_orders_is_booked_once_and_deadlocks_never(monkeypatch):
    assert the_same_two_in_two_windows(monkeypatch) == ["booked", "duplicate"]


def test_control_without_one_order_for_all_they_deadlock(monkeypatch):
    monkeypatch.setattr(booking, "_lock_order", lambda _person: b"")
    assert "DeadlockDetected" in the_same_two_in_two_windows(monkeypatch)


def four_at_most(monkeypatch) -> int:
    """Let two people come along with a party of three at once, and return how many then stand."""
    slots, gate, join = slots_from(9, 6), Barrier(2), services.join_party
    token = sessions.start_session(source="1", form_data={})
    sessions.hold_slot(token=token, slot=slots[0], codes=RENEW, others=[RENEW] * 2)
    made = booking.book_held(
        booking.BookingRequest(
            visitors=tuple(Visitor(RENEW, somebody(number)) for number in (1, 2, 3)), token=token
        )
    )

    def join_and_linger(**wanted):
        party = join(**wanted)
        with suppress(BrokenBarrierError):
            gate.wait(timeout=0.5)
        return party

    monkeypatch.setattr(services, "join_party", join_and_linger)

    def go(number):
        try:
            hold = sessions.start_session(source=str(number), form_data={})
            sessions.hold_slot(token=hold, slot=slots[4 + number], codes=RENEW)
            visitor = Visitor(RENEW, somebody(10 + number))
            booking.book_held(booking.BookingRequest(visitors=(visitor,), token=hold, joins=made[number].id))
        except errors.FamilyFull:
            pass
        finally:
            connections.close_all()

    all_at_once(2, go)
    return Reservation.objects.exclude(party=None).count()


def test_a_party_of_three_takes_one_of_two_who_come_along_at_once(monkeypatch):
    assert four_at_most(monkeypatch) == 4


def test_control_without_the_lock_a_party_grows_to_five(monkeypatch):
    monkeypatch.setattr(
        services.Reservation.objects, "select_for_update", services.Reservation.objects.all, raising=False
    )
    assert four_at_most(monkeypatch) == 5
