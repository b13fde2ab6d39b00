"""Jobs that keep the system in order: seals, keys, checks, backups, sessions, the queue (仕様書 4(6), 6)."""

from typing import Final

from django.conf import settings
from django.core.management import call_command
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from madoguchi.audit.seals import seal_entries
from madoguchi.backups.rules import daily_at
from madoguchi.workflows.operations import backup, keys, status

KEEP_JOBS_HOURS: Final = 24 * 7


@app.periodic(cron="*/5 * * * *")
@app.task(name="madoguchi.workflows.tasks.seal_audit", queueing_lock="seal_audit")
def seal_audit(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Seal what was written to the audit trail (仕様書 6)."""
    seal_entries()


@app.periodic(cron="*/5 * * * *")
@app.task(name="madoguchi.workflows.tasks.reseal", queueing_lock="reseal")
def reseal(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Seal with the current key of the ring what a former one seals (仕様書 6)."""
    keys.reseal()


@app.periodic(cron="5 * * * *")
@app.task(name="madoguchi.workflows.tasks.check_invariants", queueing_lock="check_invariants")
def check_invariants(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Check each hour what must always hold; the status page shows the result (仕様書 6).

    The ledgers (no seat was sold twice, and so on), the latest seals of the audit trail, and a share of what
    is sealed: whether it opens, and whether the search columns beside it follow from it.
    """
    status.check_invariants()


@app.periodic(cron=daily_at(settings.BACKUP_TIME))
@app.task(
    name="madoguchi.workflows.tasks.back_up",
    queueing_lock="back_up",
    retry=RetryStrategy(max_attempts=3, wait=600),
)
def back_up(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Make the backup of the day (仕様書 4(6)); the status page shows how it went, or that there is none."""
    if backup.is_configured():
        backup.back_up()


@app.periodic(cron="40 18 * * *")
@app.task(name="madoguchi.workflows.tasks.clear_sessions", queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Delete sessions of staff that ran out."""
    call_command("clearsessions")


@app.periodic(cron="*/5 * * * *")
@app.task(name="madoguchi.workflows.tasks.tidy_jobs", queueing_lock="tidy_jobs", pass_context=True)
async def tidy_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Give jobs of a killed worker to another one, and forget those that ended a week ago."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        await jobs.retry_job(job)
    await jobs.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS, include_failed=True)
