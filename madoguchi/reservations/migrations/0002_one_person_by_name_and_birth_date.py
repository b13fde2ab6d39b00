from django.db import migrations

# A claim was made of name, reading and birth date; now it is the hash of name and birth date that the applicant
# has already. Of two who differed by their reading alone, the first booked keeps the claim; the other stands
# like a repeat that staff booked.
CLAIM_BY_PERSON = """
UPDATE reservations_reservedprocedure AS claimed
   SET claim = CASE WHEN ranked.place = 1 THEN ranked.person_hash END
  FROM (SELECT p.id, a.person_hash,
               row_number() OVER (PARTITION BY p.procedure_id, a.person_hash ORDER BY r.booked_at, p.id) AS place
          FROM reservations_reservedprocedure AS p
          JOIN reservations_reservation AS r ON r.id = p.reservation_id
          JOIN reservations_applicant AS a ON a.id = r.applicant_id
         WHERE p.claim IS NOT NULL) AS ranked
 WHERE claimed.id = ranked.id
"""


class Migration(migrations.Migration):
    dependencies = [("reservations", "0001_squashed")]
    operations = [migrations.RunSQL(CLAIM_BY_PERSON, migrations.RunSQL.noop)]
