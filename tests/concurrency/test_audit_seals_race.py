"""Sealing while others write, and two workers at once; each guard has a control without it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError, Event

import pytest
from django.db import IntegrityError, connections, transaction

from madoguchi.audit import seals
from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.models import AuditEntry, AuditSeal, AuditSealedEntry
from madoguchi.audit.seals import seal_entries, unsealed
from madoguchi.audit.services import record
from madoguchi.audit.verification import faults

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("seal_keys_set"),
]


def write(target):
    record(action="test.thing.done", actor=SYSTEM, target=target)


@contextmanager
def long_transaction(target):
    """Write an entry in a transaction of its own that is committed when the block ends."""
    written, end = Event(), Event()

    def work():
        try:
            with transaction.atomic():
                write(target)
                written.set()
                end.wait(10)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(work)
        written.wait(10)
        try:
            yield
        finally:
            end.set()
            job.result()


def sealed_in_order():
    return list(AuditSealedEntry.objects.order_by("seal", "place").values_list("seal_id", "entry__target"))


def test_an_entry_of_a_long_transaction_is_sealed_when_it_is_there_and_holds_up_nobody():
    with long_transaction("late"):
        write("early")
        assert [row.entries for row in seal_entries()] == [1]
        write("meanwhile")
        assert [row.entries for row in seal_entries()] == [1]
    assert unsealed().count == 1
    seal_entries()
    assert sealed_in_order() == [(1, "early"), (2, "meanwhile"), (3, "late")]
    assert list(faults()) == []


def test_control_a_seal_that_takes_no_account_of_running_transactions_loses_the_late_entry(monkeypatch):
    running = seals._running
    monkeypatch.setattr(seals, "_running", lambda: (running()[1], running()[1]))
    with long_transaction("late"):
        write("early")
        seal_entries()
    assert (unsealed().count, seal_entries()) == (0, [])
    assert sealed_in_order() == [(1, "early")]
    assert ["どの封印にもありません" in fault for fault in faults()] == [True]


def test_an_entry_that_is_rolled_back_leaves_no_gap_behind():
    with transaction.atomic():
        write("never")
        transaction.set_rollback(True)
    write("early")
    seal_entries()
    assert sealed_in_order() == [(1, "early")]
    assert list(faults()) == []


def two_workers(monkeypatch, seconds=1):
    """Let two workers begin at once: the first goes on only when the second has come as far, or given up."""
    meet = Barrier(2)
    running = seals._running

    def wait_for_the_other():
        with suppress(BrokenBarrierError):  # the other was stopped before it came here
            meet.wait(seconds)
        return running()

    monkeypatch.setattr(seals, "_running", wait_for_the_other)

    def work(_number):
        try:
            return [row.number for row in seal_entries()]
        except IntegrityError:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return sorted(map(str, pool.map(work, range(2))))


def test_one_of_two_workers_seals_and_the_other_does_nothing(monkeypatch):
    write("early")
    assert two_workers(monkeypatch) == ["[1]", "[]"]
    assert list(faults()) == []


def test_control_without_the_lock_the_database_still_refuses_a_second_seal_of_one_number(monkeypatch):
    monkeypatch.setattr(seals, "_is_ours_alone", lambda: True)
    write("early")
    # Nobody is held off: both come, however slow the machine is.
    assert two_workers(monkeypatch, 20) == ["[1]", "refused"]
    assert (AuditSeal.objects.count(), AuditSealedEntry.objects.count()) == (1, 1)


def test_many_writers_and_two_workers_leave_nothing_out_and_nothing_twice():
    def work(number):
        try:
            if number % 5 == 0:
                seal_entries()
            elif number % 2:
                write(f"thing:{number}")
            else:
                with transaction.atomic():
                    write(f"thing:{number}")
                    seals._running()
                    write(f"thing:{number}b")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(60)))
    seal_entries()
    assert AuditSealedEntry.objects.count() == AuditEntry.objects.count() == 72
    assert list(faults()) == []
