"""Up to four people in one entry of the waiting list."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.sealing.services import KeyDestroyed, seal, unseal

ENTRY, PERSON = "reservations_wait", "reservations_waitingperson"


def to_people(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - the API of migrations
    """Give each entry its one person, sealed anew, since a value opens in its own table only.

    What cannot be opened stays as it is, and stays in the list of what is unreadable.
    """
    people = apps.get_model("reservations", "WaitingPerson").objects
    for row in apps.get_model("reservations", "Wait").objects.select_related("key").iterator():
        people.create(
            id=row.pk,
            wait=row,
            place=1,
            person=_anew(row.key, ENTRY, PERSON, row.pk, row.person),
            person_hash=row.person_hash,
            procedures=row.procedures,
            in_line=row.ended_at is None,
        )
    _rename_unreadable(apps, ENTRY, PERSON)


def to_entries(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - the API of migrations
    """Give the first person of each entry back to it."""
    waits = apps.get_model("reservations", "Wait").objects
    first = apps.get_model("reservations", "WaitingPerson").objects.filter(place=1)
    for row in first.select_related("wait__key").iterator():
        waits.filter(pk=row.wait_id).update(
            person=_anew(row.wait.key, PERSON, ENTRY, row.wait_id, row.person),
            person_hash=row.person_hash,
            procedures=row.procedures,
        )
    _rename_unreadable(apps, PERSON, ENTRY)


def _anew(key: object, before: str, now: str, row: uuid.UUID, sealed: bytes) -> bytes:
    try:
        return seal(key, now, row, "person", unseal(key, before, row, "person", sealed))  # type: ignore[arg-type]
    except (KeyDestroyed, ValueUnreadable):
        return sealed


def _rename_unreadable(apps: Apps, before: str, now: str) -> None:
    unreadable = apps.get_model("sealing", "UnreadableValue").objects
    unreadable.filter(table=before, column="person").update(table=now)


class Migration(migrations.Migration):
    """Who waits while the software is renewed goes on."""

    dependencies = [("reservations", "0012_waiting_number"), ("sealing", "0002_unreadable_values")]

    operations = [
        migrations.CreateModel(
            name="WaitingPerson",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("person", models.BinaryField()),
                ("person_hash", models.BinaryField()),
                (
                    "procedures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), size=None
                    ),
                ),
                ("in_line", models.BooleanField(default=True)),
                (
                    "wait",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="reservations.wait",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person_hash"], name="waiting_person_by_hash")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("place__gte", 1), ("place__lte", 4)),
                        name="reservations_waitingperson_is_one_of_four",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("procedures__len__gt", 0)),
                        name="reservations_waitingperson_comes_for_something",
                    ),
                    models.UniqueConstraint(
                        fields=("wait", "place"), name="reservations_waitingperson_has_a_place"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("in_line", True)),
                        fields=("person_hash",),
                        name="reservations_waitingperson_waits_once",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="wait", name="reservations_wait_wishes_are_in_order"),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("earliest__lte", models.F("latest")),
                    ("first_day__lte", models.F("last_day")),
                    ("offices__len__gt", 0),
                ),
                name="reservations_wait_wishes_are_in_order",
            ),
        ),
        migrations.RemoveConstraint(model_name="wait", name="reservations_wait_waits_once"),
        # Empty on the way back, until each entry has its person again.
        migrations.AlterField("wait", "person", models.BinaryField(null=True)),
        migrations.AlterField("wait", "person_hash", models.BinaryField(null=True)),
        migrations.AlterField(
            "wait",
            "procedures",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), null=True, size=None
            ),
        ),
        migrations.RunPython(to_people, to_entries),
        migrations.RemoveField("wait", "person"),
        migrations.RemoveField("wait", "person_hash"),
        migrations.RemoveField("wait", "procedures"),
    ]
