"""Jobs, run by `manage.py procrastinate worker`; each may run twice with the same result.

Hours are UTC: 18:10 is ten past three at night in Japan. Mail is not here, `send_mail` drains it.
"""

import uuid
from typing import Final

from django.conf import settings
from django.core.management import call_command
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from madoguchi.audit.seals import seal_entries
from madoguchi.backups.rules import daily_at
from madoguchi.common import clock
from madoguchi.workflows.booking import sessions, waiting_offers
from madoguchi.workflows.capacity import slots
from madoguchi.workflows.messages import mail
from madoguchi.workflows.operations import backup, keys, status
from madoguchi.workflows.privacy import exports, retention

KEEP_JOBS_HOURS: Final = 24 * 7
AFTER_A_WHILE: Final = RetryStrategy(max_attempts=3, wait=600)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="queue_reminders")
def queue_reminders(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Queue the reminders that fall due (仕様書 4(3)ア)."""
    mail.queue_due_reminders()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="serve_the_list")
def serve_the_list(timestamp: int) -> None:  # noqa: ARG001
    """End offers nobody took, and offer what is free to who waits (仕様書 4(3)ア)."""
    waiting_offers.offer_seats()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="purge")
def purge(timestamp: int) -> None:  # noqa: ARG001
    """Delete attempts to book that nobody goes on with, what was typed into them, and files of yesterday."""
    sessions.purge(now=clock.now())
    exports.purge_exports(now=clock.now())
    retention.purge(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="seal_audit")
def seal_audit(timestamp: int) -> None:  # noqa: ARG001
    """Seal what was written to the audit trail (仕様書 6)."""
    seal_entries()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="reseal")
def reseal(timestamp: int) -> None:  # noqa: ARG001
    """Seal with the current key of the ring what a former one seals (仕様書 6)."""
    keys.reseal()


@app.task
def make_export(export_id: str) -> None:
    """Make the file of a list that somebody asked for (R29)."""
    exports.make_export(export_id=uuid.UUID(export_id))


@app.task(retry=AFTER_A_WHILE)
def erase(erasure_id: str) -> None:
    """Erase people on the city's instruction (R193); killed half way it goes on where it was."""
    retention.carry_out(erasure_id=uuid.UUID(erasure_id))


@app.periodic(cron="1 15 * * *")
@app.task(queueing_lock="extend_slots")
def extend_slots(timestamp: int) -> None:  # noqa: ARG001
    """Lay out the slots of the days that came into the booking window, and fit seats to rules of the new day.

    Just after midnight in Japan, the instant from which rules hold.
    """
    slots.extend_slots()


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="check_invariants")
def check_invariants(timestamp: int) -> None:  # noqa: ARG001
    """Check that no seat was sold twice, and the like; the status page shows the result."""
    status.check_invariants()


@app.periodic(cron=daily_at(settings.BACKUP_TIME))
@app.task(queueing_lock="back_up", retry=AFTER_A_WHILE)
def back_up(timestamp: int) -> None:  # noqa: ARG001
    """Make the backup of the day (仕様書 4(6)); the status page shows how it went, or that there is none."""
    if backup.is_configured():
        backup.back_up()


@app.periodic(cron="40 18 * * *")
@app.task(queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:  # noqa: ARG001
    """Delete sessions of staff that ran out."""
    call_command("clearsessions")


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="tidy_jobs", pass_context=True)
async def tidy_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Give jobs of a killed worker to another one, and forget those that ended a week ago."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        await jobs.retry_job(job)
    await jobs.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS, include_failed=True)
