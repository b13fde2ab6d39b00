"""Audit actions of the retention ledger; a name is never reused, and these stood in `reservations` before."""

from enum import StrEnum


class RetentionAction(StrEnum):
    """What can happen around keeping, erasing and disclosing what is held on people."""

    EXPORT_DOWNLOADED = "reservations.export.downloaded"
    LEGAL_HOLD_SET = "reservations.reservation.preserved"
    LEGAL_HOLD_LIFTED = "reservations.reservation.released"
    ERASURE_ORDERED = "reservations.erasure.ordered"
    ERASURE_ENDED = "reservations.erasure.ended"
    DISCLOSED = "reservations.reservation.disclosed"
    WAIT_DISCLOSED = "reservations.wait.disclosed"
