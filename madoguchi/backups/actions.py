"""Audit actions of backups; a code is never reused. The runs say what was backed up when."""

from enum import StrEnum


class BackupAction(StrEnum):
    """Actions on backups."""

    RESTORED = "backups.backup.restored"
