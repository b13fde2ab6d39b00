"""Seal the audit trail in batches: a root over the entries and over all seals before, signed (docs/adr/0016).

Runs in a job. Whoever writes an entry waits for nothing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, Exists, Min, OuterRef, QuerySet

from madoguchi.audit.keys import SealKeys, seal_keys
from madoguchi.audit.models import AuditEntry, AuditSeal, AuditSealedEntry
from madoguchi.audit.rules import NOTHING, canonical, header, leaf, root
from madoguchi.common import clock

# One seal holds at most so many; what is left over goes into the next at once.
BATCH = 2000
# Taken for the sealing transaction only, so that two workers do not work on the same number.
ADVISORY_LOCK: Final = 0x4D61_646F


@dataclass(frozen=True, slots=True)
class SealRow:
    """A seal. Its number and root, printed, prove every entry up to it."""

    number: int
    root: str
    sealed_at: datetime
    entries: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The entries that are not sealed yet."""

    count: int
    oldest_at: datetime | None


def seal_entries() -> list[SealRow]:
    """Seal every committed entry that is not sealed yet, and return the new seals (仕様書 6).

    Nothing happens without a key, without entries, or while another worker is at it.
    """
    keys = seal_keys()
    made: list[SealRow] = []
    while keys and (seal := _seal_batch(keys)):
        made.append(_row(seal))
        if seal.entries < BATCH:
            break
    return made


def last_seal() -> SealRow | None:
    """Return the latest seal, the one to print."""
    seal = AuditSeal.objects.order_by("number").last()
    return _row(seal) if seal else None


def seals_between(since: datetime, until: datetime) -> list[SealRow]:
    """Return the seals made from one instant until before another, in order."""
    return [
        _row(seal)
        for seal in AuditSeal.objects.filter(sealed_at__gte=since, sealed_at__lt=until).order_by("number")
    ]


def unsealed() -> Waiting:
    """Return how many entries wait for a seal, and since when."""
    found = _unsealed(AuditSeal.objects.order_by("number").last(), *_running())
    figures = found.aggregate(count=Count("*"), oldest_at=Min("at"))
    return Waiting(figures["count"], figures["oldest_at"])


def entry_facts(entry: AuditEntry) -> Mapping[str, object]:
    """Return the facts of an entry for its leaf and an exported log."""
    return {
        "id": entry.pk,
        "at": instant(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "detail": entry.detail,
        "transaction": entry.transaction,
    }


def seal_facts(seal: AuditSeal) -> Mapping[str, object]:
    """Return the facts of a seal for its first leaf and an exported log."""
    return header(
        number=seal.number,
        previous=bytes(seal.previous),
        sealed_at=instant(seal.sealed_at),
        key=seal.key,
        entries=seal.entries,
    )


def instant(moment: datetime) -> str:
    """Return an instant as text, always with microseconds and in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@transaction.atomic(durable=True)
def _seal_batch(keys: SealKeys) -> AuditSeal | None:
    if not _is_ours_alone():
        return None
    last = AuditSeal.objects.order_by("number").last()
    # Read before the entries: what commits in between lies above the horizon and is looked for again.
    oldest, following = _running()
    entries = list(_unsealed(last, oldest, following).order_by("transaction", "pk")[:BATCH])
    if not entries:
        return None
    seal = AuditSeal(
        number=last.number + 1 if last else 1,
        previous=last.root if last else NOTHING,
        entries=len(entries),
        sealed_at=clock.now(),
        key=keys.current,
        # With more to come it stays where it was.
        horizon=oldest if len(entries) < BATCH else last.horizon if last else 0,
    )
    leaves = [leaf(canonical(entry_facts(entry))) for entry in entries]
    seal.root = root([leaf(canonical(seal_facts(seal))), *leaves])
    seal.signature = keys.sign(seal.root)
    seal.save(force_insert=True)
    AuditSealedEntry.objects.bulk_create(
        AuditSealedEntry(entry=entry, seal=seal, place=place, leaf=hashed)
        for place, (entry, hashed) in enumerate(zip(entries, leaves, strict=True), start=1)
    )
    return seal


def _is_ours_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        return bool(cursor.fetchone()[0])


def _running() -> tuple[int, int]:
    """Return the oldest running transaction id, and one above all finished ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(running)::text::bigint, pg_snapshot_xmax(running)::text::bigint "
            "FROM pg_current_snapshot() AS running"
        )
        oldest, following = cursor.fetchone()
    return oldest, following


def _unsealed(last: AuditSeal | None, oldest: int, following: int) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.filter(~Exists(AuditSealedEntry.objects.filter(entry=OuterRef("pk"))))
    if last and 0 < last.horizon <= oldest:
        return found.filter(transaction__range=(last.horizon, following))
    # At first; and after a dump was restored into a cluster whose transactions count from anew.
    return found


def _row(seal: AuditSeal) -> SealRow:
    return SealRow(seal.number, bytes(seal.root).hex(), seal.sealed_at, seal.entries)
