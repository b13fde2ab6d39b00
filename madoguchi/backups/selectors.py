"""Read the runs of backups and drills."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from madoguchi.backups.errors import SENTENCES
from madoguchi.backups.kinds import RunKind, SecondCopy
from madoguchi.backups.models import Run

UNEXPECTED = "思わぬ誤りで終わりました。システムの記録（ログ）を確かめてください。"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run; `failure` is a sentence, empty after success."""

    kind: RunKind
    backup: str
    ended_at: datetime
    took: timedelta
    bytes: int
    second_copy: SecondCopy
    failure: str


@dataclass(frozen=True, slots=True)
class LatestRuns:
    """The latest successful backup and drill, each with a failure after it."""

    backup: RunRow | None = None
    failed_backup: RunRow | None = None
    drill: RunRow | None = None
    failed_drill: RunRow | None = None


def latest_runs() -> LatestRuns:
    """Return the results of the latest runs."""
    runs = Run.objects.annotate(went_well=Q(failure="")).order_by("kind", "went_well", "-ended_at", "-pk")
    found = {(row.kind, not row.failure): row for row in map(_row, runs.distinct("kind", "went_well"))}

    def pair(kind: RunKind) -> tuple[RunRow | None, RunRow | None]:
        good, bad = found.get((kind, True)), found.get((kind, False))
        return good, None if good and bad and bad.ended_at <= good.ended_at else bad

    return LatestRuns(*pair(RunKind.BACKUP), *pair(RunKind.DRILL))


def _row(run: Run) -> RunRow:
    return RunRow(
        kind=RunKind(run.kind),
        backup=run.backup,
        ended_at=run.ended_at,
        took=run.ended_at - run.began_at,
        bytes=run.bytes,
        second_copy=SecondCopy(run.second_copy),
        failure=run.failure and SENTENCES.get(run.failure, UNEXPECTED),
    )
