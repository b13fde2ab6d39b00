"""Change the keys that seal (仕様書 6): what is old is sealed anew in the background, with progress shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from madoguchi.accounts.factors import factors_by_key, reseal_factors
from madoguchi.common import clock, era
from madoguchi.common.errors import StaffRefusal
from madoguchi.sealing.rotation import note_emptied, note_ring, rewrap_some, ring_keys
from madoguchi.sealing.services import key_ring


class KeyNeeded(StaffRefusal):
    """Something could not be opened any more without the key."""

    code = "key_needed"
    message = "この鍵は、まだ使われています。"


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far sealing with the current key has come. `former` are keys that nothing needs any more."""

    current: str
    since: datetime | None
    left: int
    total: int
    former: tuple[str, ...]

    @property
    def lasted(self) -> timedelta:
        """How long it has gone on; nothing once all is done."""
        return clock.now() - self.since if self.left and self.since else timedelta()


def reseal() -> None:
    """Seal everything with the current key that another one seals; killed half way, the next run goes on."""
    if not note_ring():
        return
    while rewrap_some():
        pass
    reseal_factors()
    note_emptied(still_needed=set(factors_by_key()))


def rotation() -> Rotation:
    """Return how far it has come, in three queries."""
    current, keys, factors = key_ring().current, ring_keys(), factors_by_key()
    total = sum(key.people for key in keys) + sum(factors.values())
    done = sum(key.people for key in keys if key.name == current) + factors.get(current, 0)
    return Rotation(
        current=current,
        since=next((key.current_since for key in keys if key.name == current), None),
        left=total - done,
        total=total,
        former=tuple(key.name for key in keys if key.emptied_at and key.name in key_ring().wrapping),
    )


def refuse_needed(name: str) -> None:
    """Raise KeyNeeded, saying by how much, while something is sealed with a key of the ring.

    A key of people that was backed up before it was wrapped anew opens with the former key only: that one
    stays as long as those backups.
    """
    if name in {key_ring().current, "index"}:
        raise KeyNeeded(f"{name} は、いま使っている鍵です。")
    row = next((key for key in ring_keys() if key.name == name), None)
    if row is None:
        return
    if count := row.people + factors_by_key().get(name, 0):
        raise KeyNeeded(f"{name} で封をしたものが、まだ{count:,}件あります。")
    if row.emptied_at is None:
        raise KeyNeeded(f"{name} で封をしたものがないことを、まだ確かめていません。5分ほど待ってください。")
    until = row.emptied_at + timedelta(days=settings.BACKUP_KEEP_KEY_DAYS)
    if clock.now() < until:
        raise KeyNeeded(
            f"{name} は、{era.staff_datetime(until)} まで要ります。"
            "それまでのバックアップにある個人の鍵は、この鍵でなければ開けません。"
        )
