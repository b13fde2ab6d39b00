"""A copy of the made-up pack, and a booking in its city."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from support.people import HANAKO

from madoguchi.audit.actor import Actor
from madoguchi.common.calendar import JST
from madoguchi.reservations.availability import starts
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.pack.files import PackInvalid
from madoguchi.workflows.pack.loading import apply_pack, plan_pack, read_pack

HOSHIMI = Path(__file__).parents[1] / "packs" / "hoshimi"
TODAY = datetime(2026, 11, 24, 10, 0, tzinfo=JST)  # a Tuesday in the term
THURSDAY = date(2026, 12, 3)


class Folder:
    """A copy of a pack that a test may spoil."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def change(self, file: str, old: str, new: str) -> None:
        target = self.path / file
        text = target.read_text(encoding="utf-8")
        assert old in text, f"{old} is not in {file}"
        target.write_text(text.replace(old, new, 1), encoding="utf-8")

    def load(self) -> None:
        pack = read_pack(self.path)
        apply_pack(pack=pack, plan=plan_pack(pack))

    def plan(self) -> str:
        return "\n".join(plan_pack(read_pack(self.path)).lines())

    def problems(self) -> list[str]:
        with pytest.raises(PackInvalid) as caught:
            read_pack(self.path)
        return [str(problem) for problem in caught.value.problems]


def book(place: str = "HM1", day: date = THURSDAY, hour: int = 15, minute: int = 40) -> booking.Created:
    begins = datetime(day.year, day.month, day.day, hour, minute, tzinfo=JST)
    slot = starts(office=place, since=begins, until=begins.replace(minute=59), slots=1, slot_minutes=20)[0]
    request = booking.BookingRequest(visitors=(booking.Visitor(("PIN_RESET",), HANAKO),), slot=slot.slot)
    return booking.book(
        replace(request, channel="PARTNER", actor=Actor("partner", "test"), submission="x", fingerprint="x")
    )
