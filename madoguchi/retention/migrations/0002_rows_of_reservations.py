import uuid
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.sealing.services import KeyDestroyed, seal, unseal

BEFORE, TABLE = "reservations_export", "retention_export"
PLAIN = "id, key_id, asked_by, asked_at, kind, reason, people"
COPY = """
INSERT INTO retention_legalhold (reservation_id, reason, set_at, set_by, lifted_at, lifted_by)
SELECT reservation_id, reason, set_at, set_by, lifted_at, lifted_by FROM reservations_preservation ORDER BY id;
INSERT INTO retention_erasureorder (id, reason, until, reservations, waits, document_number, document_on,
                                    instructed_by, asked_at, asked_by, counts, ended_at, number, certificate)
SELECT id, reason, until, reservations, waits, document_number, document_on,
       instructed_by, asked_at, asked_by, counts, ended_at, number, certificate FROM reservations_erasure;
"""
DROP = """
DROP TABLE reservations_preservation;
DROP TABLE reservations_erasure;
DROP TABLE reservations_export;
"""


def move_exports(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take over the files of the last day; what is sealed opens in its own table only, so it is sealed anew."""
    key_of, export = apps.get_model("sealing", "PersonKey").objects, apps.get_model("retention", "Export")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"SELECT {PLAIN}, query, content, state, note, ended_at FROM {BEFORE}")  # noqa: S608
        found = cursor.fetchall()
    for *plain, query, content, state, note, ended_at in found:
        row = export(**dict(zip(PLAIN.split(", "), plain, strict=True)))
        row.state, row.note, row.ended_at = state, note, ended_at
        key = key_of.get(pk=row.key_id)
        try:
            row.query = moved(key, row.id, "query", query)
            row.content = moved(key, row.id, "content", content)
        except (KeyDestroyed, ValueUnreadable):
            row.query = row.content = b""
            row.state, row.note = "FAILED", "ファイルを読み取れませんでした。もう一度書き出してください。"
            row.ended_at = ended_at or row.asked_at
        row.save(force_insert=True)


def moved(key: Any, row: uuid.UUID, column: str, sealed: bytes) -> bytes:
    """Return a sealed value as the table of today opens it. Raises KeyDestroyed and ValueUnreadable."""
    return seal(key, TABLE, row, column, unseal(key, BEFORE, row, column, sealed))


class Migration(migrations.Migration):
    """Take over legal holds, erasure orders and exports from the tables they had in `reservations`."""

    dependencies = [
        ("retention", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(COPY),
        migrations.RunPython(move_exports),
        migrations.RunSQL(DROP),
    ]
