"""Each check of the ledgers is broken by hand, and it alone speaks."""

from datetime import date, timedelta

import pytest
from django.db import connection
from support.people import HANAKO, OPERATOR, somebody
from support.secretariat import book, slot_at

from madoguchi.common import clock
from madoguchi.reservations import invariants as reservations
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.retention import invariants as retention
from madoguchi.workflows.booking import changes, waiting
from madoguchi.workflows.operations.invariants import breaches

PARTS = {
    "standing": "(SELECT id FROM reservations_reservation WHERE status = 'BOOKED' AND changed_at IS NULL)",
    "cancelled": "(SELECT id FROM reservations_reservation WHERE status = 'CANCELLED')",
    "free": "(SELECT min(id) FROM offices_slot WHERE office_id = 'HM01' AND starts_at > '2026-12-20')",
    "forget": "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE audit_auditentry DISABLE TRIGGER USER;"
    " DELETE FROM audit_auditentry",
}
BROKEN = [
    ("booked_seats", "UPDATE reservations_seat SET reservation_id = NULL WHERE reservation_id = {standing}"),
    # A hole in a run of three, and the first slot twice.
    ("booked_seats", """
        UPDATE reservations_seat SET reservation_id = NULL WHERE reservation_id = {standing} AND slot_id = (
            SELECT slot_id FROM reservations_seat
             WHERE reservation_id = {standing} ORDER BY slot_id OFFSET 1 LIMIT 1);
        UPDATE offices_slot SET capacity = 2 WHERE id =
            (SELECT min(slot_id) FROM reservations_seat WHERE reservation_id = {standing});
        INSERT INTO reservations_seat (slot_id, seat_no, web_from, reservation_id, is_withdrawn)
        SELECT min(slot_id), 2, now(), {standing}, false
          FROM reservations_seat WHERE reservation_id = {standing}"""),
    ("withdrawn_seats", """
        UPDATE offices_slot SET capacity = 0 WHERE id IN
            (SELECT slot_id FROM reservations_seat WHERE reservation_id = {standing});
        UPDATE reservations_seat SET is_withdrawn = true WHERE reservation_id = {standing}"""),
    ("offered_seats", "UPDATE offices_slot SET capacity = 7 WHERE id = {free}"),
    ("hours", """
        INSERT INTO offices_closure (office_id, during, reason, note, created_at, created_by, withdrawn_by)
        VALUES ('HM01', '[2026-12-21, 2026-12-22)', 'TYPHOON', '', now(), 'x', '')"""),
    ("hours", "UPDATE offices_weeklyhours SET minutes = '[600,1020)' WHERE office_id = 'HM01'"),
    ("hours", """
        INSERT INTO offices_dayhours (office_id, "on", minutes, seats)
        VALUES ('HM01', '2026-12-21', '[600,720)', 1)"""),
    ("hours", """
        INSERT INTO contract_calendarday (calendar_id, day, is_open, reason)
        VALUES ('CITY', '2026-12-21', false, 'x')"""),
    ("party", "UPDATE reservations_reservation SET party = gen_random_uuid() WHERE id = {cancelled}"),
    ("procedures", """
        SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE reservations_reservedprocedure DISABLE TRIGGER USER;
        DELETE FROM reservations_reservedprocedure WHERE reservation_id = {standing}"""),
    ("audit", "{forget} WHERE target = 'reservation:' || {standing} AND action LIKE '%.booked'"),
    ("audit_of_changes", "{forget} WHERE action = 'reservations.reservation.moved'"),
    ("audit_of_changes", "{forget} WHERE action = 'reservations.reservation.cancelled'"),
    ("confirmation", """
        DELETE FROM notifications_mail WHERE kind = 'confirmation' AND target = {standing}::text"""),
    ("mail_of_a_move", "DELETE FROM notifications_mail WHERE kind = 'changed'"),
    ("mail_of_a_cancellation", "DELETE FROM notifications_mail WHERE kind = 'cancelled'"),
    ("reminded_in_vain", """
        INSERT INTO notifications_mail (id, kind, target, occasion, queued_at, due_at, try_at,
                                        state, attempts, error, message_id, sent_at)
        SELECT gen_random_uuid(), 'reminder_1', target, occasion, queued_at, due_at, try_at, 'sent',
               1, '', 'x', queued_at + interval '2 hours'
          FROM notifications_mail WHERE kind = 'confirmation' AND target = {cancelled}::text"""),
    ("cancelled_seats", """
        UPDATE reservations_seat SET reservation_id = {cancelled} WHERE slot_id = {free} AND seat_no =
            (SELECT min(seat_no) FROM reservations_seat WHERE slot_id = {free})"""),
    ("cancelled_claims", """
        UPDATE reservations_reservedprocedure SET claim = 'x' WHERE reservation_id = {cancelled}"""),
    ("waiting", """
        UPDATE reservations_seat SET session_id = NULL, held_until = NULL
         WHERE session_id = (SELECT session_id FROM reservations_wait)"""),
    ("erased_on_hold", """
        INSERT INTO retention_legalhold (reservation_id, reason, set_at, set_by, lifted_by)
        VALUES ({cancelled}, 'x', now(), 'x', '');
        UPDATE reservations_applicant SET name = '', name_kana = '', birth_date = '', postal_code = '',
            address = '', phone = '', email = '', details = '', link_token = '', person_hash = '',
            birth_hash = '', phone_hash = '', phone_end_hash = '', email_hash = '',
            has_email = false, name_tokens = '{{}}'
         WHERE id = (SELECT applicant_id FROM reservations_reservation WHERE id = {cancelled});
        UPDATE reservations_reservation SET erased_at = now() WHERE id = {cancelled}"""),
    ("certificates", """
        INSERT INTO retention_erasureorder (id, reason, until, reservations, waits, document_number,
            document_on, instructed_by, asked_at, asked_by, counts, ended_at, number, certificate)
        VALUES (gen_random_uuid(), 'CITY', '2026-01-01', '{{}}', '{{}}', 'x', '2026-01-01', 'x', now(), 'x',
                '{{}}', now(), 2, 'x')"""),
    ("waiting", "UPDATE reservations_wait SET state = 'WAITING', offered_at = NULL, offer_until = NULL"),
]  # fmt: skip


@pytest.fixture
def ledgers(city):
    """One visit that stands, one that was moved, one that was cancelled, and an offer to somebody waiting."""
    book(HANAKO, codes=("CERT_RENEW", "PIN_RESET", "FACE_CHANGE"))
    moved, cancelled = (
        book(somebody(number, email=f"{number}@example.jp"), hour=13 + number) for number in (1, 2)
    )
    with clock.travel(clock.now() + timedelta(minutes=1)):
        changes.move(reservation_id=moved.id, slot=slot_at(15, 9), actor=OPERATOR, channel="PHONE")
        changes.cancel(reservation_id=cancelled.id, actor=OPERATOR, channel="PHONE")
    wish = Wish(("HM02",), date(2026, 12, 16), date(2026, 12, 16))
    waiting.enter(person=somebody(9), procedures=("CERT_RENEW",), wish=wish)


@pytest.mark.usefixtures("ledgers")
def test_all_holds_after_booking_moving_and_cancelling():
    assert breaches(clock.now()) == []


@pytest.mark.usefixtures("ledgers")
@pytest.mark.parametrize(("check", "damage"), BROKEN, ids=[check for check, _ in BROKEN])
def test_what_was_broken_by_hand_is_found_and_nothing_else(check, damage):
    with connection.cursor() as cursor:
        cursor.execute(damage.format_map(PARTS))
    assert [breach.check for breach in breaches(clock.now())] == [check]


def test_every_check_is_broken_once():
    assert {check for check, _ in BROKEN} == {*reservations.CHECKS, *retention.CHECKS}
