from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reservations", "0012_pause"), ("offices", "0002_pause")]
    operations = [
        # The shared lock is taken alone by a pause of one procedure, which takes no seats away. It comes
        # before the look, which is a statement of its own and so sees what was committed while it waited.
        migrations.RunSQL(
            """
            CREATE FUNCTION reservations_nobody_books_into_a_pause() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock_shared(hashtext('offices_pause'));
                IF EXISTS (
                    SELECT 1 FROM offices_pause AS pause
                     WHERE pause.lifted_at IS NULL
                       AND pause.during && tstzrange(NEW.starts_at,
                                                     NEW.starts_at + make_interval(mins => NEW.minutes))
                       AND (pause.offices = '{}' OR NEW.office_id = ANY(pause.offices))
                       AND (pause.procedure_id IS NULL OR EXISTS (
                            SELECT 1 FROM reservations_reservedprocedure AS item
                             WHERE item.reservation_id = NEW.id AND item.procedure_id = pause.procedure_id)))
                THEN
                    RAISE EXCEPTION 'the time is stopped (offices_pause)' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER reservations_nobody_books_into_a_pause AFTER INSERT ON reservations_reservation
                FOR EACH ROW EXECUTE FUNCTION reservations_nobody_books_into_a_pause();
            CREATE TRIGGER reservations_nobody_moves_into_a_pause
                AFTER UPDATE OF starts_at, office_id ON reservations_reservation
                FOR EACH ROW WHEN ((OLD.starts_at, OLD.office_id) IS DISTINCT FROM (NEW.starts_at, NEW.office_id))
                EXECUTE FUNCTION reservations_nobody_books_into_a_pause();
            """,
            """
            DROP TRIGGER reservations_nobody_books_into_a_pause ON reservations_reservation;
            DROP TRIGGER reservations_nobody_moves_into_a_pause ON reservations_reservation;
            DROP FUNCTION reservations_nobody_books_into_a_pause();
            """,
        ),
    ]
