"""Is everything as it must be: invariants, backlogs, jobs, backups. Read by the status page and alarms."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from madoguchi.audit.selectors import CheckRow, check_run
from madoguchi.audit.services import record_check
from madoguchi.common import clock
from madoguchi.notifications.selectors import Backlog, backlog
from madoguchi.reservations.invariants import Breach, breaches
from madoguchi.workflows.backup import BackupState, backup_state

INVARIANTS = "invariants"


@dataclass(frozen=True, slots=True)
class Jobs:
    """The job queue: what waits, what failed for good, and when a worker was last seen."""

    waiting: int
    failed: int
    worker_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """What the status page shows."""

    now: datetime
    invariants: CheckRow | None
    mail: Backlog
    jobs: Jobs
    slots_until: datetime | None
    backup: BackupState


def check_invariants() -> list[Breach]:
    """Check the ledgers, keep the result for the status page, and return what does not hold."""
    found = breaches(clock.now())
    record_check(name=INVARIANTS, findings=[asdict(breach) for breach in found])
    return found


def system_status() -> SystemStatus:
    """Return how the system stands; a handful of cheap queries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(starts_at) FROM offices_slot WHERE capacity > 0")
        slots_until = cursor.fetchone()[0]
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status = 'todo' AND scheduled_at IS NULL), "
            "count(*) FILTER (WHERE status = 'failed') FROM procrastinate_jobs"
        )
        waiting, failed = cursor.fetchone()
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        seen = cursor.fetchone()[0]
    return SystemStatus(
        now=clock.now(),
        invariants=check_run(INVARIANTS),
        mail=backlog(),
        # The queue lives in real time, which a demo may be weeks away from.
        jobs=Jobs(waiting, failed, seen + settings.CLOCK_OFFSET if seen else None),
        slots_until=slots_until,
        backup=backup_state(),
    )
