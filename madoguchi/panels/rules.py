"""The booking rules in groups, as every page lists them."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

GROUPS: Final = (
    ("予約の受付（申請者）", ("opens_", "register_")),
    ("変更・取消し（申請者）", ("change_", "cancel_")),
    ("電話での受付", ("staff_", "telephone_")),
    ("入力と確保の時間", ("hold_", "draft_", "offer_", "work_")),
    ("お知らせメール", ("reminder_",)),
    ("本市・郵便局への共有", ("relay_", "city_", "office_")),
    ("保存期間", ("keep_",)),
    ("手続きの条件", ("",)),
)


def grouped(lines: Mapping[str, T]) -> list[tuple[str, Sequence[T]]]:
    """Return the values of each rule grouped by subject; ungrouped ones come last."""
    left = dict(lines)
    groups: list[tuple[str, Sequence[T]]] = []
    for title, prefixes in GROUPS:
        keys = [key for key in left if key.startswith(prefixes)]
        if keys:
            groups.append((title, [left.pop(key) for key in keys]))
    return groups
