"""What this package writes into the audit trail."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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


ACTION_LABELS: Final[Mapping[str, str]] = {
    AccountAction.OPENED: "アカウントの登録",
    AccountAction.CHANGED: "アカウントの変更",
    AccountAction.SUSPENDED: "アカウントの停止",
    AccountAction.RESUMED: "アカウントの再開",
    AccountAction.SIGN_IN_RESET: "サインインの方法の初期化",
    AccountAction.OFFICES_ASSIGNED: "担当する郵便局の設定",
    AccountAction.STARTED: "利用の開始",
    AccountAction.SIGNED_IN: "サインイン",
    AccountAction.SIGN_IN_FAILED: "サインインの失敗",
    AccountAction.SECURITY_CHANGED: "サインインの方法の変更",
    AccountAction.PIN_SET: "サインイン番号の設定",
    AccountAction.PIN_FAILED: "サインイン番号の誤り",
    AccountAction.PIN_LOCKED: "サインイン番号のロック",
    AccountAction.PIN_UNLOCKED: "サインイン番号のロックの解除",
    AccountAction.PASSWORD_UNLOCKED: "パスワードのロックの解除",
    AccountAction.DEVICE_REGISTERED: "共用タブレットの登録",
    AccountAction.DEVICE_ENROLLED: "共用タブレットの利用開始",
    AccountAction.DEVICE_REVOKED: "共用タブレットの登録の取消し",
    AccountAction.PARTNER_ADMITTED: "連携先の登録",
    AccountAction.PARTNER_REVOKED: "連携先の登録の取消し",
}
