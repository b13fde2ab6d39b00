from django.db import migrations


class Migration(migrations.Migration):
    """Legal holds, erasure orders and exports lie in `retention`, whose migrations take over the rows."""

    dependencies = [
        ("reservations", "0005_disruption_notices"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="Preservation"),
                migrations.DeleteModel(name="Erasure"),
                migrations.DeleteModel(name="Export"),
            ]
        ),
    ]
