"""A time that is closed while slots are laid out by an older plan is not offered: whoever changes waits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Event

import pytest
from django.db import connections
from support.people import SECRETARIAT

from madoguchi.common.clock import JST
from madoguchi.offices import services
from madoguchi.offices.models import Closure, Pause, Slot
from madoguchi.offices.pauses import Scope
from madoguchi.offices.services import close_office, withdraw_closure
from madoguchi.reservations.models import Seat
from madoguchi.workflows.capacity.slots import change_offering, extend_slots
from madoguchi.workflows.outage import pauses

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
DAY = datetime(2026, 12, 15, tzinfo=JST)
change = partial(change_offering, places=["HM01"], title="台風", actor=SECRETARIAT)


def close():
    change(
        change=lambda: close_office(
            office="HM01", starts_at=DAY, ends_at=DAY.replace(day=16), reason="TYPHOON", note="",
            actor=SECRETARIAT,
        )
    )  # fmt: skip


def withdraw():
    withdraw_closure(closure_id=Closure.objects.get(withdrawn_at=None).pk, actor=SECRETARIAT)


def stop(*offices):
    pauses.begin(
        scope=Scope(DAY, DAY.replace(day=16), offices), cause="TYPHOON", is_open_ended=False, title="台風",
        banner=None, actor=SECRETARIAT,
    )  # fmt: skip


def closed_and_withdrawn():
    """Leave a closure withdrawn whose slots are not laid out yet: the night will offer them again."""
    close()
    withdraw()


RACES = {
    "a closure while another is withdrawn": (close, lambda: change(change=withdraw), close),
    "a pause while the night lays out": (closed_and_withdrawn, extend_slots, stop),
    "a closure while a pause is lifted": (
        partial(stop, "HM01"),
        lambda: pauses.lift(pause_id=Pause.objects.get().pk, people=0, actor=SECRETARIAT),
        close,
    ),
}


@pytest.mark.parametrize(
    ("is_locked", "seconds"), [(True, 0.5), (False, 20)], ids=["lock", "control: no lock"]
)
@pytest.mark.parametrize("race", RACES)
def test_nothing_is_offered_in_a_time_that_is_closed_meanwhile(monkeypatch, race, is_locked, seconds):
    before, reopen, shut = RACES[race]
    before()
    planned, closed, make_plan = Event(), Event(), services._Plan
    if not is_locked:
        monkeypatch.setattr(services, "SERIALIZE", "SELECT 1")

    def plan_and_wait(**facts):
        plan = make_plan(**facts)
        if not planned.is_set():
            planned.set()
            closed.wait(timeout=seconds)  # with the lock, nobody closes before this is laid out
        return plan

    monkeypatch.setattr(services, "_Plan", plan_and_wait)

    def then_shut():
        planned.wait(timeout=20)
        shut()
        closed.set()

    def run(what):
        try:
            what()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run, what) for what in (reopen, then_shut)]:
            done.result()
    offered = Slot.objects.filter(office="HM01", starts_at__date=DAY.date(), capacity__gt=0)
    assert offered.exists() != is_locked
    assert Seat.objects.filter(slot__in=offered, is_withdrawn=False).exists() != is_locked
