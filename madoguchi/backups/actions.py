"""Audit actions of backups; a name is never reused. What was backed up when, the runs tell."""

from enum import StrEnum


class BackupAction(StrEnum):
    """What leaves the trail of the system that was restored."""

    RESTORED = "backups.backup.restored"
