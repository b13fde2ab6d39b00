"""Accounts and tablets as lines of text."""

from dataclasses import dataclass
from typing import Self

from madoguchi.accounts.roles import ROLE_NAMES
from madoguchi.accounts.selectors import AccountRow, DeviceRow
from madoguchi.common import clock
from madoguchi.common.era import staff_datetime, staff_day


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One person of the list."""

    id: int
    name: str
    username: str
    organisation: str
    roles: str
    tone: str
    state: str
    ways: str
    until: str
    last_login: str
    is_locked: bool
    is_active: bool

    @classmethod
    def of(cls, row: AccountRow) -> Self:
        """Put an account into words."""
        tone, state = _state(row)
        ways = [word for has, word in ((row.has_key, "キー"), (row.has_pin, "サインイン番号")) if has]
        return cls(
            id=row.id,
            name=row.display_name,
            username=row.username,
            organisation=row.organisation,
            roles="、".join(ROLE_NAMES[role] for role in row.roles),
            tone=tone,
            state=state,
            ways="・".join(ways) or "なし",
            until=f"{row.leaves_on.year}/{staff_day(row.leaves_on)}" if row.leaves_on else "",
            last_login=staff_datetime(row.last_login) if row.last_login else "",
            is_locked=row.is_locked,
            is_active=row.is_active,
        )


def _state(row: AccountRow) -> tuple[str, str]:
    waits_until = row.start_code_expires_at
    cases = (
        (not row.is_active, "neutral", "停止中"),
        (not row.is_open, "neutral", "期間終了"),
        (row.is_locked, "attention", "番号の入力ミスで停止"),
        (waits_until is not None and waits_until > clock.now(), "running", "開始待ち"),
        (waits_until is not None, "attention", "開始コードの期限切れ"),
        (not (row.has_key or row.has_pin or row.is_demo), "attention", "キー未登録"),
        (True, "done", "利用中"),
    )
    return next((tone, word) for applies, tone, word in cases if applies)


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
