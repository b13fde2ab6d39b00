"""Audit actions of the audit trail itself; a code is never reused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class AuditAction(StrEnum):
    """Actions on the audit trail."""

    SEARCHED = "audit.log.searched"
    EXPORTED = "audit.log.exported"


ACTION_LABELS: Final[Mapping[str, str]] = {
    AuditAction.SEARCHED: "操作記録の検索",
    AuditAction.EXPORTED: "操作記録の書き出し",
}
