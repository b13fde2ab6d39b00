"""Audit actions of the audit trail itself; a code is never reused."""

from enum import StrEnum


class AuditAction(StrEnum):
    """Actions on the audit trail."""

    EXPORTED = "audit.log.exported"
