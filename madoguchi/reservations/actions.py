"""Audit actions of the reservation ledger; a name is never reused."""

from enum import StrEnum


class ReservationAction(StrEnum):
    """What can happen to a reservation."""

    BOOKED = "reservations.reservation.booked"
    MOVED = "reservations.reservation.moved"
    CANCELLED = "reservations.reservation.cancelled"
    CORRECTED = "reservations.reservation.corrected"
    CHECKED = "reservations.reservation.checked"
    VIEWED = "reservations.reservation.viewed"
    REVEALED = "reservations.reservation.revealed"
    SEARCHED = "reservations.reservation.searched"
    LISTED = "reservations.list.viewed"
    EXPORTED = "reservations.list.exported"
    DOWNLOADED = "reservations.export.downloaded"
    LOOKED_UP = "reservations.reservation.looked_up"
    CALLER_CHECKED = "reservations.caller.checked"
    CODE_SENT = "reservations.access_code.sent"
    CODE_USED = "reservations.access_code.used"
    CALLED = "reservations.reminder_call.recorded"
    DISRUPTED = "reservations.disruption.opened"
    TOLD = "reservations.disruption.told"
    RESOLVED = "reservations.disruption.resolved"
    WAITED = "reservations.wait.entered"
    OFFERED = "reservations.wait.offered"
    LAPSED = "reservations.wait.lapsed"
    LEFT = "reservations.wait.left"
    SEATED = "reservations.wait.booked"
    WAIT_CALLED = "reservations.wait.called"
