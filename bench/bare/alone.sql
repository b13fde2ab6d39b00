\set slot random(1, 4000)
BEGIN;
UPDATE lone_seat AS mine SET reservation_id = gen_random_uuid()
  FROM (SELECT slot_id, seat_no FROM lone_seat WHERE slot_id = :slot AND reservation_id IS NULL
         ORDER BY seat_no LIMIT 1 FOR UPDATE SKIP LOCKED) AS free
 WHERE mine.slot_id = free.slot_id AND mine.seat_no = free.seat_no;
INSERT INTO reservation (id, slot_id, name, phone, created_at) VALUES (gen_random_uuid(), :slot, 'x', 'x', now());
COMMIT;
