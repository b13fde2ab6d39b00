-- As many offices as the country has, each like the one named by :pattern, with its slots of 14 open days.
-- Set-based; what is copied has passed the constraints, and indexes are built when the rows are there.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';

INSERT INTO offices_office
SELECT (jsonb_populate_record(pattern, jsonb_build_object(
           'code', 'N' || lpad(number::text, 5, '0'),
           'latitude', 26 + random() * 18, 'longitude', 128 + random() * 17))).*
  FROM offices_office AS pattern, generate_series(1, :offices) AS number
 WHERE pattern.code = :'pattern';

CREATE TEMPORARY TABLE times AS
SELECT slot.id, slot.starts_at, slot.ends_at, slot.capacity, seat.seat_no, seat.web_from
  FROM offices_slot AS slot JOIN reservations_seat AS seat ON seat.slot_id = slot.id
 WHERE office_id = :'pattern' AND starts_at >= :'first_day'::date
   AND starts_at < :'first_day'::date + interval '20 days';

-- Their numbers are told beforehand, so that no join is needed between millions of both.
CREATE TEMPORARY TABLE numbered AS
SELECT row_number() OVER (ORDER BY code, starts_at)
           + (SELECT max(id) FROM offices_slot) + 1000000 AS id,
       code, starts_at, ends_at, capacity, seat_no, web_from
  FROM offices_office, times WHERE code ~ '^N[0-9]{5}$';

CREATE TEMPORARY TABLE indexes AS
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid AND contype IN ('p', 'u')
 WHERE indrelid = 'offices_slot'::regclass AND pg_constraint.oid IS NULL;
SELECT 'DROP INDEX ' || name FROM indexes \gexec
ALTER TABLE offices_slot DROP CONSTRAINT offices_slot_once;
ALTER TABLE reservations_seat DROP CONSTRAINT reservations_seat_pkey;

INSERT INTO offices_slot (id, office_id, starts_at, ends_at, capacity)
SELECT id, code, starts_at, ends_at, capacity FROM numbered;
INSERT INTO reservations_seat (slot_id, seat_no, web_from, is_withdrawn)
SELECT id, seat_no, web_from, false FROM numbered;

SELECT definition FROM indexes \gexec
ALTER TABLE offices_slot ADD CONSTRAINT offices_slot_once UNIQUE (office_id, starts_at);
ALTER TABLE reservations_seat ADD CONSTRAINT reservations_seat_pkey PRIMARY KEY (slot_id, seat_no);
VACUUM ANALYZE offices_office, offices_slot, reservations_seat;
SELECT count(*) FROM numbered;
