"""Whoever was booking or waiting before `Hold` became `BookingSession` goes on, and nothing looks damaged."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from support.crowd import sell_out
from support.people import HANAKO, OPERATOR
from support.secretariat import slot_at

from madoguchi.reservations.booking_sessions import find_session
from madoguchi.reservations.models import BookingSession, Seat
from madoguchi.reservations.waiting import wait_of
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.sealing.models import UnreadableValue
from madoguchi.sealing.services import note_unreadable, seal, unseal
from madoguchi.sealing.sweep import check_sealed
from madoguchi.workflows.booking import changes, sessions, waiting

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
DAY = date(2026, 12, 15)
RENEW = ("CERT_RENEW",)
TYPED = {"office": "HM01", "members": [{"person": {"name": "見本花子"}}]}


def put_back():
    """Seal what was typed as the table of before did, and give table and columns their names of before."""
    for row in BookingSession.objects.exclude(form_data=b"").select_related("key"):
        text = unseal(row.key, "reservations_bookingsession", row.pk, "form_data", row.form_data)
        row.form_data = seal(row.key, "reservations_hold", row.pk, "draft", text)
        row.save(update_fields=["form_data"])
    loader = MigrationLoader(connection)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no index goes while rows wait for their check
    with connection.schema_editor() as editor:
        for name, before in (
            ("0013_waiting_people", "0012_waiting_number"),
            ("0012_waiting_number", "0011_procedures_change"),
            ("0011_procedures_change", "0010_when_changed_and_cancelled"),
            ("0010_when_changed_and_cancelled", "0009_staff_channels"),
            ("0007_booking_sessions", "0006_orders_holds_and_exports_have_moved"),
        ):
            state = loader.project_state(("reservations", before))
            loader.get_migration("reservations", name).unapply(state, editor)
    with connection.cursor() as cursor:
        # Those as well that come after them: what the one of the channels changes, it can change twice.
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'reservations' AND name = ANY(%s)",
            [
                [
                    "0007_booking_sessions",
                    "0008_form_data_sealed_anew",
                    "0009_staff_channels",
                    "0010_when_changed_and_cancelled",
                    "0011_procedures_change",
                    "0012_waiting_number",
                    "0013_waiting_people",
                ]
            ],
        )
        cursor.execute("SELECT count(*) FROM reservations_hold WHERE draft <> ''")
        return cursor.fetchone()[0]


def test_booking_sessions_and_waiting_entries_go_on_after_the_table_was_renamed():
    token = sessions.start_session(source="a", form_data=TYPED)
    sessions.hold_slot(token=token, slot=slot_at(16, 9), codes=RENEW)
    day = Wish(("HM01",), DAY, DAY)
    booked = sell_out(DAY)
    waits = waiting.enter(person=HANAKO, procedures=RENEW, wish=day, channel="PHONE", actor=OPERATOR)
    changes.cancel(reservation_id=booked[0].id, actor=OPERATOR, channel="PHONE")
    assert put_back() == 2
    call_command("migrate", "reservations", verbosity=0)
    row = find_session(token)
    assert (row.form_data, row.slot_ids, row.is_live) == (TYPED, (slot_at(16, 9),), True)
    assert find_session(waits.link_token).form_data == {}
    assert wait_of(waits.link_token).is_open
    assert Seat.objects.exclude(session=None).count() == 2
    assert check_sealed() == []


def test_a_value_that_was_damaged_before_stays_in_the_list_of_damaged_ones():
    token = sessions.start_session(source="a", form_data=TYPED)
    row = find_session(token).id
    put_back()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reservations_hold SET draft = %s", [b"x" * 40])
    note_unreadable(table="reservations_hold", row=row, column="draft")
    call_command("migrate", "reservations", verbosity=0)
    assert UnreadableValue.objects.get().table == "reservations_bookingsession"
    assert check_sealed() == [f"reservations_bookingsession {row} form_data"]
