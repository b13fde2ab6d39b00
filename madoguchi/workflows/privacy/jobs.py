"""Jobs that make files of people, and that delete and erase (仕様書 6)."""

import uuid

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from madoguchi.common import clock
from madoguchi.workflows.booking import sessions
from madoguchi.workflows.privacy import exports, retention


@app.periodic(cron="*/5 * * * *")
@app.task(name="madoguchi.workflows.tasks.purge", queueing_lock="purge")
def purge(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Delete booking sessions that nobody goes on with, what was typed into them, and files of yesterday."""
    sessions.purge(now=clock.now())
    exports.purge_exports(now=clock.now())
    retention.purge(now=clock.now())


@app.task(name="madoguchi.workflows.tasks.make_export")
def make_export(export_id: str) -> None:
    """Make the file of a list that somebody asked for (仕様書 4(3)ア)."""
    exports.make_export(export_id=uuid.UUID(export_id))


@app.task(name="madoguchi.workflows.tasks.erase", retry=RetryStrategy(max_attempts=3, wait=600))
def erase(erasure_id: str) -> None:
    """Erase people on the city's instruction (仕様書 6); killed half way it goes on where it was."""
    retention.carry_out(order_id=uuid.UUID(erasure_id))
