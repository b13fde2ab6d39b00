"""Audit actions of the audit trail itself; a name is never reused."""

from enum import StrEnum


class AuditAction(StrEnum):
    """What can happen to the trail."""

    EXPORTED = "audit.log.exported"
