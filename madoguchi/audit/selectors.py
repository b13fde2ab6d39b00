"""Read the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from madoguchi.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry as a page shows it."""

    at: datetime
    actor: str
    action: str
    target: str
    detail: Mapping[str, object]


def entries_about(target: str, *, limit: int = 200) -> list[AuditRow]:
    """Return what happened to one thing, latest first."""
    return [
        AuditRow(entry.at, entry.actor, entry.action, entry.target, entry.detail)
        for entry in AuditEntry.objects.filter(target=target).order_by("-at", "-pk")[:limit]
    ]
