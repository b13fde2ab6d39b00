from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("backups", "0001_runs"),
    ]
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("backup", models.CharField(max_length=16)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("bytes", models.BigIntegerField(default=0)),
                ("second_copy", models.CharField(default="NONE", max_length=10)),
                ("failure", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["BACKUP", "DRILL"])),
                        name="backups_run_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("second_copy__in", ["NONE", "REACHED", "MISSED"])),
                        name="backups_run_second_copy_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("began_at__lte", models.F("ended_at"))),
                        name="backups_run_begins_before_it_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("bytes__gt", 0), ("failure", "")),
                            models.Q(models.Q(("failure", ""), _negated=True), ("bytes", 0)),
                            _connector="OR",
                        ),
                        name="backups_run_has_a_size_or_failed",
                    ),
                ],
            },
        ),
    ]
