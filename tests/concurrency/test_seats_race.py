"""Races for seats and people: each guard holds alone, and a control without any shows that it matters."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from threading import Barrier, BrokenBarrierError, Event
from time import sleep

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from support.people import HANAKO, SECRETARIAT, TARO, somebody
from support.races import CARELESS, all_at_once, slots_from

from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.offices.services import close_office
from madoguchi.reservations import claims, creation, errors, seats
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import Reservation, Seat
from madoguchi.reservations.people import Details, Person, person_hash
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, sessions
from madoguchi.workflows.booking.procedures import change_procedures
from madoguchi.workflows.capacity.slots import change_offering

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
PARTNER = Actor("partner", "race")
RUN = ("FACE_CHANGE", "CERT_ISSUE")


def attempt(slot: int, number: int, codes=("CERT_RENEW",), person=None) -> str:
    request = booking.BookingRequest(
        visitors=(booking.Visitor(codes, person or somebody(number)),), slot=slot
    )
    try:
        booking.book(
            replace(request, channel="PARTNER", actor=PARTNER, submission=str(number), fingerprint="")
        )
    except errors.Refusal as refusal:
        return refusal.code
    finally:
        connections.close_all()
    return "booked"


def test_twenty_at_the_last_seat_and_exactly_one_gets_it():
    slot = slots_from(10)[0]
    answers = all_at_once(20, lambda number: attempt(slot, number))
    assert sorted(answers) == ["booked"] + ["slot_full"] * 19
    assert Reservation.objects.count() == Seat.objects.exclude(reservation=None).count() == 1


def test_every_seat_of_a_contested_slot_is_sold_exactly_once():
    slot = slots_from(10)[0]
    Seat.objects.bulk_create(
        Seat(slot_id=slot, seat_no=number, web_from=seats.ALWAYS) for number in range(2, 5)
    )
    answers = all_at_once(16, lambda number: attempt(slot, number))
    assert answers.count("booked") == 4
    assert set(answers) == {"booked", "slot_full"}


def test_runs_that_overlap_in_both_directions_never_leave_half_a_visit():
    first, second, _ = slots_from(9, 3)
    answers = all_at_once(12, lambda number: attempt((first, second)[number % 2], number, RUN))
    assert answers.count("booked") == 1
    assert Seat.objects.exclude(reservation=None).count() == 2


def double_take(slot: int, condition: str, monkeypatch) -> int:
    """Let two transactions take one seat at the same moment, and return how many got it."""
    monkeypatch.setattr(seats, "FREE_NOW", condition)
    gate = Barrier(2)
    taken = []

    def take(number):
        try:
            with transaction.atomic():
                gate.wait(timeout=5)
                person = somebody(number)
                visit = creation.NewReservation(
                    id=uuid.uuid4(), person=person, office="HM01", booked_at=clock.now(),
                    person_hash=person_hash(name=person.name, birth_date=person.birth_date),
                    starts_at=datetime(2026, 12, 15, 10, tzinfo=JST),
                    occupied_minutes=30, slot_ids=(slot,), procedures=("CERT_RENEW",),
                    channel="PARTNER", actor=PARTNER,
                )  # fmt: skip
                creation.take([visit])
                creation.write(visit, repeats=False)
            taken.append(number)
        except (errors.SlotFull, DatabaseError):
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(take, range(2)))
    return len(taken)


@pytest.mark.usefixtures("_no_trigger")
def test_the_free_now_condition_alone_sells_the_last_seat_once(monkeypatch):
    assert double_take(slots_from(10)[0], seats.FREE_NOW, monkeypatch) == 1


def test_the_trigger_alone_sells_the_last_seat_once(monkeypatch):
    assert double_take(slots_from(10)[0], CARELESS, monkeypatch) == 1


@pytest.mark.usefixtures("_no_trigger")
def test_control_without_both_barriers_the_last_seat_is_sold_twice(monkeypatch):
    assert double_take(slots_from(10)[0], CARELESS, monkeypatch) == 2


def grow_together(condition: str, monkeypatch) -> list[str]:
    """Let two visits of one time add a procedure, with one seat left behind them, and return the answers."""
    first = slots_from(9)[0]
    Seat.objects.create(slot_id=first, seat_no=2, web_from=seats.ALWAYS)
    for number in range(2):
        attempt(first, number)
    made = list(Reservation.objects.order_by("pk").values_list("pk", flat=True))
    gate, take = Barrier(2), seats._take

    def take_together(*facts, wait, **more):
        if not wait:
            gate.wait(timeout=20)
        return take(*facts, wait=wait, **more)

    monkeypatch.setattr(seats, "FREE_NOW", condition)
    monkeypatch.setattr(seats, "_take", take_together)
    moved = Details(changes=("ADDRESS",), new_address="星見市西区見本町9番1号")

    def grow(number):
        try:
            change_procedures(
                reservation_id=made[number],
                codes=("CERT_RENEW", "FACE_CHANGE"),
                details=moved,
                actor=PARTNER,
                channel="WEB",
            )
        except errors.Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "grown"

    return sorted(all_at_once(2, grow))


@pytest.mark.usefixtures("_no_trigger")
def test_of_two_visits_that_grow_into_the_last_seat_one_stays_as_it_was(monkeypatch):
    assert grow_together(seats.FREE_NOW, monkeypatch) == ["grown", "slot_full"]
    assert "booked_seats" not in {breach.check for breach in breaches(clock.now())}


@pytest.mark.usefixtures("_no_trigger")
def test_control_without_both_barriers_both_grow_into_the_last_seat(monkeypatch):
    assert grow_together(CARELESS, monkeypatch) == ["grown", "grown"]
    assert "booked_seats" in {breach.check for breach in breaches(clock.now())}


def meet(gate: Barrier, seconds: float = 0.5) -> None:
    """Wait for the other one, but not for ever: a guard may hold it off until this one is done."""
    with suppress(BrokenBarrierError):
        gate.wait(timeout=seconds)


@pytest.fixture
def other_has_booked():
    """Set once the other one, who books at the moment of a correction, is done."""
    return Event()


@pytest.fixture
def is_serialized(request):
    """Whether one waits for the other of the same person: unless a test takes the lock away."""
    return "_no_waiting" not in request.fixturenames


@pytest.fixture
def _all_look_before_any_writes(lasting_city, monkeypatch, other_has_booked, is_serialized):
    gate, look = Barrier(2), claims.claimed_by

    def look_together(**facts):
        found = look(**facts)
        # Where nobody is held off both come, however slow the machine is.
        meet(gate, 0.5 if is_serialized else 20)
        if facts.get("but"):  # who corrects writes after who books
            other_has_booked.wait(20)
        return found

    monkeypatch.setattr(claims, "claimed_by", look_together)


@pytest.fixture
def _no_waiting(monkeypatch):
    monkeypatch.setattr(claims, "SERIALIZE_PERSON", "SELECT %s::bigint")


@pytest.fixture
def _no_index(lasting_city, monkeypatch):
    table, name = "reservations_reservedprocedure", "reservations_reservedprocedure_one_active_per_person"
    monkeypatch.setattr(claims, "CLAIM", claims.CLAIM.partition(" ON CONFLICT")[0])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reservations_reservedprocedure")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (procedure_id, claim)")


def in_two_windows(first: Person, second: Person) -> list[str]:
    slots, people = slots_from(9, 2), (first, second)
    return sorted(all_at_once(2, lambda number: attempt(slots[number], number, person=people[number])))


WITHOUT_READING = replace(HANAKO, name_kana="")


@pytest.mark.usefixtures("_all_look_before_any_writes", "_no_index")
@pytest.mark.parametrize("other", [HANAKO, WITHOUT_READING], ids=["same reading", "no reading"])
def test_waiting_alone_gives_one_person_in_two_windows_one_reservation(other):
    assert in_two_windows(HANAKO, other) == ["booked", "duplicate"]


@pytest.mark.usefixtures("_all_look_before_any_writes", "_no_waiting")
@pytest.mark.parametrize("other", [HANAKO, WITHOUT_READING], ids=["same reading", "no reading"])
def test_the_unique_claim_alone_gives_one_person_in_two_windows_one_reservation(other):
    assert in_two_windows(HANAKO, other) == ["booked", "duplicate"]


@pytest.mark.usefixtures("_all_look_before_any_writes", "_no_waiting", "_no_index")
def test_control_without_both_barriers_one_person_is_booked_twice():
    assert in_two_windows(HANAKO, HANAKO) == ["booked", "booked"]


@pytest.fixture
def taro(lasting_city):
    """A visit of 太郎, booked before anybody waits for anybody."""
    request = booking.BookingRequest(
        visitors=(booking.Visitor(("CERT_RENEW",), TARO),), slot=slots_from(9)[0]
    )
    return booking.book(
        replace(request, channel="PHONE", actor=PARTNER, submission="taro", fingerprint="")
    ).id


def corrected_into_who_books(made: uuid.UUID, other_has_booked: Event) -> list[str]:
    """Correct 太郎 into 花子, who books at the same moment, and return both answers."""
    other = slots_from(9, 2)[1]

    def go(number):
        if number:
            answer = attempt(other, number, person=HANAKO)
            other_has_booked.set()
            return answer
        try:
            changes.correct(reservation_id=made, person=HANAKO, actor=SECRETARIAT)
        except errors.Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "corrected"

    return sorted(all_at_once(2, go))


def test_a_correction_into_a_person_who_books_at_that_moment_is_a_duplicate_of_one_of_them(
    taro, other_has_booked
):
    assert corrected_into_who_books(taro, other_has_booked) in (
        ["booked", "duplicate"],
        ["corrected", "duplicate"],
    )


@pytest.mark.usefixtures("taro", "_all_look_before_any_writes", "_no_waiting")
def test_control_without_waiting_the_correction_meets_the_index_and_breaks(taro, other_has_booked):
    with pytest.raises(IntegrityError):
        corrected_into_who_books(taro, other_has_booked)


def test_one_person_at_two_procedures_in_either_order_books_once_and_deadlocks_never(monkeypatch):
    slowly = claims.CLAIM.replace("VALUES (%s, %s, %s)", "SELECT %s::uuid, %s, %s::bytea FROM pg_sleep(0.2)")
    monkeypatch.setattr(claims, "CLAIM", slowly)
    slots = slots_from(9, 4)
    codes = ("PIN_RESET", "CERT_RENEW"), ("CERT_RENEW", "PIN_RESET")
    answers = all_at_once(2, lambda n: attempt(slots[n * 2], n, codes[n], person=HANAKO))
    assert sorted(answers) == ["booked", "duplicate"]


def same_request_at_once():
    slot = slots_from(10)[0]
    request = booking.BookingRequest(visitors=(booking.Visitor(("CERT_RENEW",), HANAKO),), slot=slot)

    def send(_number):
        try:
            return booking.book(
                replace(request, channel="PARTNER", actor=PARTNER, submission="same", fingerprint="same")
            )
        finally:
            connections.close_all()

    return all_at_once(8, send)


def test_the_same_request_sent_twice_at_once_is_booked_once_and_answered_alike():
    assert len(set(same_request_at_once())) == 1
    assert Reservation.objects.count() == 1


def test_control_where_no_request_is_remembered_the_second_press_is_refused(monkeypatch):
    monkeypatch.setattr(booking, "answer_before", lambda _sent: None)
    with pytest.raises(errors.Refusal):
        same_request_at_once()


def hold_and_booking_at_once() -> list[str]:
    slot = slots_from(10)[0]
    token = sessions.start_session(source="a", form_data={})

    def go(number):
        if number:
            return attempt(slot, number)
        try:
            sessions.hold_slot(token=token, slot=slot, codes=("CERT_RENEW",))
        except errors.SlotFull as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "held"

    return sorted(all_at_once(2, go))


def test_a_hold_and_a_booking_at_one_seat_leave_one_of_them():
    assert hold_and_booking_at_once() in (["held", "slot_full"], ["booked", "slot_full"])


@pytest.mark.usefixtures("_no_trigger")
def test_control_without_both_barriers_a_seat_is_held_and_booked(monkeypatch):
    monkeypatch.setattr(seats, "FREE_NOW", CARELESS)
    assert hold_and_booking_at_once() == ["booked", "held"]


def test_moving_a_visit_while_the_hours_change_waits_but_never_deadlocks(monkeypatch):
    before, after = slots_from(9, 2)
    request = booking.BookingRequest(visitors=(booking.Visitor(("CERT_RENEW",), HANAKO),), slot=before)
    made = booking.book(replace(request, channel="PHONE", actor=PARTNER, submission="1", fingerprint=""))
    take, taken = seats.take_seats, Event()

    def take_and_linger(**wanted):
        take(**wanted)
        taken.set()
        sleep(0.3)

    monkeypatch.setattr(seats, "take_seats", take_and_linger)

    def go(number):
        try:
            if number:
                assert taken.wait(20)
                return seats.fit_seats(slot_ids=[before, after])
            return changes.move(reservation_id=made.id, slot=after, actor=PARTNER, channel="PHONE")
        finally:
            connections.close_all()

    assert all_at_once(2, go) == [None, []]
    assert list(Seat.objects.exclude(reservation=None).values_list("slot", flat=True)) == [after]


def test_closing_an_office_while_people_book_loses_nobody_and_orphans_no_seat():
    slots = slots_from(9, 8)

    def go(number):
        if number < 8:
            return attempt(slots[number], number)
        try:
            effect = change_offering(
                change=lambda: close_office(
                    office="HM01", starts_at=datetime(2026, 12, 15, 9, tzinfo=JST),
                    ends_at=datetime(2026, 12, 15, 17, tzinfo=JST), reason="TYPHOON", note="",
                    actor=SECRETARIAT,
                ),
                places=["HM01"], title="台風", actor=SECRETARIAT,
            )  # fmt: skip
            return len(effect.affected)
        finally:
            connections.close_all()

    *answers, hit = all_at_once(9, go)
    booked = answers.count("booked")
    assert Reservation.objects.count() == booked
    assert Seat.objects.filter(reservation__isnull=False, is_withdrawn=True).count() == hit == booked
    assert not Seat.objects.filter(slot__in=slots, reservation=None).exists()
