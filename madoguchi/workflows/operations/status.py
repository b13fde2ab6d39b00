"""Is everything as it must be: invariants, sealed values, backlogs, jobs, standbys, seals, backups.

仕様書 4(6), 6. For the status page, and as gauges with the limit beyond which somebody is woken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Final

from django.conf import settings
from django.db import connection

from madoguchi.accounts.factors import damaged_factors
from madoguchi.audit.seals import SealRow, Waiting, last_seal, unsealed
from madoguchi.audit.selectors import CheckRow, check_run
from madoguchi.audit.services import record_check
from madoguchi.audit.verification import recent_faults
from madoguchi.backups.rules import LATE_BACKUP
from madoguchi.common import clock
from madoguchi.common.catalogues import lacking
from madoguchi.notifications.selectors import Backlog, backlog, texts_to_rewrite
from madoguchi.reservations.invariants import Breach
from madoguchi.reservations.stale_values import check_search_columns
from madoguchi.retention.selectors import unfinished_since
from madoguchi.sealing.sweep import SHARES, check_sealed, unreadable_values
from madoguchi.workflows.booking.admission import Demand, current_demand
from madoguchi.workflows.operations.backup import BackupState, backup_state
from madoguchi.workflows.operations.invariants import breaches
from madoguchi.workflows.operations.keys import Rotation, rotation

INVARIANTS = "invariants"
VALUES_DAMAGED = "封をした値を読み取れない、または検索用の値と合わない（表・行・列）"
FACTORS_DAMAGED = "認証アプリまたは回復コードの、封をした値を読み取れない（表・行・項目）"
SEALS_BROKEN = "操作記録が、封印したときのままではない"
# Later than this somebody must look. Mail is drained every 2 seconds, a worker beats every 10, offers are
# ended every minute, seals are made every 5 minutes, invariants are checked every hour.
LATE_MAIL: Final = timedelta(minutes=10)
LATE_JOB: Final = timedelta(minutes=15)
LATE_WORKER: Final = timedelta(minutes=5)
LATE_OFFER: Final = timedelta(minutes=10)
LATE_SEAL: Final = timedelta(minutes=20)
LATE_RESEALING: Final = timedelta(hours=1)  # 50,000 people take a minute
LATE_ERASURE: Final = timedelta(hours=1)
LATE_CHECK: Final = timedelta(days=1)
# A household mistypes a few times; somebody who tries things out does not stop.
MANY_REFUSED_TRIES: Final = 100
# Four files of the log: a promotion would have to replay them first.
MAX_LAG_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Jobs:
    """The job queue: what waits and how long, what failed for good, and when a worker was last seen."""

    waiting: int
    oldest: timedelta
    failed: int
    worker_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standbys:
    """The servers that hold each booking besides this one: how many must, how many do, how far they are."""

    wanted: int
    synchronous: int
    commits_wait: bool
    behind_bytes: int

    @property
    def missing(self) -> int:
        """How many more there should be."""
        return max(0, self.wanted - self.synchronous)


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """What the status page shows."""

    now: datetime
    invariants: CheckRow | None
    mail: Backlog
    jobs: Jobs
    standbys: Standbys
    offer_overdue: timedelta
    slots_until: datetime | None
    seal: SealRow | None
    unsealed: Waiting
    backup: BackupState
    rotation: Rotation
    erasure_since: datetime | None
    demand: Demand
    # Table, row and column of each sealed value that was found unreadable.
    unreadable: Sequence[str]
    # The kind and language of each text of a mail that could not be decided today.
    texts_to_rewrite: Sequence[tuple[str, str]]
    # How many sentences each language cannot say: they are shown in Japanese.
    untranslated: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure, infinite where something never happened, and the limit above which it is an alarm."""

    name: str
    value: float
    limit: float
    meaning: str

    @property
    def is_alarm(self) -> bool:
        """Whether somebody must look."""
        return self.value > self.limit


def gauges(found: SystemStatus) -> list[Gauge]:
    """Return what an alarm watches; deploy/alarms.yml has the same names and limits."""
    check, seen, backup = found.invariants, found.jobs.worker_seen_at, found.backup.runs.backup
    unsealed_since = found.unsealed.oldest_at or found.now

    def age(name: str, since: datetime | timedelta | None, limit: timedelta, meaning: str) -> Gauge:
        lasted = found.now - since if isinstance(since, datetime) else since
        seconds = inf if lasted is None else lasted.total_seconds()
        return Gauge(f"madoguchi_{name}_seconds", seconds, limit.total_seconds(), meaning)

    def number(name: str, value: float, limit: float, meaning: str) -> Gauge:
        return Gauge(f"madoguchi_{name}", value, limit, meaning)

    return [
        number(
            "invariants_broken",
            len(check.findings) if check else inf,
            0,
            "How many invariants did not hold when they were checked last",
        ),
        age(
            "invariants_age",
            check.ran_at if check else None,
            LATE_CHECK,
            "How long ago the invariants were checked",
        ),
        number(
            "unreadable_values",
            len(found.unreadable),
            0,
            "How many sealed values were found damaged or moved and can no longer be read",
        ),
        number(
            "standbys_missing",
            found.standbys.missing,
            0,
            "How many synchronous standbys there are too few: bookings wait, or one machine alone holds them",
        ),
        number(
            "standby_behind_bytes",
            found.standbys.behind_bytes,
            MAX_LAG_BYTES,
            "How much the slowest standby still has to replay",
        ),
        age("mail_oldest", found.mail.age, LATE_MAIL, "How long the oldest unsent mail has been due"),
        age("worker_silent", seen, LATE_WORKER, "How long ago a worker was last seen"),
        age("job_oldest", found.jobs.oldest, LATE_JOB, "How long the oldest job that is due has waited"),
        number("jobs_failed", found.jobs.failed, 0, "How many jobs of the last week failed for good"),
        age(
            "offer_overdue",
            found.offer_overdue,
            LATE_OFFER,
            "How long ago the oldest offer to the waiting list ran out without being ended",
        ),
        age(
            "audit_unsealed",
            unsealed_since,
            LATE_SEAL,
            "How long the oldest entry of the audit trail has waited for a seal",
        ),
        age(
            "resealing",
            found.rotation.lasted,
            LATE_RESEALING,
            "How long sealing with a new key has gone on without coming to an end",
        ),
        age(
            "erasure",
            found.erasure_since or found.now,
            LATE_ERASURE,
            "How long ago the oldest instruction to erase people was given that has not been carried out",
        ),
        age(
            "backup_age",
            backup.ended_at if backup else None,
            LATE_BACKUP,
            "How long ago the last good backup was made",
        ),
        number(
            "work_asked",
            int(found.demand.is_high),
            0,
            "Whether booking sessions are begun so fast that every browser is asked for work",
        ),
        number(
            "tries_refused",
            found.demand.refused,
            MANY_REFUSED_TRIES,
            "How many look-ups, sign-ins, codes and holds were refused in half an hour: tried too often",
        ),
        number(
            "untranslated_sentences",
            sum(found.untranslated.values()),
            0,
            "How many sentences citizens read in Japanese although they chose another language",
        ),
    ]


def check_invariants(*, all_sealed: bool = False) -> list[Breach]:
    """Check ledgers, sealed values and latest seals, keep the result for the status page, return what fails.

    Sealed values are opened, and the search columns of applicants compared with them (仕様書 6). Each hour
    opens its share, a week all of it; `all_sealed` opens everything at once.
    """
    found = breaches(clock.now())
    share = None if all_sealed else int(clock.now().timestamp() // 3600) % SHARES
    check_search_columns(share=share)
    if unreadable := check_sealed(share=share):
        found.append(Breach("sealed_values", VALUES_DAMAGED, len(unreadable), tuple(unreadable[:5])))
    if factors := damaged_factors():
        found.append(Breach("sign_in_factors", FACTORS_DAMAGED, len(factors), tuple(factors[:5])))
    if faults := recent_faults():
        found.append(Breach("audit_seals", SEALS_BROKEN, len(faults), tuple(faults[:5])))
    record_check(name=INVARIANTS, findings=[asdict(breach) for breach in found])
    return found


def system_status() -> SystemStatus:
    """Return how the system stands; a handful of cheap queries."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(starts_at) FROM offices_slot WHERE capacity > 0")
        slots_until = cursor.fetchone()[0]
        cursor.execute("SELECT min(offer_until) FROM reservations_wait WHERE state = 'OFFERED'")
        offer_until = cursor.fetchone()[0]
    return SystemStatus(
        now=now,
        invariants=check_run(INVARIANTS),
        mail=backlog(),
        jobs=_jobs(),
        standbys=_standbys(),
        offer_overdue=max(now - offer_until, timedelta()) if offer_until else timedelta(),
        slots_until=slots_until,
        seal=last_seal(),
        unsealed=unsealed(),
        backup=backup_state(),
        rotation=rotation(),
        erasure_since=unfinished_since(),
        demand=current_demand(),
        unreadable=unreadable_values(),
        texts_to_rewrite=[(row.kind_name, row.language) for row, _ in texts_to_rewrite()],
        untranslated=lacking(settings.LOCALE_PATHS),
    )


def _jobs() -> Jobs:
    """Look at the queue, which lives in real time, from which a demo may be weeks away."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE status = 'todo' AND scheduled_at IS NULL),
                   min(coalesce(scheduled_at, deferred.at)) FILTER (WHERE status = 'todo'),
                   count(*) FILTER (WHERE status = 'failed')
              FROM procrastinate_jobs
              LEFT JOIN procrastinate_events AS deferred ON deferred.job_id = procrastinate_jobs.id
                                                        AND deferred.type = 'deferred'
             WHERE status IN ('todo', 'failed')
            """
        )
        waiting, oldest, failed = cursor.fetchone()
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        seen = cursor.fetchone()[0]
    now = clock.now() - settings.CLOCK_OFFSET
    age = max(now - oldest, timedelta()) if oldest else timedelta()
    return Jobs(waiting, age, failed, seen + settings.CLOCK_OFFSET if seen else None)


def _standbys() -> Standbys:
    """Ask the server who follows it; without pg_read_all_stats it tells of nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')),
                   current_setting('synchronous_standby_names') <> '',
                   coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)
              FROM pg_stat_replication
            """
        )
        synchronous, commits_wait, behind = cursor.fetchone()
    return Standbys(settings.STANDBYS, synchronous, commits_wait, int(behind))
