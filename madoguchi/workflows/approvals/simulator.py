"""Simulate what a citizen would see at a moment, as decided today and under a proposal (仕様書 9(5), 4(3)ア).

Applies the proposal in a transaction that is rolled back, moves the clock for this thread alone, and calls
the functions that serve the citizen site (申請者画面の表示確認).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.db import transaction

from madoguchi.common import clock
from madoguchi.common.cache import clear_caches, isolated_cache
from madoguchi.contract import proposals as ledger
from madoguchi.contract.kinds import CalendarCode, ProposalKind
from madoguchi.contract.rows import ProposalRow
from madoguchi.contract.rules import BookingRules
from madoguchi.contract.selectors import booking_rules, calendar
from madoguchi.notifications.announcements import AnnouncementRow, shown_announcements
from madoguchi.offices.selectors import OfficeRow, office, offices
from madoguchi.workflows.approvals.content import current_content
from madoguchi.workflows.approvals.master import MASTERS
from madoguchi.workflows.approvals.proposals import (
    SIMULATOR,
    apply,
    assume_applied,
    offices_to_refit,
)
from madoguchi.workflows.booking.offering import (
    WEB,
    Deadlines,
    Window,
    day_marks,
    deadlines,
    open_starts,
    slots_for,
    window,
)
from madoguchi.workflows.capacity.slots import extend_slots

# The example visit, whose deadlines are shown, is so many business days ahead, at ten.
EXAMPLE_BUSINESS_DAYS: Final = 10
EXAMPLE_AT: Final = time(10)


@dataclass(frozen=True, slots=True)
class PreviewResult:
    """What a citizen sees at a moment: the days of an office, deadlines, limits, words."""

    rules: BookingRules
    window: Window | None
    # How full each day is, closed ones left out, and how many times are free in all.
    marks: Mapping[date, str]
    free: int
    deadlines: Deadlines
    banners: tuple[AnnouncementRow, ...]
    # The text that the proposal is about, {} for other proposals.
    text: Mapping[str, str]

    @property
    def days(self) -> Window | None:
        """The first and last day that the calendar offers, free or full; None where it offers none."""
        return Window(min(self.marks), max(self.marks)) if self.marks else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is seen as decided today, and under a proposal (None without one); `visit` is the example's."""

    visit: datetime
    now: PreviewResult
    then: PreviewResult | None


def places() -> Sequence[OfficeRow]:
    """Return the offices to look at, those that take bookings first."""
    now = clock.now()
    return sorted(offices(), key=lambda row: (not row.takes_bookings(now), row.code))


def compare(
    *, moment: datetime, office_code: str, codes: Sequence[str], proposal_id: int | None = None
) -> Comparison:
    """Return what a citizen sees at a moment at an office, as decided today and under a proposal.

    Nothing is written. Times are free or full as they are booked now. Raises NotVisible for an office or a
    unknown proposal.
    """
    row = ledger.proposal(proposal_id) if proposal_id else None
    place = office(office_code)
    day = clock.to_jst(moment).date()
    visit = clock.at(calendar(CalendarCode.CITY).shift(day, EXAMPLE_BUSINESS_DAYS), EXAMPLE_AT)

    def preview() -> PreviewResult:
        days = window(place, channel=WEB)
        starts = (
            open_starts(office_code=office_code, slots=slots_for(codes), within=days, codes=codes)
            if days
            else []
        )
        return PreviewResult(
            rules=booking_rules(clock.now(), office_code),
            window=days,
            marks=day_marks(starts, days) if days else {},
            free=sum(bool(start.free) for start in starts),
            deadlines=deadlines(visit, office_code),
            banners=shown_announcements(),
            text=_text(row),
        )

    with transaction.atomic(durable=True), isolated_cache():
        with clock.imagine(moment):
            _catch_up(moment, [office_code])
            now = preview()
        then = None
        if row:
            assume_applied(row, max(row.effective_from, clock.now()))
            clear_caches()
            with clock.imagine(moment):
                # What moves no slot leaves them as they were laid out above.
                _catch_up(moment, [code for code in offices_to_refit(row) if code == office_code])
                then = preview()
        transaction.set_rollback(True)
    return Comparison(visit, now, then)


def _catch_up(moment: datetime, places: Sequence[str]) -> None:
    """Write what is due by then and extend slots, as the nightly jobs will have done.

    Only slot rows of these offices that the proposal or a distant day changes are locked until
    the rollback.
    """
    for due in ledger.due_proposals(kinds=MASTERS, at=moment):
        apply(due, actor=SIMULATOR)
    if places:
        extend_slots(places)


def _text(row: ProposalRow | None) -> dict[str, str]:
    if row is None or row.kind not in {ProposalKind.MAIL, ProposalKind.TEXT}:
        return {}
    return current_content(kind=row.kind, scope=row.scope, language=row.language, at=clock.now())
