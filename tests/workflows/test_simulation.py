"""Days played through the real services: the ledgers agree at the end, and a seed plays the same days."""

from datetime import date
from pathlib import Path

import pytest
from people import OPERATOR, SECRETARIAT

from madoguchi.common import clock
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import Applicant, Reservation
from madoguchi.reservations.people import open_person
from madoguchi.reservations.words import UNKNOWN_PINS
from madoguchi.workflows.simulation import simulate

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("city")]
PACK = Path(__file__).resolve().parent.parent / "packs" / "hoshimi"


def play(seed: int):
    return simulate(
        first=date(2026, 11, 24), days=3, seed=seed, a_day=12, pack=PACK, operator=OPERATOR,
        secretariat=SECRETARIAT,
    )  # fmt: skip


def test_the_ledgers_agree_after_days_of_booking_moving_and_cancelling():
    summary = play(seed=7)
    booked = summary.counts["booked on the web"] + summary.counts["booked by phone"]
    assert booked == Reservation.objects.count() > 20
    assert len(set(Reservation.objects.exclude(party=None).values_list("party", flat=True))) > 0
    assert summary.counts["cancelled"] == Reservation.objects.filter(status="CANCELLED").count()
    assert breaches(clock.now()) == []
    pins = {
        pin
        for row in Applicant.objects.select_related("key")
        for pin in open_person(row).details.unknown_pins
    }
    assert pins <= UNKNOWN_PINS.keys()
    assert pins
