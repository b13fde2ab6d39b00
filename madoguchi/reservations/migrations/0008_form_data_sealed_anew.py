from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.sealing.services import KeyDestroyed, seal, unseal

BEFORE, NOW = ("reservations_hold", "draft"), ("reservations_bookingsession", "form_data")


def seal_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - the API of migrations
    """Seal what was typed under the names of today, since it opens in its own table and column only.

    What cannot be opened stays as it is, and stays in the list of what is unreadable.
    """
    sessions = apps.get_model("reservations", "BookingSession").objects
    for row in sessions.exclude(form_data=b"").select_related("key").iterator():
        try:
            text = unseal(row.key, BEFORE[0], row.pk, BEFORE[1], row.form_data)
            sealed = seal(row.key, NOW[0], row.pk, NOW[1], text)
        except (KeyDestroyed, ValueUnreadable):
            continue
        sessions.filter(pk=row.pk).update(form_data=sealed)
    unreadable = apps.get_model("sealing", "UnreadableValue").objects
    unreadable.filter(table=BEFORE[0], column=BEFORE[1]).update(table=NOW[0], column=NOW[1])


class Migration(migrations.Migration):
    """Who is booking or waiting while the software is renewed goes on."""

    dependencies = [
        ("reservations", "0007_booking_sessions"),
        ("sealing", "0002_unreadable_values"),
    ]

    operations = [
        migrations.RunPython(seal_anew),
    ]
