"""Erasing somebody while staff correct them, or keep them back: nobody is left half, nothing comes back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Event
from time import sleep

import pytest
from django.db import connection, connections, transaction
from support.city import NOON
from support.people import HANAKO, SECRETARIAT
from support.secretariat import book

from madoguchi.common import clock
from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.reservations import locking
from madoguchi.reservations.models import Applicant, Reservation
from madoguchi.retention import selectors
from madoguchi.retention import services as erasure
from madoguchi.retention.models import ErasureOrder
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import KeyDestroyed
from madoguchi.workflows.booking import changes
from madoguchi.workflows.privacy import retention

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
WAITING = """SELECT count(*) FROM pg_stat_activity
              WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'"""


@pytest.fixture
def later(lasting_city):
    """A visit of a month ago, and the city's instruction to erase it."""
    made = book(HANAKO)
    with clock.travel(NOON + timedelta(days=30)):
        letter = selectors.Instruction("市戸第1号", clock.today(), "見本課")
        retention.order_erasure(
            until=date(2026, 12, 15), people=1, reason="CONTRACT_END", instruction=letter, actor=SECRETARIAT
        )
        yield made


def until_somebody_waits():
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            sleep(0.01)
    raise AssertionError("nobody waits for the lock")


def while_another(act, *, erased_first):
    """Run an act in another thread that waits for the erasure, and return what it raised."""
    began = Event()

    def run():
        began.wait(timeout=5)
        try:
            act()
        except Refusal as refusal:
            return type(refusal)
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor() as pool:
        other = pool.submit(run)
        with transaction.atomic():
            erased_first()
            began.set()
            until_somebody_waits()
        return other.result(timeout=10)


@pytest.mark.parametrize("guarded", [True, False], ids=["guard", "control: the key says it later"])
def test_a_person_corrected_during_the_erasure_does_not_come_back(later, monkeypatch, guarded):
    if not guarded:

        def blind(reservation_id):
            rows = Reservation.objects.select_for_update(of=("self",)).select_related("applicant__key")
            return locking._locked(rows.get(pk=reservation_id))

        monkeypatch.setattr(locking, "lock_reservation", blind)
    raised = while_another(
        lambda: changes.correct(
            reservation_id=later.id, person=replace(HANAKO, phone="09000001111"), actor=SECRETARIAT
        ),
        erased_first=lambda: erasure.erase_batch(order_id=ErasureOrder.objects.get().pk),
    )
    came_back = Applicant.objects.exclude(name=b"").exists()
    # The key is read anew besides: it is destroyed, so that nothing can be sealed for them any more.
    assert (raised, came_back) == (NotVisible if guarded else KeyDestroyed, False)
    assert PersonKey.objects.filter(wrapped__isnull=False).count() == 0


@pytest.mark.parametrize("guarded", [True, False], ids=["guard", "control: read before the lock"])
def test_a_person_under_legal_hold_set_while_the_erasure_waits_stays(later, monkeypatch, guarded):
    if not guarded:
        monkeypatch.setattr(erasure, "held", lambda _ids: {})
    while_another(
        lambda: retention.carry_out(order_id=ErasureOrder.objects.get().pk),
        erased_first=lambda: erasure.set_legal_hold(
            reservation_id=later.id, reason="審査請求のため", actor=SECRETARIAT
        ),
    )
    assert (Reservation.objects.get(pk=later.id).erased_at is None) == guarded


def test_two_workers_erase_each_person_once_and_make_one_certificate(later):
    row = ErasureOrder.objects.get()

    def work(_number):
        try:
            retention.carry_out(order_id=row.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor() as pool:
        list(pool.map(work, range(2)))
    row.refresh_from_db()
    assert (row.counts["people"], row.number) == (1, 1)
