"""Is everything as it must be: invariants, backlogs, jobs, seals, backups. For the status page and alarms."""

from dataclasses import asdict, dataclass
from datetime import datetime
from math import inf

from django.conf import settings
from django.db import connection

from madoguchi.audit.seals import SealRow, Waiting, last_seal, unsealed
from madoguchi.audit.selectors import CheckRow, check_run
from madoguchi.audit.services import record_check
from madoguchi.audit.verification import recent_faults
from madoguchi.common import clock
from madoguchi.notifications.selectors import Backlog, backlog
from madoguchi.reservations.invariants import Breach, breaches
from madoguchi.workflows.backup import BackupState, backup_state
from madoguchi.workflows.keys import Rotation, rotation

INVARIANTS = "invariants"
SEALS_BROKEN = "操作記録が、封印したときのままではない"


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
    seal: SealRow | None
    unsealed: Waiting
    backup: BackupState
    rotation: Rotation


def gauges(found: SystemStatus) -> dict[str, tuple[float, str]]:
    """Return what an alarm watches: value and meaning by name; infinite where something never happened."""
    check, seen, backup = found.invariants, found.jobs.worker_seen_at, found.backup.runs.backup
    return {
        "madoguchi_mail_oldest_seconds": (
            found.mail.age.total_seconds(),
            "How long the oldest unsent mail has been due",
        ),
        "madoguchi_invariants_broken": (
            len(check.findings) if check else inf,
            "How many invariants did not hold when they were checked last",
        ),
        "madoguchi_invariants_age_seconds": (
            (found.now - check.ran_at).total_seconds() if check else inf,
            "How long ago the invariants were checked",
        ),
        "madoguchi_worker_silent_seconds": (
            (found.now - seen).total_seconds() if seen else inf,
            "How long ago a worker was last seen",
        ),
        "madoguchi_audit_unsealed_seconds": (
            (found.now - found.unsealed.oldest_at).total_seconds() if found.unsealed.oldest_at else 0,
            "How long the oldest entry of the audit trail has waited for a seal",
        ),
        "madoguchi_backup_age_seconds": (
            (found.now - backup.ended_at).total_seconds() if backup else inf,
            "How long ago the last good backup was made",
        ),
    }


def check_invariants() -> list[Breach]:
    """Check ledgers and latest seals, keep the result for the status page, return what does not hold."""
    found = breaches(clock.now())
    if faults := recent_faults():
        found.append(Breach("audit_seals", SEALS_BROKEN, len(faults), tuple(faults[:5])))
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
        seal=last_seal(),
        unsealed=unsealed(),
        backup=backup_state(),
        rotation=rotation(),
    )
