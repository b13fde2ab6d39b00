"""Words for codes, for every staff site and every paper; citizens read fuller ones, in their language."""

from collections.abc import Iterable, Mapping
from typing import Final

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
SEXES: Final[Mapping[str, str]] = {"MALE": "男", "FEMALE": "女", "NOT_TOLD": "回答しない"}


def needs_in_words(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the help wanted at the counter; a code of a later release is shown as it is."""
    return tuple(NEEDS.get(code, code) for code in codes)
