"""Tablets as lines of text."""

from dataclasses import dataclass
from typing import Self

from madoguchi.accounts.selectors import DeviceRow
from madoguchi.common import clock
from madoguchi.common.era import staff_datetime


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """One tablet of the list."""

    id: str
    label: str
    office: str
    tone: str
    state: str
    since: str
    is_in_use: bool

    @classmethod
    def of(cls, row: DeviceRow, names: dict[str, str]) -> Self:
        """Put a device into words."""
        if row.revoked_at is not None:
            tone, state, since = "neutral", "登録を外した", row.revoked_at
        elif row.enrolled_at is not None:
            tone, state, since = "done", "利用中", row.enrolled_at
        elif row.code_expires_at is not None and row.code_expires_at > clock.now():
            tone, state, since = "running", "コードの入力待ち", row.registered_at
        else:
            tone, state, since = "attention", "コードの期限切れ", row.registered_at
        return cls(
            id=str(row.id),
            label=row.label,
            office=names.get(row.office_code, row.office_code),
            tone=tone,
            state=state,
            since=staff_datetime(since),
            is_in_use=row.revoked_at is None,
        )
