"""Kinds of the ledger of backups."""

from enum import StrEnum


class RunKind(StrEnum):
    """A backup, or a restore drill."""

    BACKUP = "BACKUP"
    DRILL = "DRILL"


class SecondCopy(StrEnum):
    """Whether the backup reached the second destination; NONE without one."""

    NONE = "NONE"
    REACHED = "REACHED"
    MISSED = "MISSED"


class Part(StrEnum):
    """The part of a backup in a file: all data without the person keys, or the keys alone."""

    DATA = "data"
    KEYS = "keys"
