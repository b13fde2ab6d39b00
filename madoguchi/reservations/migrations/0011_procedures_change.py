"""A standing visit may change its procedures: none into a pause, and never the last one away."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reservations", "0010_when_changed_and_cancelled")]

    operations = [
        # A visit may grow longer, and so reach into a time that is stopped.
        migrations.RunSQL(
            """
            DROP TRIGGER reservations_nobody_moves_into_a_pause ON reservations_reservation;
            CREATE TRIGGER reservations_nobody_moves_into_a_pause
                AFTER UPDATE OF starts_at, office_id, minutes ON reservations_reservation
                FOR EACH ROW WHEN ((OLD.starts_at, OLD.office_id) IS DISTINCT FROM (NEW.starts_at, NEW.office_id)
                                   OR NEW.minutes > OLD.minutes)
                EXECUTE FUNCTION reservations_nobody_books_into_a_pause();
            """,
            """
            DROP TRIGGER reservations_nobody_moves_into_a_pause ON reservations_reservation;
            CREATE TRIGGER reservations_nobody_moves_into_a_pause
                AFTER UPDATE OF starts_at, office_id ON reservations_reservation
                FOR EACH ROW WHEN ((OLD.starts_at, OLD.office_id) IS DISTINCT FROM (NEW.starts_at, NEW.office_id))
                EXECUTE FUNCTION reservations_nobody_books_into_a_pause();
            """,
        ),
        # While somebody books, the procedures come before the visit, whose own trigger looks at them.
        migrations.RunSQL(
            """
            CREATE FUNCTION reservations_no_procedure_into_a_pause() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock_shared(hashtext('offices_pause'));
                IF EXISTS (
                    SELECT 1 FROM reservations_reservation AS visit JOIN offices_pause AS pause
                        ON pause.lifted_at IS NULL AND pause.procedure_id = NEW.procedure_id
                       AND pause.during && tstzrange(visit.starts_at,
                                                     visit.starts_at + make_interval(mins => visit.minutes))
                       AND (pause.offices = '{}' OR visit.office_id = ANY(pause.offices))
                     WHERE visit.id = NEW.reservation_id)
                THEN
                    RAISE EXCEPTION 'the procedure is stopped (offices_pause)' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER reservations_no_procedure_into_a_pause
                AFTER INSERT ON reservations_reservedprocedure
                FOR EACH ROW EXECUTE FUNCTION reservations_no_procedure_into_a_pause();
            """,
            """
            DROP TRIGGER reservations_no_procedure_into_a_pause ON reservations_reservedprocedure;
            DROP FUNCTION reservations_no_procedure_into_a_pause();
            """,
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION reservations_a_visit_keeps_a_procedure() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT 1 FROM reservations_reservation WHERE id = OLD.reservation_id)
                   AND NOT EXISTS (SELECT 1 FROM reservations_reservedprocedure
                                    WHERE reservation_id = OLD.reservation_id)
                THEN
                    RAISE EXCEPTION 'a visit has one procedure at least' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER reservations_a_visit_keeps_a_procedure
                AFTER DELETE ON reservations_reservedprocedure DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION reservations_a_visit_keeps_a_procedure();
            """,
            """
            DROP TRIGGER reservations_a_visit_keeps_a_procedure ON reservations_reservedprocedure;
            DROP FUNCTION reservations_a_visit_keeps_a_procedure();
            """,
        ),
    ]
