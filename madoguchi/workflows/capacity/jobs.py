"""Jobs of hours and seats (仕様書 4(3)ア)."""

from procrastinate.contrib.django import app

from madoguchi.workflows.approvals import proposals
from madoguchi.workflows.capacity import slots


@app.periodic(cron="1 15 * * *")
@app.task(name="madoguchi.workflows.tasks.extend_slots", queueing_lock="extend_slots")
def extend_slots(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """Apply the master data of the new day, lay out the days that came into the booking window, refit seats.

    Just after midnight in Japan, the instant from which rules hold.
    """
    proposals.apply_due()
    slots.extend_slots()
