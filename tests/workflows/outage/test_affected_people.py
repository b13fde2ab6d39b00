"""People whom a stop of service hits: told, moved first, and told again once it is lifted (ADR 0020)."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from support.pauses import at, free, mails, people, scope, stop, tell
from support.people import HANAKO, SECRETARIAT, TARO, somebody
from support.secretariat import book, slot_at

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN
from madoguchi.common import clock
from madoguchi.notifications.kinds import MailKind, MailState
from madoguchi.notifications.services import put_text
from madoguchi.offices.models import Closure
from madoguchi.offices.pauses import pauses
from madoguchi.offices.services import close_office, withdraw_closure
from madoguchi.reservations.disruption_lists import disrupted_visits, disruption_of_pause, part_sizes
from madoguchi.reservations.disruptions import keep_visit, mark_called
from madoguchi.reservations.errors import DeadlinePassed, DuplicateReservation
from madoguchi.reservations.models import DisruptedVisit, Seat
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.booking import changes
from madoguchi.workflows.capacity.slots import change_offering
from madoguchi.workflows.messages import mail
from madoguchi.workflows.outage.disruptions import PeopleChanged
from madoguchi.workflows.outage.pauses import extend, lift, records

pytestmark = pytest.mark.usefixtures("city")


# Mail


class Outside:
    """A gateway that remembers what left."""

    keeps_text = False

    def __init__(self):
        self.sent = []

    def send(self, message, **_facts):
        self.sent.append(message.body)


@pytest.fixture
def texts(city, monkeypatch):
    """Words for the mails of a pause, and a function that tells what left."""
    for kind, body in (
        (MailKind.MOVE_REQUEST, "{when}{office}{link}{phone}\n{cause}\n{stopped}"),
        (MailKind.AS_PLANNED, "予定どおり{when}{office}{phone}"),
    ):
        put_text(kind=kind, subject="お知らせ", body=body, actor=SECRETARIAT)
    gateway = Outside()
    monkeypatch.setattr(mail, "gateway", lambda: gateway)
    return lambda: gateway.sent


def test_the_mail_says_which_procedure_stops_and_which_does_not(texts):
    book(codes=("CERT_RENEW", "PIN_RESET"))
    tell(stop(scope(procedure="CERT_RENEW")))
    mail.send_due_mail()
    [letter] = texts()
    assert "止まっている手続き：電子証明書の更新" in letter
    assert "暗証番号の初期化・再設定は、止まっていません。" in letter


def test_everyone_with_an_address_gets_one_mail_however_often_it_is_pressed():
    book()
    book(TARO, hour=11)
    pause = stop()
    assert tell(pause) == 1
    with pytest.raises(PeopleChanged):
        tell(pause)
    assert tell(pause, 0) == 0
    assert mails() == [MailState.QUEUED]
    assert part_sizes(disruption_of_pause(pause).id)["call"] == 1


def test_another_number_than_confirmed_sends_nothing():
    book()
    pause = stop()
    with pytest.raises(PeopleChanged):
        tell(pause, 2)
    assert mails() == []
    assert part_sizes(disruption_of_pause(pause).id)["notified"] == 0


def test_a_longer_pause_tells_only_who_is_newly_hit():
    book()
    pause = stop()
    tell(pause)
    late = book(replace(TARO, email="taro@example.jp"), day=16)
    assert (
        extend(pause_id=pause, ends_at=at(0, day=17), is_open_ended=False, title="台風", actor=SECRETARIAT)
        == 1
    )
    assert people(pause, "mail") == [late.id]
    tell(pause)
    assert mails() == [MailState.QUEUED] * 2
    assert free(day=16) == []


def test_a_visit_kept_as_planned_is_not_affected_again_by_a_longer_pause():
    book()
    pause = stop()
    keep_visit(
        visit_id=disrupted_visits(disruption_of_pause(pause).id, scope=EVERYWHERE)[0].id, actor=SECRETARIAT
    )
    assert (
        extend(pause_id=pause, ends_at=at(0, day=17), is_open_ended=False, title="", actor=SECRETARIAT) == 0
    )


def test_a_visit_moved_to_a_time_that_stops_later_is_on_the_list_twice():
    made = book()
    pause = stop()
    changes.move(reservation_id=made.id, slot=slot_at(16, 10), actor=SECRETARIAT, channel="PHONE")
    assert (
        extend(pause_id=pause, ends_at=at(0, day=17), is_open_ended=False, title="", actor=SECRETARIAT) == 1
    )
    rows = disrupted_visits(disruption_of_pause(pause).id, scope=EVERYWHERE)
    assert [(row.was_at, row.resolution) for row in rows] == [(at(10, day=16), ""), (at(10, 30), "MOVED")]


def test_a_mail_a_day_late_still_asks_to_choose_another_time(texts):
    book()
    tell(stop())
    with clock.travel(at(12, day=16)):
        mail.send_due_mail()
    assert mails() == [MailState.SENT]


# First choice


@contextmanager
def after_the_deadline():
    with clock.travel(at(9, day=14)):
        yield


def move_on_the_web(made, day=16, hour=10):
    changes.move(reservation_id=made.id, slot=slot_at(day, hour), actor=CITIZEN, channel="WEB")


def test_affected_people_move_past_the_deadline_and_others_do_not():
    made, other = book(), book(TARO, day=16, hour=14)
    stop()
    with after_the_deadline():
        with pytest.raises(DeadlinePassed):
            move_on_the_web(other, day=17)
        move_on_the_web(made)
    assert reservation(made.id, scope=EVERYWHERE).starts_at == at(10, day=16)


def test_affected_people_take_seats_that_are_kept_for_the_telephone():
    made = book()
    stop()
    Seat.objects.filter(slot=slot_at(16, 10)).update(web_from=at(0, day=31))
    move_on_the_web(made)
    assert reservation(made.id, scope=EVERYWHERE).starts_at == at(10, day=16)


def test_the_old_time_is_kept_until_the_new_one_is_taken():
    made, old = book(), slot_at(15, 10, 30)
    stop()
    assert Seat.objects.filter(reservation=made.id, slot=old).exists()
    move_on_the_web(made)
    assert not Seat.objects.filter(reservation=made.id, slot=old).exists()


def test_affected_people_move_even_after_the_time_has_passed_but_not_beside_a_new_booking():
    made, other = book(), book(TARO, hour=11)
    stop()
    with clock.travel(at(12, day=16)):
        again = book(TARO, day=22)
        with pytest.raises(DuplicateReservation):
            move_on_the_web(other, day=23)
        move_on_the_web(made, day=22, hour=14)
        with pytest.raises(DuplicateReservation):
            book(HANAKO, day=24)
    assert reservation(made.id, scope=EVERYWHERE).starts_at == at(14, day=22)
    assert again.id != other.id


def test_affected_people_cancel_on_the_web_at_any_time():
    made = book()
    stop()
    with clock.travel(at(12, day=16)):
        changes.cancel(reservation_id=made.id, actor=CITIZEN, channel="WEB")
    assert not reservation(made.id, scope=EVERYWHERE).is_booked


# Start again


def test_lifting_offers_the_times_again_and_the_visits_stand():
    made = book()
    pause = stop()
    assert lift(pause_id=pause, people=0, actor=SECRETARIAT) == 1
    assert len(free()) == 15
    assert not reservation(made.id, scope=EVERYWHERE).is_disrupted
    assert disruption_of_pause(pause).left == 0
    assert not Seat.objects.get(reservation=made.id).is_withdrawn


def test_a_mail_that_has_not_left_is_withdrawn_and_nobody_hears_of_it():
    book()
    pause = stop()
    tell(pause)
    lift(pause_id=pause, people=1, actor=SECRETARIAT)
    assert mails() == [MailState.WITHDRAWN]
    assert mails(MailKind.AS_PLANNED) == []
    assert disruption_of_pause(pause).left == 0


def test_people_told_by_mail_get_a_mail_that_the_visit_stands_and_people_told_by_call_get_a_call(texts):
    book()
    book(TARO, hour=11)
    pause = stop()
    tell(pause)
    mail.send_due_mail()
    [called] = disrupted_visits(disruption_of_pause(pause).id, part="call", scope=EVERYWHERE)
    mark_called(visit_id=called.id, actor=SECRETARIAT)
    lift(pause_id=pause, people=1, actor=SECRETARIAT)
    mail.send_due_mail()
    assert [letter.startswith("予定どおり") for letter in texts()] == [False, True]
    assert people(pause, "reinstated") == [called.visit.id]
    assert disruption_of_pause(pause).left == 1
    mark_called(visit_id=called.id, actor=SECRETARIAT)
    assert disruption_of_pause(pause).left == 0


def test_lifting_needs_the_number_of_those_who_are_told_again():
    book()
    pause = stop()
    tell(pause)
    with pytest.raises(PeopleChanged):
        lift(pause_id=pause, people=0, actor=SECRETARIAT)
    assert free() == []


def test_moved_visits_stay_moved_and_visits_whose_time_has_passed_stay_on_the_list():
    moved, early, late = book(), book(TARO, hour=9), book(somebody(3), hour=15)
    pause = stop()
    move_on_the_web(moved)
    with clock.travel(at(12)):
        assert lift(pause_id=pause, people=0, actor=SECRETARIAT) == 1
    assert reservation(moved.id, scope=EVERYWHERE).starts_at == at(10, day=16)
    assert reservation(early.id, scope=EVERYWHERE).is_disrupted
    assert not reservation(late.id, scope=EVERYWHERE).is_disrupted


def test_lifting_one_of_two_pauses_leaves_what_the_other_stops():
    made = book()
    pause = stop()
    stop(scope(offices=("HM01",)))
    lift(pause_id=pause, people=0, actor=SECRETARIAT)
    assert free() == []
    assert reservation(made.id, scope=EVERYWHERE).is_disrupted


def test_a_procedure_that_starts_again_closes_its_entries():
    made = book()
    pause = stop(scope(procedure="CERT_RENEW"))
    assert lift(pause_id=pause, people=0, actor=SECRETARIAT) == 1
    assert not reservation(made.id, scope=EVERYWHERE).is_disrupted
    assert len(free()) == 15


def test_a_closure_taken_back_closes_its_entries_as_well():
    made = book()
    whole = {"starts_at": at(9), "ends_at": at(17), "reason": "FACILITY", "note": "", "actor": SECRETARIAT}
    for change in (
        lambda: close_office(office="HM01", **whole),
        lambda: withdraw_closure(closure_id=Closure.objects.get().pk, actor=SECRETARIAT),
    ):
        change_offering(change=change, places=["HM01"], title="点検", actor=SECRETARIAT)
    assert not reservation(made.id, scope=EVERYWHERE).is_disrupted
    assert DisruptedVisit.objects.get().resolution == "KEPT"


def test_a_second_pause_after_the_first_was_lifted_tells_people_again(texts):
    book()
    for number in range(2):
        pause = stop()
        tell(pause)
        mail.send_due_mail()
        assert mails() == [MailState.SENT] * (number + 1)
        lift(pause_id=pause, people=1, actor=SECRETARIAT)
        mail.send_due_mail()


def test_the_record_sums_up_what_became_of_everyone(texts):
    moved, _mailed, _called = (
        book(),
        book(replace(TARO, email="t@example.jp"), hour=11),
        book(somebody(3), hour=14),
    )
    pause = stop()
    tell(pause, 2)
    with clock.travel(clock.now() + timedelta(minutes=4)):
        mail.send_due_mail()
    [called] = disrupted_visits(disruption_of_pause(pause).id, part="call", scope=EVERYWHERE)
    mark_called(visit_id=called.id, actor=SECRETARIAT)
    move_on_the_web(moved)
    found = records()[pause]
    assert (found.affected, found.mailed, found.called, found.moved, found.left) == (3, 2, 1, 1, 2)
    assert found.minutes_to_last_mail(pauses()[0]) == 4
