"""Jobs of mail (仕様書 4(3)ア). Sending is not here: the process `send_mail` drains the outbox."""

from procrastinate.contrib.django import app

from madoguchi.workflows.messages import mail


@app.periodic(cron="*/10 * * * *")
@app.task(name="madoguchi.workflows.tasks.queue_reminders", queueing_lock="queue_reminders")
def queue_reminders(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Queue the reminders that fall due (仕様書 4(3)ア)."""
    mail.queue_due_reminders()
