"""Words for codes, for every staff site and every paper; citizens read fuller ones, in their language."""

from collections.abc import Iterable, Mapping
from typing import Final

from madoguchi.common import clock
from madoguchi.reservations.selectors import ListRow, ReservationRow

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
SEXES: Final[Mapping[str, str]] = {"MALE": "男", "FEMALE": "女", "NOT_TOLD": "回答しない"}


def needs_in_words(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the help wanted at the counter; a code of a later release is shown as it is."""
    return tuple(NEEDS.get(code, code) for code in codes)


def state_of(row: ListRow | ReservationRow) -> tuple[str, str]:
    """Return tone and word of a reservation: only what still has to be looked through is filled."""
    if row.status == "CANCELLED":
        return "cancelled", "取消し"
    is_checked = row.checked_at is not None
    if row.starts_at <= clock.now() and not is_checked:
        return "neutral", "来局日後"
    return ("done", "確認済") if is_checked else ("attention", "確認待ち")
