"""A number for each entry of the waiting list, and the offers that were passed on."""

from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models

from madoguchi.common.references import new_reference


def number(apps: Any, _editor: Any) -> None:
    """Give each entry a number."""
    waits = apps.get_model("reservations", "Wait")
    for key in waits.objects.values_list("pk", flat=True):
        waits.objects.filter(pk=key).update(reference=new_reference())


class Migration(migrations.Migration):
    dependencies = [("reservations", "0011_procedures_change")]

    operations = [
        migrations.AddField(
            model_name="wait",
            name="passed",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="wait", name="reference", field=models.CharField(max_length=10, null=True)
        ),
        migrations.RunPython(number, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="wait", name="reference", field=models.CharField(max_length=10, unique=True)
        ),
    ]
