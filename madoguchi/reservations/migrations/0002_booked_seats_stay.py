from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reservations", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION reservations_booked_seats_stay() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'a booked seat is never handed from one reservation to another'
                    USING ERRCODE = 'check_violation';
            END $$;
            CREATE TRIGGER reservations_booked_seats_stay BEFORE UPDATE OF reservation_id ON reservations_seat
                FOR EACH ROW WHEN (OLD.reservation_id IS NOT NULL AND NEW.reservation_id <> OLD.reservation_id)
                EXECUTE FUNCTION reservations_booked_seats_stay();
            CREATE TRIGGER reservations_booked_seats_are_not_deleted BEFORE DELETE ON reservations_seat
                FOR EACH ROW WHEN (OLD.reservation_id IS NOT NULL)
                EXECUTE FUNCTION reservations_booked_seats_stay();
            """,
            """
            DROP TRIGGER reservations_booked_seats_stay ON reservations_seat;
            DROP TRIGGER reservations_booked_seats_are_not_deleted ON reservations_seat;
            DROP FUNCTION reservations_booked_seats_stay();
            """,
        ),
    ]
