"""Read the audit trail."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from madoguchi.audit.models import AuditEntry, CheckRun


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


def entries_about_any(targets: Collection[str], *, limit: int = 200) -> list[AuditRow]:
    """Return the entries about any of these targets, the newest first."""
    return _rows(AuditEntry.objects.filter(target__in=list(targets)), (), limit)


def _rows(entries: QuerySet[AuditEntry], actions: Collection[str], limit: int) -> list[AuditRow]:
    found = entries.filter(action__in=list(actions)) if actions else entries
    return [
        AuditRow(entry.at, entry.actor, entry.action, entry.target, entry.detail)
        for entry in found.order_by("-at", "-pk")[:limit]
    ]


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
