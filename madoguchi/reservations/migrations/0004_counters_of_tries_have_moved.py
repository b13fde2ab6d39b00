from django.db import migrations

COPY = """
INSERT INTO rate_limits_ratelimitcounter (scope, source_hash, "window", count)
SELECT scope, source_hash, "window", count FROM reservations_trycount ORDER BY id
"""


class Migration(migrations.Migration):
    """Counters of tries are a ground package of their own, `rate_limits`; the rows go with them."""

    dependencies = [
        ("rate_limits", "0001_initial"),
        ("reservations", "0003_booked_as"),
    ]

    operations = [
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.DeleteModel(name="TryCount"),
    ]
