"""The invariants of this ledger; each query returns the rows that break it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

# name -> what is wrong, in one sentence, and the query that finds it.
CHECKS: dict[str, tuple[str, str]] = {
    "booked_seats": (
        "予約中の予約に、必要な数の席がない、または連続していない",
        """SELECT r.id::text FROM reservations_reservation r LEFT JOIN LATERAL (
               SELECT count(*) AS seats, count(DISTINCT slot.id) AS slots, min(slot.starts_at) AS first,
                      sum(slot.ends_at - slot.starts_at) AS length, max(slot.ends_at) AS last,
                      count(DISTINCT slot.office_id) AS offices, min(slot.office_id) AS office
                 FROM reservations_seat seat JOIN offices_slot slot ON slot.id = seat.slot_id
                WHERE seat.reservation_id = r.id) s ON true
            WHERE r.status = 'BOOKED' AND (
                  s.seats = 0 OR s.seats <> s.slots OR s.offices <> 1 OR s.office <> r.office_id
                  OR s.first <> r.starts_at OR s.last <> r.starts_at + make_interval(mins => r.minutes)
                  OR s.length <> make_interval(mins => r.minutes))""",
    ),
    "cancelled_seats": (
        "取り消された予約が席を持っている",
        """SELECT DISTINCT r.id::text FROM reservations_reservation r
             JOIN reservations_seat seat ON seat.reservation_id = r.id WHERE r.status = 'CANCELLED'""",
    ),
    "cancelled_claims": (
        "取り消された予約が手続きの重複防止を残している",
        """SELECT DISTINCT r.id::text FROM reservations_reservation r
             JOIN reservations_reservedprocedure p ON p.reservation_id = r.id
            WHERE r.status = 'CANCELLED' AND p.claim IS NOT NULL""",
    ),
    "offered_seats": (
        "枠の数と、提供している席の数が合わない",
        """SELECT slot.id::text FROM offices_slot slot LEFT JOIN reservations_seat seat
               ON seat.slot_id = slot.id AND NOT seat.is_withdrawn
            WHERE slot.starts_at > %(now)s GROUP BY slot.id HAVING count(seat.slot_id) <> slot.capacity""",
    ),
    "withdrawn_seats": (
        "提供しなくなった枠の予約が、連絡の一覧に載っていない",
        """SELECT DISTINCT r.id::text FROM reservations_reservation r
             JOIN reservations_seat seat ON seat.reservation_id = r.id AND seat.is_withdrawn
            WHERE r.status = 'BOOKED' AND r.starts_at > %(now)s AND NOT EXISTS (
               SELECT 1 FROM reservations_disruptedvisit d
                WHERE d.reservation_id = r.id AND d.was_at = r.starts_at)""",
    ),
    "hours": (
        "受付時間の外、休業中または閉庁日に、席を提供している",
        """SELECT slot.id::text FROM offices_slot slot
            CROSS JOIN LATERAL (SELECT slot.starts_at AT TIME ZONE 'Asia/Tokyo' AS t) local
            CROSS JOIN LATERAL (
                SELECT t::date AS day, extract(isodow FROM t)::int - 1 AS weekday,
                       extract(hour FROM t)::int * 60 + extract(minute FROM t)::int AS start,
                       extract(epoch FROM slot.ends_at - slot.starts_at)::int / 60 AS minutes) at
            WHERE slot.starts_at > %(now)s AND slot.capacity > 0 AND (
                  EXISTS (SELECT 1 FROM offices_closure c
                     WHERE c.withdrawn_at IS NULL AND (c.office_id IS NULL OR c.office_id = slot.office_id)
                       AND c.during && tstzrange(slot.starts_at, slot.ends_at))
               OR EXISTS (SELECT 1 FROM contract_businesscalendar c
                    LEFT JOIN contract_calendarday d ON d.calendar_id = c.code AND d.day = at.day
                     WHERE c.code IN ('OFFICE', 'CITY')
                       AND NOT coalesce(d.is_open, at.weekday <> ALL(c.closed_weekdays)))
               OR NOT EXISTS (SELECT 1 FROM offices_dayhours h
                     WHERE h.office_id = slot.office_id AND h."on" = at.day
                       AND h.minutes @> int4range(at.start, at.start + at.minutes)
                 UNION ALL SELECT 1 FROM offices_weeklyhours h
                     WHERE h.office_id = slot.office_id AND h.weekday = at.weekday AND h.during @> at.day
                       AND h.minutes @> int4range(at.start, at.start + at.minutes) AND NOT EXISTS (
                           SELECT 1 FROM offices_dayhours o
                            WHERE o.office_id = slot.office_id AND o."on" = at.day)))""",
    ),
    "waiting": (
        "空き待ちの方へのご案内に席がない、ご案内していない方が席を持っている、または待つ方がいない",
        """SELECT w.id::text FROM reservations_wait w
             LEFT JOIN reservations_seat seat ON seat.session_id = w.session_id GROUP BY w.id
           HAVING (w.state = 'OFFERED' AND w.offer_until > %(now)s AND count(seat.slot_id) = 0)
               OR (w.state <> 'OFFERED' AND count(seat.slot_id) > 0)
            UNION SELECT w.id::text FROM reservations_wait w WHERE (w.ended_at IS NULL) <> EXISTS (
                  SELECT 1 FROM reservations_waitingperson p WHERE p.wait_id = w.id AND p.in_line)""",
    ),
    "party": (
        "いっしょに予約した方が1人しかいない、または4人を超えている",
        """SELECT party::text FROM reservations_reservation WHERE party IS NOT NULL
            GROUP BY party HAVING count(*) = 1 OR count(*) FILTER (WHERE status = 'BOOKED') > 4""",
    ),
    "procedures": (
        "手続きのない予約がある",
        """SELECT r.id::text FROM reservations_reservation r WHERE NOT EXISTS (
               SELECT 1 FROM reservations_reservedprocedure p WHERE p.reservation_id = r.id)""",
    ),
    "audit": (
        "受付の操作記録がない予約がある",
        """SELECT r.id::text FROM reservations_reservation r WHERE NOT EXISTS (
               SELECT 1 FROM audit_auditentry a WHERE a.target = 'reservation:' || r.id
                  AND a.action = 'reservations.reservation.booked')""",
    ),
    "audit_of_changes": (
        "変更・取消しの操作記録がない予約がある",
        """SELECT r.id::text FROM reservations_reservation r
            WHERE r.changed_at IS NOT NULL AND NOT EXISTS (
                  SELECT 1 FROM audit_auditentry a WHERE a.target = 'reservation:' || r.id
                     AND a.at >= r.changed_at AND a.action IN (
                         'reservations.reservation.moved', 'reservations.reservation.corrected',
                         'reservations.reservation.procedures_changed'))
               OR r.cancelled_at IS NOT NULL AND NOT EXISTS (
                  SELECT 1 FROM audit_auditentry a WHERE a.target = 'reservation:' || r.id
                     AND a.at >= r.cancelled_at AND a.action = 'reservations.reservation.cancelled')""",
    ),
    "confirmation": (
        "メールアドレスのある予約に、予約の控えのメールがない",
        """SELECT r.id::text FROM reservations_reservation r
             JOIN reservations_applicant p ON p.id = r.applicant_id
            WHERE p.has_email AND r.changed_at IS NULL AND NOT EXISTS (
               SELECT 1 FROM notifications_mail m WHERE m.target = r.id::text AND m.kind = 'confirmation')""",
    ),
    "mail_of_a_move": (
        "メールアドレスのある予約の日時が変わったのに、知らせるメールがない",
        """SELECT DISTINCT r.id::text FROM reservations_reservation r
             JOIN reservations_applicant p ON p.id = r.applicant_id
             JOIN audit_auditentry a ON a.target = 'reservation:' || r.id
            WHERE p.has_email AND a.action = 'reservations.reservation.moved' AND NOT EXISTS (
               SELECT 1 FROM notifications_mail m WHERE m.target = r.id::text AND m.queued_at >= a.at
                  AND m.kind IN ('changed', 'confirmation'))""",
    ),
    "mail_of_a_cancellation": (
        "メールアドレスのある予約が取り消されたのに、知らせるメールがない",
        """SELECT r.id::text FROM reservations_reservation r
             JOIN reservations_applicant p ON p.id = r.applicant_id
            WHERE p.has_email AND r.status = 'CANCELLED' AND NOT EXISTS (
               SELECT 1 FROM notifications_mail m WHERE m.target = r.id::text
                  AND m.kind IN ('cancelled', 'office_cancelled'))""",
    ),
    # An hour: a mail that was being handed over in that moment may still go out.
    "reminded_in_vain": (
        "取り消された予約に、お知らせのメールを送っている",
        """SELECT DISTINCT r.id::text FROM reservations_reservation r
             JOIN notifications_mail m ON m.target = r.id::text
            WHERE m.kind IN ('reminder_3', 'reminder_1')
              AND m.sent_at > r.cancelled_at + interval '1 hour'""",
    ),
}


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken invariant: the number of rows, and the first few."""

    check: str
    sentence: str
    count: int
    examples: tuple[str, ...]


def breaches(now: datetime) -> list[Breach]:
    """Return every invariant of this ledger that does not hold; reads only, one query each."""
    return breaches_of(CHECKS, now)


def breaches_of(checks: Mapping[str, tuple[str, str]], now: datetime) -> list[Breach]:
    """Return which of these invariants do not hold: by name, what is wrong, and the query that finds it."""
    found = []
    with connection.cursor() as cursor:
        for check, (sentence, query) in checks.items():
            cursor.execute(query, {"now": now})
            rows = [row[0] for row in cursor.fetchall()]
            if rows:
                found.append(Breach(check, sentence, len(rows), tuple(rows[:5])))
    return found
