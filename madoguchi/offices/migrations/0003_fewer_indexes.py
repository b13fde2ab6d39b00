import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offices", "0002_pause"),
    ]

    operations = [
        migrations.AlterField(
            model_name="slot",
            name="office",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="slots",
                to="offices.office",
            ),
        ),
    ]
