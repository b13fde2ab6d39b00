from django.db import migrations, models


class Migration(migrations.Migration):
    """A tablet is of an office or of the city; those registered so far stand in offices."""

    dependencies = [("accounts", "0007_office_assignments")]
    operations = [
        migrations.AddField(
            model_name="device",
            name="zone",
            field=models.CharField(default="contractor", max_length=10),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="device",
            name="office_code",
            field=models.CharField(blank=True, max_length=16, verbose_name="郵便局"),
        ),
        migrations.RemoveConstraint(model_name="device", name="accounts_device_office_is_named"),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("zone", "contractor"), models.Q(("office_code", ""), _negated=True)),
                    models.Q(("office_code", ""), ("zone", "city")),
                    _connector="OR",
                ),
                name="accounts_device_is_of_an_office_or_of_the_city",
            ),
        ),
    ]
