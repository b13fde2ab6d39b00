-- 36 offices with 20 slots a day of one seat each for what is spread, as many days as a run can fill.
CREATE TABLE slot (id bigint PRIMARY KEY, office text NOT NULL, starts_at timestamptz NOT NULL);
CREATE TABLE seat (slot_id bigint REFERENCES slot, seat_no smallint, reservation_id uuid,
                   PRIMARY KEY (slot_id, seat_no));
CREATE TABLE reservation (id uuid PRIMARY KEY, slot_id bigint REFERENCES slot, name text NOT NULL,
                          phone text NOT NULL, created_at timestamptz NOT NULL);
INSERT INTO slot SELECT n, 'PO' || n % 36, timestamptz '2026-12-01 09:00+09' + n / 36 * interval '30 min'
  FROM generate_series(1, 100000) AS n;
INSERT INTO seat SELECT n, 1 FROM generate_series(1, 100000) AS n;
-- Booked before, as many as with us.
INSERT INTO reservation SELECT gen_random_uuid(), n, '見本', '09000000000', now() FROM generate_series(1, 20000) AS n;
CREATE INDEX ON slot (office, starts_at);
CREATE INDEX ON seat (reservation_id);
-- PostgreSQL alone has seats of its own.
CREATE TABLE lone_seat (slot_id bigint, seat_no smallint, reservation_id uuid, PRIMARY KEY (slot_id, seat_no));
INSERT INTO lone_seat SELECT n, s FROM generate_series(1, 4000) AS n, generate_series(1, 50) AS s;
VACUUM ANALYZE;
