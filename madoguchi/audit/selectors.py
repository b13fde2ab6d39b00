"""Read the audit trail."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.paginator import Paginator
from django.db.models import QuerySet

from madoguchi.audit.models import AuditEntry, CheckRun

PAGE_SIZE: Final = 50
# A trail has millions of entries: nobody counts or reads further than this in one search.
MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry as a page shows it."""

    at: datetime
    actor: str
    action: str
    target: str
    detail: Mapping[str, object]


def entries_about(target: str, *, actions: Collection[str] = (), limit: int = 200) -> list[AuditRow]:
    """Return the entries about one target, the newest first; only of these actions when any are given."""
    return _rows(AuditEntry.objects.filter(target=target), actions, limit)


def entries_about_any(
    targets: Collection[str], *, actions: Collection[str] = (), limit: int = 200
) -> list[AuditRow]:
    """Return the entries about any of these targets, the newest first; of these actions if any are given."""
    return _rows(AuditEntry.objects.filter(target__in=list(targets)), actions, limit)


@dataclass(frozen=True, slots=True)
class EntrySearch:
    """What is looked for in the trail, from one instant until before another; what is None is not asked."""

    since: datetime
    until: datetime
    actors: Collection[str] | None = None
    actions: Collection[str] | None = None
    targets: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page of the entries found, the newest first; `total` counts no further than one beyond MOST."""

    rows: list[AuditRow]
    total: int
    page: int


def search_entries(query: EntrySearch, *, page: int) -> EntryPage:
    """Return a page of entries; beyond the end it is the last one."""
    found = _found(query)
    total = found.order_by()[: MOST + 1].count()
    numbers = Paginator(range(min(total, MOST)), PAGE_SIZE).get_page(page)
    first = max(numbers.start_index() - 1, 0)
    return EntryPage([_row(entry) for entry in found[first : first + PAGE_SIZE]], total, numbers.number)


def found_entries(query: EntrySearch, *, limit: int = MOST) -> list[AuditRow]:
    """Return the entries found, the newest first, at most one beyond the limit."""
    return [_row(entry) for entry in _found(query)[: limit + 1]]


def _found(query: EntrySearch) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.filter(at__gte=query.since, at__lt=query.until).order_by("-at", "-pk")
    asked = {"actor__in": query.actors, "action__in": query.actions, "target__in": query.targets}
    return rows.filter(**{name: list(values) for name, values in asked.items() if values is not None})


def _rows(entries: QuerySet[AuditEntry], actions: Collection[str], limit: int) -> list[AuditRow]:
    found = entries.filter(action__in=list(actions)) if actions else entries
    return [_row(entry) for entry in found.order_by("-at", "-pk")[:limit]]


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(entry.at, entry.actor, entry.action, entry.target, entry.detail)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """The latest run of a check."""

    name: str
    ran_at: datetime
    findings: tuple[Mapping[str, object], ...]


def check_run(name: str) -> CheckRow | None:
    """Return the latest run of a check, None before the first."""
    row = CheckRun.objects.filter(name=name).first()
    return CheckRow(row.name, row.ran_at, tuple(row.findings)) if row else None
