"""What must always hold between erasure orders, legal holds and the people below them (仕様書 6)."""

from datetime import datetime

from madoguchi.reservations.invariants import Breach, breaches_of

# name -> what is wrong, in one sentence, and the query that finds it.
CHECKS: dict[str, tuple[str, str]] = {
    "erased_on_hold": (
        "保留中の予約の方の情報が消去されている",
        """SELECT r.id::text FROM retention_legalhold h
             JOIN reservations_reservation r ON r.id = h.reservation_id
            WHERE h.lifted_at IS NULL AND r.erased_at IS NOT NULL""",
    ),
    "certificates": (
        "消去証明書の番号が抜けている",
        """SELECT (number - 1)::text FROM retention_erasureorder o WHERE number > 1 AND NOT EXISTS (
               SELECT 1 FROM retention_erasureorder b WHERE b.number = o.number - 1)""",
    ),
}


def breaches(now: datetime) -> list[Breach]:
    """Return every invariant of this ledger that does not hold; reads only, one query each."""
    return breaches_of(CHECKS, now)
