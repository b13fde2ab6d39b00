"""Audit actions of the reservation ledger, with their labels in Japanese; a code is never reused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ReservationAction(StrEnum):
    """Actions on a reservation."""

    BOOKED = "reservations.reservation.booked"
    JOINED = "reservations.reservation.joined"
    MOVED = "reservations.reservation.moved"
    PROCEDURES_CHANGED = "reservations.reservation.procedures_changed"
    CANCELLED = "reservations.reservation.cancelled"
    CORRECTED = "reservations.reservation.corrected"
    CHECKED = "reservations.reservation.checked"
    CHECK_UNDONE = "reservations.reservation.check_undone"
    VIEWED = "reservations.reservation.viewed"
    REVEALED = "reservations.reservation.revealed"
    SEARCHED = "reservations.reservation.searched"
    LISTED = "reservations.list.viewed"
    EXPORTED = "reservations.list.exported"
    LOOKED_UP = "reservations.reservation.looked_up"
    CALLER_CHECKED = "reservations.caller.checked"
    GUIDED = "reservations.caller.guided"
    CODE_SENT = "reservations.access_code.sent"
    CODE_USED = "reservations.access_code.used"
    CALLED = "reservations.reminder_call.recorded"
    CALL_UNDONE = "reservations.reminder_call.undone"
    DISRUPTED = "reservations.disruption.opened"
    NOTIFIED = "reservations.disruption.told"
    NOTICE_UNDONE = "reservations.disruption.untold"
    RESOLVED = "reservations.disruption.resolved"
    REINSTATEMENT_NOTIFIED = "reservations.disruption.reassured"
    OFFER_TAKEN_BACK = "reservations.wait.offer_taken_back"
    OFFER_PASSED = "reservations.wait.offer_passed"
    WAITED = "reservations.wait.entered"
    OFFERED = "reservations.wait.offered"
    LAPSED = "reservations.wait.lapsed"
    LEFT = "reservations.wait.left"
    WAIT_FULFILLED = "reservations.wait.booked"
    WAIT_CALLED = "reservations.wait.called"
    WAIT_CALL_UNDONE = "reservations.wait.call_undone"
    ERASED = "reservations.reservation.erased"
    WAIT_ERASED = "reservations.wait.erased"


# Every action of this ledger; those that can stand in the trail of a person: `retention.labels`.
ACTION_LABELS: Final[Mapping[str, str]] = {
    ReservationAction.BOOKED: "予約受付",
    ReservationAction.JOINED: "ご一緒の方の予約の追加",
    ReservationAction.MOVED: "日時・郵便局の変更",
    ReservationAction.PROCEDURES_CHANGED: "手続きの変更",
    ReservationAction.CORRECTED: "内容の訂正",
    ReservationAction.CANCELLED: "取消し",
    ReservationAction.CHECKED: "内容の確認",
    ReservationAction.CHECK_UNDONE: "内容の確認の取消し",
    ReservationAction.CALLED: "電話連絡",
    ReservationAction.CALL_UNDONE: "電話連絡の記録の取消し",
    ReservationAction.VIEWED: "内容の表示",
    ReservationAction.LISTED: "一覧での表示",
    ReservationAction.REVEALED: "伏せた値の表示",
    ReservationAction.SEARCHED: "検索",
    ReservationAction.EXPORTED: "書き出し・印刷",
    ReservationAction.LOOKED_UP: "申請者による照会",
    ReservationAction.CALLER_CHECKED: "電話での本人の確認",
    ReservationAction.GUIDED: "区役所の案内（電話）",
    ReservationAction.CODE_SENT: "確認コードの送信",
    ReservationAction.CODE_USED: "確認コードの使用",
    ReservationAction.DISRUPTED: "枠変更に伴う連絡の開始",
    ReservationAction.NOTIFIED: "枠変更の連絡",
    ReservationAction.NOTICE_UNDONE: "枠変更の連絡の記録の取消し",
    ReservationAction.RESOLVED: "枠変更の連絡の完了",
    ReservationAction.REINSTATEMENT_NOTIFIED: "予定どおりの受付のお知らせ",
    ReservationAction.OFFER_TAKEN_BACK: "空きのご案内の取下げ",
    ReservationAction.OFFER_PASSED: "空きのご案内の見送り",
    ReservationAction.WAITED: "空き待ちの受付",
    ReservationAction.OFFERED: "空きのご案内",
    ReservationAction.LAPSED: "空きのご案内の期限切れ",
    ReservationAction.LEFT: "空き待ちの取りやめ",
    ReservationAction.WAIT_FULFILLED: "空き待ちの方の予約",
    ReservationAction.WAIT_CALLED: "空きのご案内の電話（不在）",
    ReservationAction.WAIT_CALL_UNDONE: "空きのご案内の電話の記録の取消し",
    ReservationAction.ERASED: "本市の指示による消去",
    ReservationAction.WAIT_ERASED: "本市の指示による消去（空き待ち）",
}
