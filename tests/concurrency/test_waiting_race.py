"""Many at the waiting list: nobody gets two offers, no seat two people, an offer books at most once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, time, timedelta
from threading import Barrier, BrokenBarrierError, Event

import pytest
from django.db import connections, transaction
from support.crowd import sell_out
from support.people import HANAKO, OPERATOR, TARO, somebody
from support.races import CARELESS

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.reservations import errors, seats, waiting
from madoguchi.reservations.availability import starts
from madoguchi.reservations.models import Reservation, Seat, Wait, WaitingPerson
from madoguchi.reservations.waiting_entries import WaitingVisitor, Wish
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, waiting_offers
from madoguchi.workflows.booking.waiting import accept, enter, leave

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
DAY = date(2026, 12, 15)
RENEW = ("CERT_RENEW",)
JIRO = replace(TARO, name="福岡　次郎", name_kana="フクオカ　ジロウ")


@pytest.fixture
def visits(lasting_city):
    return sell_out(DAY)


def line(*people):
    begins = clock.now()
    rows = []
    for place, person in enumerate(people):
        with clock.travel(begins + timedelta(seconds=place)):
            rows.append(enter(person=person, procedures=RENEW, wish=Wish(("HM01",), DAY, DAY)))
    return rows


def at_once(*calls):
    """Run calls that start together, and return what each answered: "" or the code of its refusal."""
    gate = Barrier(len(calls))

    def run(call):
        gate.wait(timeout=5)
        try:
            call()
        except errors.Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def cancel(made):
    changes.cancel(reservation_id=made.id, actor=OPERATOR, channel="PHONE")


def offers():
    """Who is offered how many seats."""
    rows = [
        waiting.wait(each, scope=EVERYWHERE)
        for each in Wait.objects.order_by("entered_at").values_list("pk", flat=True)
    ]
    return [(row.state, len(row.slot_ids)) for row in rows]


def free_unheard(made, monkeypatch):
    """Cancel a visit as if nobody were in line, so that the seat lies free."""
    with monkeypatch.context() as patch:
        patch.setattr(changes, "offer_free_seats", lambda **_: 0)
        cancel(made)


@pytest.mark.parametrize(
    ("statement", "offered", "seconds"),
    # In the control nobody is held off: both come, however slow the machine is.
    [(waiting.SERIALIZE, 2, 1), ("SELECT 1", 1, 20)],
    ids=["one by one", "control"],
)
def test_two_seats_freed_at_once_go_to_the_first_two_in_line(
    visits, monkeypatch, statement, offered, seconds
):
    line(HANAKO, TARO, JIRO)
    gate, offering, in_line = Barrier(2), Event(), waiting.lock_waiting_in_order

    def until_both_have_looked(**chosen):
        found = in_line(**chosen)
        with suppress(BrokenBarrierError):
            gate.wait(timeout=seconds)
        if not found:
            offering.wait(20)  # its seat is not free before the other one has offered
        return found

    monkeypatch.setattr(waiting, "SERIALIZE", statement)
    monkeypatch.setattr(waiting, "lock_waiting_in_order", until_both_have_looked)

    def cancel_and_tell(made):
        cancel(made)
        offering.set()

    assert at_once(*[lambda made=made: cancel_and_tell(made) for made in visits[:2]]) == ["", ""]
    assert offers() == [("OFFERED", 1)] * offered + [("WAITING", 0)] * (3 - offered)


def family(number):
    """Enter a family of two, and return its entry."""
    first, second = somebody(9000 + number), somebody(9100 + number)
    companions = [WaitingVisitor(RENEW, second)]
    with clock.travel(clock.now() + timedelta(seconds=number)):
        return enter(person=first, procedures=RENEW, companions=companions, wish=Wish(("HM01",), DAY, DAY))


def offer_one_run_to_two_families(visits, monkeypatch, condition):
    """Offer the same two seats in a row to two families at once; both have looked before either writes."""
    families = [family(number) for number in (1, 2)]
    for made in visits[:2]:
        free_unheard(made, monkeypatch)
    slots = list(
        Seat.objects.filter(slot__starts_at__in=[each.starts_at for each in visits[:2]], slot__office="HM01")
        .order_by("slot__starts_at")
        .values_list("slot", flat=True)
    )
    monkeypatch.setattr(seats, "FREE_NOW", condition)
    until = clock.now() + timedelta(hours=2)

    def offer(row):
        with transaction.atomic():
            waiting.offer(wait_id=row.id, slot_ids=slots, until=until, any_hour=True)

    return at_once(*[lambda row=row: offer(row) for row in families])


def test_one_run_of_seats_offered_to_two_families_at_once_is_one_familys(visits, monkeypatch):
    answers = offer_one_run_to_two_families(visits, monkeypatch, seats.FREE_NOW)
    assert sorted(answers) == ["", "slot_full"]
    assert sorted(offers()) == [("OFFERED", 2), ("WAITING", 0)]


@pytest.mark.usefixtures("_no_trigger")
def test_control_without_its_condition_the_statement_offers_one_run_to_two_families(visits, monkeypatch):
    assert offer_one_run_to_two_families(visits, monkeypatch, CARELESS) == ["", ""]
    assert sorted(offers()) == [("OFFERED", 0), ("OFFERED", 2)]


def test_seats_in_a_row_freed_at_once_go_to_the_family_that_waits_longest(visits):
    for number in (1, 2):
        family(number)
    assert at_once(*[lambda made=made: cancel(made) for made in visits[:2]]) == ["", ""]
    waiting_offers.offer_seats()
    assert offers() == [("OFFERED", 2), ("WAITING", 0)]


def test_two_of_a_family_who_book_another_way_at_once_leave_nobody_in_line(visits):
    row = family(1)
    begins = clock.at(DAY, time())
    found = starts(office="HM02", since=begins, until=begins + clock.DAY, slots=1, slot_minutes=30)

    def book(number, person):
        request = booking.BookingRequest(visitors=(booking.Visitor(RENEW, person),), slot=found[number].slot)
        booking.book(
            replace(request, channel="PHONE", actor=OPERATOR, submission=f"{number}", fingerprint="")
        )

    people = (somebody(9001), somebody(9101))
    calls = [lambda n=n, each=each: book(n, each) for n, each in enumerate(people)]
    assert at_once(*calls) == ["", ""]
    assert offers() == [("BOOKED", 0)]
    assert not WaitingPerson.objects.filter(wait=row.id, in_line=True).exists()


def test_one_free_seat_and_many_who_offer_it_give_one_offer(visits, monkeypatch):
    line(HANAKO, TARO)
    free_unheard(visits[0], monkeypatch)
    at_once(*[waiting_offers.offer_seats] * 6)
    assert offers() == [("OFFERED", 1), ("WAITING", 0)]


def test_an_offer_accepted_many_times_at_once_books_once(visits):
    [row] = line(HANAKO)
    cancel(visits[0])
    answers = at_once(*[lambda: accept(token=row.link_token)] * 6)
    assert set(answers) == {""}
    assert Reservation.objects.filter(status="BOOKED", starts_at=visits[0].starts_at).count() == 1
    assert offers() == [("BOOKED", 0)]


@pytest.mark.parametrize("end", ["lapses", "is left", "is booked elsewhere"])
def test_an_offer_accepted_while_it_ends_books_at_most_once(visits, monkeypatch, end):
    first, second = line(HANAKO, TARO)
    cancel(visits[0])
    until = waiting.wait(first.id, scope=EVERYWHERE).offer_until
    begins = clock.at(DAY, time())
    other = starts(office="HM02", since=begins, until=begins + clock.DAY, slots=1, slot_minutes=30)[0].slot

    def book_elsewhere():
        request = booking.BookingRequest(visitors=(booking.Visitor(RENEW, HANAKO),), slot=other)
        booking.book(replace(request, channel="PHONE", actor=OPERATOR, submission="x", fingerprint=""))

    ends = {
        "lapses": waiting_offers.offer_seats,
        "is left": lambda: leave(token=first.link_token),
        "is booked elsewhere": book_elsewhere,
    }[end]
    # The press was in time; what it sets off is not.
    monkeypatch.setattr(waiting, "refuse_over", lambda _: None)
    with clock.travel(until if end == "lapses" else until - timedelta(hours=1)):
        accepts = [lambda: accept(token=first.link_token)] * 2
        answers = at_once(accepts[0], ends, accepts[1])
        waiting_offers.offer_seats()
    assert set(answers) <= {"", "slot_full", "duplicate"}
    mine = WaitingPerson.objects.get(wait=first.id).person_hash
    booked = Reservation.objects.filter(status="BOOKED", applicant__person_hash=mine)
    assert booked.count() == (0 if answers[0] and end != "is booked elsewhere" else 1)
    assert not Seat.objects.filter(session=first.session).exists()
    seat = Seat.objects.get(slot__starts_at=visits[0].starts_at, slot__office="HM01")
    assert (seat.reservation in booked) or (seat.session_id == second.session)
