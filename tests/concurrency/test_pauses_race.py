"""A pause and a booking at the same moment: whoever booked is on the list, whoever comes later is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event

import pytest
from django.db import connection, connections
from support.secretariat import SECRETARIAT, book

from madoguchi.common.clock import JST
from madoguchi.offices import pauses
from madoguchi.offices.pauses import Scope
from madoguchi.reservations import creation
from madoguchi.reservations.disruption_lists import disruption_of_pause
from madoguchi.reservations.errors import Paused
from madoguchi.reservations.models import Reservation
from madoguchi.workflows.outage import pauses as workflow

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]


def stop(procedure):
    day = datetime(2026, 12, 15, tzinfo=JST)
    scope = Scope(day, day.replace(day=16), (), procedure)
    return workflow.begin(
        scope=scope, cause="TYPHOON", is_open_ended=False, title="台風", banner=None, actor=SECRETARIAT
    )


def stopping_while_somebody_books(monkeypatch, module, step, procedure):
    """Pause after a step of a booking; return what the booking said and how many are hit."""
    begun, stopped = Event(), Event()
    real = getattr(module, step)

    def and_wait(*args, **kwargs):
        answer = real(*args, **kwargs)
        begun.set()
        stopped.wait(timeout=1)  # where the pause waits for this booking, it cannot come
        return answer

    def try_to_book():
        try:
            book()
        except Paused as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return ""

    def then_stop():
        begun.wait(timeout=5)
        try:
            return stop(procedure)
        finally:
            stopped.set()
            connections.close_all()

    monkeypatch.setattr(module, step, and_wait)
    with ThreadPoolExecutor(2) as pool:
        said, pause = pool.submit(try_to_book), pool.submit(then_stop)
        listed = disruption_of_pause(pause.result())
        return said.result(), listed.people if listed else 0


@pytest.mark.parametrize(
    ("statement", "hit"), [(pauses.ALONE, 1), ("SELECT 1", 0)], ids=["alone", "control: not alone"]
)
def test_a_booking_made_while_its_procedure_stops_is_on_the_list(monkeypatch, statement, hit):
    monkeypatch.setattr(pauses, "ALONE", statement)
    found = stopping_while_somebody_books(monkeypatch, creation, "refuse_unwritten", "CERT_RENEW")
    assert found == ("", hit)


@pytest.mark.parametrize(("lays_out", "hit"), [(True, 1), (False, 0)], ids=["seats", "control: no seats"])
def test_a_booking_made_while_its_office_stops_is_on_the_list(monkeypatch, lays_out, hit):
    if not lays_out:
        monkeypatch.setattr(workflow, "fit_seats", lambda **_: [])
    assert stopping_while_somebody_books(monkeypatch, creation, "refuse_unwritten", "") == ("", hit)


@pytest.mark.parametrize(
    ("guard", "code"), [("ENABLE", "paused"), ("DISABLE", "")], ids=["trigger", "control"]
)
def test_a_held_seat_is_refused_once_the_procedure_stops(monkeypatch, guard, code):
    alter = f"ALTER TABLE reservations_reservation {guard} TRIGGER reservations_nobody_books_into_a_pause"
    with connection.cursor() as cursor:
        cursor.execute(alter)
    try:
        found = stopping_while_somebody_books(monkeypatch, creation, "take", "CERT_RENEW")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(alter.replace("DISABLE", "ENABLE"))
    assert found == (code, 0)
    assert Reservation.objects.exists() == (not code)
