"""Words for codes, for every staff site and every paper; citizens read fuller ones, in their language."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.conf import settings

from madoguchi.common import clock
from madoguchi.common.languages import MAIN
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.search import ListRow
from madoguchi.reservations.selectors import ReservationRow

NEEDS: Final[Mapping[str, str]] = {
    "WRITING": "筆談",
    "WHEELCHAIR": "車いす",
    "READING": "読み上げ",
    "COMPANION": "付き添い",
}
CONTACTS: Final[Mapping[str, str]] = {
    "PHONE": "電話",
    "MAIL": "メール",
    "FAX": "ファクス",
    "LETTER": "手紙",
}
UNKNOWN_PINS: Final[Mapping[str, str]] = {
    "FOUR_DIGITS": "数字4桁",
    "SIGNING": "英数字6～16文字",
    "UNSURE": "はっきりしない",
}
OUR_REASONS_HINT: Final = (
    "「郵便局の休業・枠の変更」「受付側の誤り」のときは、メールで、おわびと予約のし直し方をお伝えします。"
)
CHANGES: Final[Mapping[str, str]] = {
    "ADDRESS": "住所",
    "NAME": "氏名",
    "OTHER": "その他（旧氏・通称、在留期間など）",
}
SEXES: Final[Mapping[str, str]] = {"MALE": "男", "FEMALE": "女", "NOT_TOLD": "回答しない"}
# Every action of this ledger; those that can stand in the trail of a person: `retention.words`.
ACTIONS: Final[Mapping[str, str]] = {
    ReservationAction.BOOKED: "予約受付",
    ReservationAction.JOINED: "ご一緒の方の予約の追加",
    ReservationAction.MOVED: "日時・郵便局の変更",
    ReservationAction.CORRECTED: "内容の訂正",
    ReservationAction.CANCELLED: "取消し",
    ReservationAction.CHECKED: "内容の確認",
    ReservationAction.CALLED: "電話連絡",
    ReservationAction.VIEWED: "内容の表示",
    ReservationAction.LISTED: "一覧での表示",
    ReservationAction.REVEALED: "伏せた値の表示",
    ReservationAction.SEARCHED: "検索",
    ReservationAction.EXPORTED: "書き出し・印刷",
    ReservationAction.LOOKED_UP: "申請者による照会",
    ReservationAction.CALLER_CHECKED: "電話での本人の確認",
    ReservationAction.CODE_SENT: "確認コードの送信",
    ReservationAction.CODE_USED: "確認コードの使用",
    ReservationAction.DISRUPTED: "枠変更に伴う連絡の開始",
    ReservationAction.NOTIFIED: "枠変更の連絡",
    ReservationAction.RESOLVED: "枠変更の連絡の完了",
    ReservationAction.REINSTATEMENT_NOTIFIED: "予定どおりの受付のお知らせ",
    ReservationAction.OFFER_TAKEN_BACK: "空きのご案内の取下げ",
    ReservationAction.WAITED: "空き待ちの受付",
    ReservationAction.OFFERED: "空きのご案内",
    ReservationAction.LAPSED: "空きのご案内の期限切れ",
    ReservationAction.LEFT: "空き待ちの取りやめ",
    ReservationAction.SEATED: "空き待ちの方の予約",
    ReservationAction.WAIT_CALLED: "空きのご案内の電話（不在）",
    ReservationAction.ERASED: "本市の指示による消去",
    ReservationAction.WAIT_ERASED: "本市の指示による消去（空き待ち）",
}


def language_in_words(code: str) -> str:
    """Return what a person reads, when that is not Japanese: calls and papers are, so staff should know."""
    return "" if code == MAIN else dict(settings.LANGUAGES).get(code, code)


def needs_in_words(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the help wanted at the counter; a code of a later release is shown as it is."""
    return tuple(NEEDS.get(code, code) for code in codes)


def notice_channel(row: ListRow) -> str:
    """Return how a person is notified of a disruption: by mail with an address, else as they wished."""
    return "メール" if row.has_email else CONTACTS.get(row.contact_by, "")


def changes_in_words(codes: Iterable[str]) -> str:
    """Return what changed on the card, "" for nothing."""
    return "・".join(CHANGES.get(code, code) for code in codes)


def state_of(row: ListRow | ReservationRow) -> tuple[str, str]:
    """Return tone and word of a reservation: only what still has to be looked through is filled."""
    if row.status == "CANCELLED":
        return "cancelled", "取消し"
    is_checked = row.checked_at is not None
    if row.starts_at <= clock.now() and not is_checked:
        return "neutral", "来局日後"
    return ("done", "確認済") if is_checked else ("attention", "確認待ち")
