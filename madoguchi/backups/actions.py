"""Audit actions of backups; a code is never reused. The runs say what was backed up when."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class BackupAction(StrEnum):
    """Actions on backups."""

    RESTORED = "backups.backup.restored"


ACTION_LABELS: Final[Mapping[str, str]] = {BackupAction.RESTORED: "バックアップからの復元"}
