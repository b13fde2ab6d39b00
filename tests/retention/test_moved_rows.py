"""Legal holds, orders and files of a database from before `retention` come over whole, and can be opened."""

import base64
import uuid
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from support.people import HANAKO
from support.secretariat import book

from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.retention import exports, selectors
from madoguchi.sealing.services import new_key, seal

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
MINE = Actor("staff", "1")
BEFORE = ("reservations", "0005_disruption_notices")


@pytest.fixture
def old(lasting_city):
    """Put the tables back as they were before, and return their models."""
    models = MigrationLoader(connection).project_state(BEFORE).apps
    found = {name: models.get_model("reservations", name) for name in ("Preservation", "Erasure", "Export")}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE retention_legalhold, retention_erasureorder, retention_export")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'retention'")
    with connection.schema_editor() as editor:
        for model in found.values():
            editor.create_model(model)
    return found


def put_file(old, kind, content):
    key, row = new_key(), uuid.uuid4()
    key.save()
    text = base64.b64encode(content).decode()
    sealed = {
        "query": seal(key, "reservations_export", row, "query", "{}"),
        "content": seal(key, "reservations_export", row, "content", text),
    }
    old["Export"].objects.create(
        id=row, key_id=key.pk, asked_by=str(MINE), asked_at=clock.now(), kind=kind, reason="CITY",
        state="READY", people=1, ended_at=clock.now(), **sealed,
    )  # fmt: skip
    return row


def test_holds_orders_and_files_come_over(old):
    made = book(HANAKO)
    hold = {"reservation_id": made.id, "reason": "審査請求のため", "set_at": clock.now(), "set_by": "staff:1"}
    old["Preservation"].objects.create(**hold)
    old["Preservation"].objects.filter(reason="審査請求のため").update(
        lifted_at=clock.now(), lifted_by="staff:2"
    )
    old["Preservation"].objects.create(**hold)
    order = old["Erasure"].objects.create(
        id=uuid.uuid4(), reason="CITY", until=date(2026, 1, 1), document_number="市戸第1号", number=7,
        document_on=date(2026, 1, 5), instructed_by="見本課", asked_at=clock.now(), asked_by="staff:1",
        counts={"meant": 2, "people": 2}, ended_at=clock.now(), certificate=b"%PDF",
    )  # fmt: skip
    whole, damaged = put_file(old, "pdf", b"%PDF file"), put_file(old, "csv", b"x")
    old["Export"].objects.filter(pk=damaged).update(content=b"y" * 40)
    call_command("migrate", "retention", verbosity=0)
    assert selectors.held([made.id]) == {made.id: "審査請求のため"}
    assert selectors.certificate(order.pk) == (7, b"%PDF")
    assert selectors.erasure_order(order.pk).counts == {"meant": 2, "people": 2}
    assert exports.open_export(export_id=whole, actor=MINE)[2] == b"%PDF file"
    assert {row.id: row.state for row, _query in exports.exports_of(MINE)} == {
        whole: "READY",
        damaged: "FAILED",
    }
    gone = {f"reservations_{name}" for name in ("preservation", "erasure", "export")}
    assert gone & set(connection.introspection.table_names()) == set()
