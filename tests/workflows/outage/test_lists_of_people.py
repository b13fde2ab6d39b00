"""The lists of affected people: recorded once, empty ones not made, and what passed leaves the calls."""

from dataclasses import replace
from datetime import datetime

import pytest
from support.people import HANAKO, SECRETARIAT, TARO
from support.secretariat import book, slot_at

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.common.errors import NotVisible
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.offices.pauses import Scope
from madoguchi.reservations import disruption_lists, disruptions
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.models import DisruptedVisit, Disruption
from madoguchi.workflows.booking import changes
from madoguchi.workflows.outage.disruptions import PeopleChanged
from madoguchi.workflows.outage.pauses import begin, extend, lift

pytestmark = pytest.mark.usefixtures("city")


def at(hour, day=15):
    return datetime(2026, 12, day, hour, tzinfo=JST)


def stop(offices=(), procedure=""):
    return begin(
        scope=Scope(at(0), at(0, day=16), offices, procedure),
        cause="TYPHOON",
        is_open_ended=False,
        title="台風",
        banner=None,
        actor=SECRETARIAT,
    )


def recorded(action):
    return AuditEntry.objects.filter(action=action).count()


def test_a_person_notified_twice_is_recorded_once():
    book(TARO)
    stop()
    visit = DisruptedVisit.objects.get().pk
    for _press in range(2):
        disruptions.mark_called(visit_id=visit, actor=SECRETARIAT)
    assert recorded(ReservationAction.NOTIFIED) == 1


def test_only_who_was_not_notified_before_is_recorded_as_notified():
    book(TARO)
    book(hour=14)
    stop()
    first, second = DisruptedVisit.objects.values_list("pk", flat=True)
    disruptions.mark_notified(visits=[first], actor=SECRETARIAT)
    disruptions.mark_notified(visits=[first, second], actor=SECRETARIAT)
    assert recorded(ReservationAction.NOTIFIED) == 2


def test_a_reinstatement_told_twice_is_recorded_once():
    book(TARO)
    stop()
    visit = DisruptedVisit.objects.get().pk
    disruptions.mark_called(visit_id=visit, actor=SECRETARIAT)
    DisruptedVisit.objects.update(resolution="KEPT", resolved_at=clock.now(), resolved_by="x")
    for _press in range(2):
        disruptions.mark_called(visit_id=visit, actor=SECRETARIAT)
    assert recorded(ReservationAction.REINSTATEMENT_NOTIFIED) == 1


@pytest.mark.parametrize("press", [disruptions.mark_called, disruptions.keep_visit])
def test_an_entry_that_is_not_there_is_neither_called_nor_kept(press):
    with pytest.raises(NotVisible):
        press(visit_id=1, actor=SECRETARIAT)


def test_a_pause_that_affects_nobody_has_no_list_until_a_longer_one_affects_somebody():
    book(TARO, day=16)
    pause = stop()
    assert disruption_lists.disruption_of_pause(pause) is None
    assert disruption_lists.disruptions() == []
    assert recorded(ReservationAction.DISRUPTED) == 0
    extend(pause_id=pause, ends_at=at(0, day=17), is_open_ended=False, title="台風", actor=SECRETARIAT)
    assert disruption_lists.disruption_of_pause(pause).left == 1
    assert recorded(ReservationAction.DISRUPTED) == 1


def test_a_pause_pressed_twice_lists_its_people_once():
    book(TARO)
    assert stop() == stop()
    assert recorded(ReservationAction.DISRUPTED) == Disruption.objects.count() == 1


def test_a_visit_that_has_passed_leaves_the_calls_by_itself():
    book(TARO, hour=10)
    late = book(replace(HANAKO, email=""), hour=15)
    stop()
    assert disruption_lists.visits_to_call_count() == 2
    with clock.travel(at(12)):
        assert [row.visit.id for row in disruption_lists.visits_to_call(scope=EVERYWHERE)] == [late.id]
        assert disruption_lists.visits_to_call_count() == 1


def told(pause):
    listed = disruption_lists.disruption_of_pause(pause).id
    for row in disruption_lists.disrupted_visits(listed, scope=EVERYWHERE):
        disruptions.mark_called(visit_id=row.id, actor=SECRETARIAT)


def test_who_another_pause_still_stops_is_not_counted_among_those_to_mail():
    book(hour=10)
    book(replace(TARO, email="t@example.jp"), hour=11, office="HM02")
    everywhere = stop()
    told(everywhere)
    assert disruption_lists.to_mail_when_lifted(everywhere) == 2
    stop(offices=("HM01",))
    assert disruption_lists.to_mail_when_lifted(everywhere) == 1
    assert lift(pause_id=everywhere, people=1, actor=SECRETARIAT) == 1
    assert Mail.objects.filter(kind=MailKind.AS_PLANNED).count() == 1


def test_who_stands_on_another_list_and_is_served_again_is_counted_among_those_to_mail():
    book(hour=10)
    procedure = stop(procedure="CERT_RENEW")
    told(procedure)
    everything = stop()
    assert disruption_lists.disruption_of_pause(everything) is None
    assert [disruption_lists.to_mail_when_lifted(each) for each in (everything, procedure)] == [0, 0]
    lift(pause_id=procedure, people=0, actor=SECRETARIAT)
    assert disruption_lists.to_mail_when_lifted(everything) == 1
    with pytest.raises(PeopleChanged, match="いま1人です"):
        lift(pause_id=everything, people=0, actor=SECRETARIAT)
    assert lift(pause_id=everything, people=1, actor=SECRETARIAT) == 1
    assert Mail.objects.filter(kind=MailKind.AS_PLANNED).count() == 1


def test_who_moved_to_a_time_that_stops_later_is_one_person_of_the_list():
    made = book(TARO)
    pause = stop()
    changes.move(reservation_id=made.id, slot=slot_at(16, 10), actor=SECRETARIAT, channel="PHONE")
    extend(pause_id=pause, ends_at=at(0, day=17), is_open_ended=False, title="", actor=SECRETARIAT)
    listed = disruption_lists.disruption_of_pause(pause)
    assert (DisruptedVisit.objects.count(), listed.people, listed.left) == (2, 1, 1)
