import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reservations", "0002_booked_seats_stay")]
    operations = [
        migrations.AlterField(
            model_name="submission",
            name="reservation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.reservation",
            ),
        ),
    ]
