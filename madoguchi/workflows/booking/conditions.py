"""Conditions that a time, a day and a person must meet to be booked (仕様書 4(3)ア)."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from psycopg import Cursor

from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.common.languages import gettext
from madoguchi.common.name_changes import NameInAddress, refuse_name_change
from madoguchi.common.names import read_kana, read_name
from madoguchi.common.texts import refuse_unusable
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.contract.rules import BookingRules
from madoguchi.contract.selectors import procedures, program
from madoguchi.offices.pauses import stops
from madoguchi.offices.selectors import office
from madoguchi.reservations.availability import Run, ask_run, read_run
from madoguchi.reservations.errors import (
    DeadlinePassed,
    NotEligible,
    NotYetOpen,
    Paused,
    SlotFull,
)
from madoguchi.reservations.people import (
    Person,
    is_damaged,
)
from madoguchi.reservations.rules import age_on, visit_days
from madoguchi.workflows.booking.offering import slots_for, window


def find_run(slot: int, codes: Sequence[str]) -> Run:
    """Return the slots that the procedures fill from this one on. Raises NotEligible, SlotFull and Paused."""
    slots = slot_count(codes)
    return read_asked_run(ask_run(slot, slots=slots, slot_minutes=program().slot_minutes), codes)


def read_asked_run(asked: Cursor[Any], codes: Sequence[str]) -> Run:
    """Return the run that was asked for in a pipeline. Raises as `find_run` does."""
    run = read_run(asked, slots=slot_count(codes))
    if run is None:
        raise SlotFull
    refuse_paused(run, codes)
    return run


def refuse_paused(run: Run, codes: Sequence[str]) -> None:
    """Refuse a run in which these procedures are paused. Raises Paused."""
    ends_at = run.starts_at + len(run.slot_ids) * timedelta(minutes=program().slot_minutes)
    if any(stop.starts_at < ends_at and run.starts_at < stop.ends_at for stop in stops(codes, run.office)):
        raise Paused


def slot_count(codes: Sequence[str]) -> int:
    """Return how many slots procedures fill. Raises NotEligible where one of them is not offered."""
    if not codes or not set(codes) <= {row.code for row in procedures()}:
        raise NotEligible(guidance="ward.WARD_GUIDANCE")
    return slots_for(codes)


def refuse_closed(run: Run, *, channel: str, moving: bool = False) -> None:
    """Refuse a run outside its booking window. Raises NotYetOpen and DeadlinePassed."""
    now, day = clock.now(), clock.to_jst(run.starts_at).date()
    place = office(run.office)
    days = window(place, channel=channel, moving=moving)
    if not place.takes_bookings(now) or (days is not None and day > days.last):
        raise NotYetOpen
    if days is None or day < days.first or run.starts_at <= now:
        raise DeadlinePassed


def refuse_day(person: Person, codes: Sequence[str], run: Run, rules: BookingRules) -> None:
    """Refuse a day on which the visit makes no sense for these procedures."""
    refuse_person(person, codes, clock.to_jst(run.starts_at).date(), rules)


def refuse_person(person: Person, codes: Sequence[str], day: date, rules: BookingRules) -> None:
    """Refuse a person who cannot have the procedures on that day. Raises NotEligible."""
    if age_on(person.birth_date, day) < rules.min_age:
        raise NotEligible(
            f"手続きの日に{rules.min_age}歳以上の方が予約できます。区役所で保護者・後見人の方とご相談ください。",
            guidance="ward.UNDER_15",
            field="date_of_birth",
        )
    first, last = fitting_days(person, codes, rules)
    if (first and day < first) or (last and day > last):
        raise NotEligible(
            gettext("この日は、有効期限から見て手続きができない日です。別の日を選んでください。"),
            guidance="ward.OUT_OF_WINDOW",
            first=first,
            last=last,
        )


def fitting_days(
    person: Person, codes: Sequence[str], rules: BookingRules
) -> tuple[date | None, date | None]:
    """Return the first and last day on which a person's visit makes sense, None where nothing bounds it."""
    return visit_days(
        procedures=codes,
        card_expires_on=as_day(person.details.card_expires_on),
        cert_expires_on=as_day(person.details.cert_expires_on),
        window_months=rules.renewal_window_months,
    )


def as_day(text: str) -> date | None:
    """Return the day that a kept ISO text says, None for an empty one."""
    return date.fromisoformat(text) if text else None


def refuse_forbidden_values(person: Person) -> None:
    """Refuse My Numbers, PINs, 外字, names that are none, and names in addresses (仕様書 4(3)ア).

    Raises ForbiddenValue, CharacterUnusable, NameUnreadable, KanaUnreadable and NameInAddress, with the
    field, and ValueUnreadable for a stored person who cannot be read. The text is never kept or logged.
    """
    if is_damaged(person):
        raise ValueUnreadable
    details = person.details
    typed: tuple[tuple[str, str, Callable[[str], object]], ...] = (
        ("name", person.name, read_name),
        ("name_kana", person.name_kana, read_kana),
        ("address", person.address, refuse_unusable),
        ("email", person.email, refuse_unusable),
        ("old_address", details.old_address, refuse_unusable),
        ("new_address", details.new_address, refuse_unusable),
        ("unreadable_characters", details.unreadable_characters, refuse_unusable),
        ("called_name", details.called_name, read_name),
    )
    for field, text, read in typed:
        try:
            refuse_forbidden(text)
            read(text)
        except Refusal as refusal:
            raise type(refusal)(refusal.message, field=field) from None
    texts = {field: text for field, text, _ in typed}
    for field in ("address", "old_address", "new_address"):
        name = "" if field == "address" else person.name
        try:
            refuse_name_change(texts[field], name=name)
        except NameInAddress as refusal:
            raise NameInAddress(refusal.message, field=field) from None
