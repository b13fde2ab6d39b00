"""What must always hold between the rows of this ledger; each query returns the rows that break it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

# name -> what is wrong, in one sentence, and the query that finds it.
CHECKS: dict[str, tuple[str, str]] = {
    "booked_seats": (
        "予約中の予約に、必要な数の席がない、または連続していない",
        """SELECT r.id::text FROM reservations_reservation r LEFT JOIN LATERAL (
               SELECT count(*) AS seats, min(slot.starts_at) AS first, max(slot.ends_at) AS last,
                      count(DISTINCT slot.office_id) AS offices, min(slot.office_id) AS office
                 FROM reservations_seat seat JOIN offices_slot slot ON slot.id = seat.slot_id
                WHERE seat.reservation_id = r.id) s ON true
            WHERE r.status = 'BOOKED' AND (s.seats = 0 OR s.offices <> 1 OR s.office <> r.office_id
                  OR s.first <> r.starts_at OR s.last <> r.starts_at + make_interval(mins => r.minutes))""",
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
    "waiting": (
        "空き待ちの方へのご案内に席がない、またはご案内していない方が席を持っている",
        """SELECT w.id::text FROM reservations_wait w
             LEFT JOIN reservations_seat seat ON seat.hold_id = w.hold_id GROUP BY w.id
           HAVING (w.state = 'OFFERED' AND w.offer_until > %(now)s AND count(seat.slot_id) = 0)
               OR (w.state <> 'OFFERED' AND count(seat.slot_id) > 0)""",
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
    "confirmation": (
        "メールアドレスのある予約に、予約の控えのメールがない",
        """SELECT r.id::text FROM reservations_reservation r
             JOIN reservations_applicant p ON p.id = r.applicant_id
            WHERE p.has_email AND r.changed_at IS NULL AND NOT EXISTS (
               SELECT 1 FROM notifications_mail m WHERE m.target = r.id::text AND m.kind = 'confirmation')""",
    ),
}


@dataclass(frozen=True, slots=True)
class Breach:
    """A check that found something: how much, and the first few."""

    check: str
    sentence: str
    count: int
    examples: tuple[str, ...]


def breaches(now: datetime) -> list[Breach]:
    """Return every invariant that does not hold; reads only, one query each."""
    found = []
    with connection.cursor() as cursor:
        for check, (sentence, query) in CHECKS.items():
            cursor.execute(query, {"now": now})
            rows = [row[0] for row in cursor.fetchall()]
            if rows:
                found.append(Breach(check, sentence, len(rows), tuple(rows[:5])))
    return found
