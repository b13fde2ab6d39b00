import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

COPY = """
    INSERT INTO accounts_officeassignment (user_id, office_code)
    SELECT user_id, office_id FROM offices_officeassignment ORDER BY id
"""
COPY_BACK = """
    INSERT INTO offices_officeassignment (user_id, office_id)
    SELECT user_id, office_code FROM accounts_officeassignment ORDER BY id
"""


class Migration(migrations.Migration):
    """Take over who works where; `offices.0002_assignments_in_accounts` drops the table of before."""

    dependencies = [("accounts", "0006_nothing_typed_is_kept"), ("offices", "0001_squashed")]
    operations = [
        migrations.CreateModel(
            name="OfficeAssignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("office_code", models.CharField(max_length=16)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "office_code"), name="accounts_officeassignment_once"
                    ),
                    models.CheckConstraint(
                        condition=~models.Q(office_code=""),
                        name="accounts_officeassignment_office_is_named",
                    ),
                ],
            },
        ),
        migrations.RunSQL(COPY, COPY_BACK),
    ]
