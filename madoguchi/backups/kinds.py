"""Words of the ledger of backups."""

from enum import StrEnum


class RunKind(StrEnum):
    """A backup, or a rehearsal of restoring one."""

    BACKUP = "BACKUP"
    DRILL = "DRILL"


class SecondCopy(StrEnum):
    """Whether the backup reached the second destination; NONE where there is no such place."""

    NONE = "NONE"
    REACHED = "REACHED"
    MISSED = "MISSED"


class Part(StrEnum):
    """What a file holds: everything but the person keys, or these alone."""

    DATA = "data"
    KEYS = "keys"
