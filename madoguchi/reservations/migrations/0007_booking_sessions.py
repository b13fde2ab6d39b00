import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

SESSION_AND_TIME = "reservations_seat_session_and_held_until_go_together"
HOLD_AND_TIME = "reservations_seat_hold_and_held_until_go_together"
HELD_OR_BOOKED = "reservations_seat_is_held_or_booked_not_both"


class Migration(migrations.Migration):
    """A row of somebody who books is a `BookingSession`; what was typed into it is sealed anew by the next."""

    dependencies = [
        ("reservations", "0006_orders_holds_and_exports_have_moved"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="seat", name=HOLD_AND_TIME),
        migrations.RemoveConstraint(model_name="seat", name=HELD_OR_BOOKED),
        migrations.RemoveIndex(model_name="seat", name="seat_hold"),
        migrations.RenameModel(old_name="Hold", new_name="BookingSession"),
        migrations.RenameField(model_name="bookingsession", old_name="draft", new_name="form_data"),
        migrations.RenameField(model_name="seat", old_name="hold", new_name="session"),
        migrations.RenameField(model_name="wait", old_name="hold", new_name="session"),
        migrations.AlterField(
            model_name="bookingsession",
            name="reservation",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="session",
                to="reservations.reservation",
            ),
        ),
        migrations.RenameIndex(
            model_name="bookingsession", old_name="hold_used", new_name="bookingsession_used"
        ),
        migrations.RenameIndex(
            model_name="bookingsession", old_name="hold_source", new_name="bookingsession_source"
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(fields=["session"], name="seat_session", condition=Q(session__isnull=False)),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                name=SESSION_AND_TIME,
                condition=Q(session__isnull=True, held_until__isnull=True)
                | Q(session__isnull=False, held_until__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                name=HELD_OR_BOOKED,
                condition=Q(session__isnull=True) | Q(reservation__isnull=True),
            ),
        ),
        # Names that PostgreSQL or Django gave: keys, their indexes and constraints.
        migrations.RunSQL(
            r"""
            DO $$ DECLARE named record; BEGIN
                FOR named IN
                    SELECT conrelid::regclass AS place, conname AS name FROM pg_constraint
                    WHERE conname LIKE 'reservations\_hold\_%' OR conname LIKE 'reservations\_wait\_hold\_id%'
                LOOP
                    EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', named.place, named.name,
                        left(replace(replace(named.name, 'ns_hold', 'ns_bookingsession'),
                            'wait_hold', 'wait_session'), 63));
                END LOOP;
                FOR named IN
                    SELECT relname AS name FROM pg_class
                    WHERE relkind = 'i' AND relname LIKE 'reservations\_hold\_%'
                LOOP
                    EXECUTE format('ALTER INDEX %I RENAME TO %I', named.name,
                        replace(named.name, 'ns_hold', 'ns_bookingsession'));
                END LOOP;
            END $$;
            """,
            migrations.RunSQL.noop,
        ),
    ]
