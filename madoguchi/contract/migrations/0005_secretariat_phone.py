"""The telephone number at which post offices reach the secretariat; until the pack is loaded, the help desk's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contract", "0004_master_data")]

    operations = [
        migrations.AddField(
            model_name="program",
            name="secretariat_phone",
            field=models.CharField(default="", max_length=13),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE contract_program SET secretariat_phone = helpdesk_phone", migrations.RunSQL.noop
        ),
    ]
