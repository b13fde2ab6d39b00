"""What this package writes into the audit trail."""

from enum import StrEnum


class AccountAction(StrEnum):
    """Actions on accounts, devices and sign-in; a value is never reused."""

    OPENED = "accounts.user.opened"
    CHANGED = "accounts.user.changed"
    SUSPENDED = "accounts.user.suspended"
    RESUMED = "accounts.user.resumed"
    SIGN_IN_RESET = "accounts.user.sign_in_reset"
    # Named before assignments moved here from the offices.
    OFFICES_ASSIGNED = "offices.assignment.set"
    STARTED = "accounts.user.started"
    SIGNED_IN = "accounts.user.signed_in"
    SIGN_IN_FAILED = "accounts.user.sign_in_failed"
    SECURITY_CHANGED = "accounts.user.security_changed"
    PIN_SET = "accounts.pin.set"
    PIN_FAILED = "accounts.pin.failed"
    PIN_LOCKED = "accounts.pin.locked"
    PIN_UNLOCKED = "accounts.pin.unlocked"
    PASSWORD_UNLOCKED = "accounts.password.unlocked"  # noqa: S105 - no password
    DEVICE_REGISTERED = "accounts.device.registered"
    DEVICE_ENROLLED = "accounts.device.enrolled"
    DEVICE_REVOKED = "accounts.device.revoked"
    PARTNER_ADMITTED = "accounts.partner.admitted"
    PARTNER_REVOKED = "accounts.partner.revoked"
