"""Record the runs of backups."""

from datetime import datetime

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.backups.actions import BackupAction
from madoguchi.backups.kinds import RunKind, SecondCopy
from madoguchi.backups.models import Run
from madoguchi.common import clock


def record_run(
    *,
    kind: RunKind,
    backup: str,
    began_at: datetime,
    size: int = 0,
    second_copy: SecondCopy = SecondCopy.NONE,
    failure: str = "",
) -> None:
    """Record one run for the status page and the reports (仕様書 4(6)); `failure` is a refusal's code."""
    Run.objects.create(
        kind=kind, backup=backup, began_at=began_at, ended_at=clock.now(),
        bytes=size, second_copy=second_copy, failure=failure,
    )  # fmt: skip


def record_restore(*, backup: str, keys: str, actor: Actor) -> None:
    """Record in the restored audit trail from which files it was restored."""
    record(action=BackupAction.RESTORED, actor=actor, target=f"backup:{backup}", detail={"keys": keys})
