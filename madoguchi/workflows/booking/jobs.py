"""Jobs of bookings (仕様書 4(3)ア)."""

from procrastinate.contrib.django import app

from madoguchi.workflows.booking import waiting_offers


@app.periodic(cron="* * * * *")
@app.task(name="madoguchi.workflows.tasks.serve_the_list", queueing_lock="serve_the_list")
def offer_seats(timestamp: int) -> None:  # noqa: ARG001 - the queue hands it over
    """End offers nobody took, and offer what is free to who waits (仕様書 4(3)ア)."""
    waiting_offers.offer_seats()
