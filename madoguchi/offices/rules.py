"""The slots of an office on a day, in plain Python."""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

NOON = 12 * 60
PENSION_DAY_OF_MONTH = 15


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes after midnight from `start` up to, not including, `end`, with `seats` seats."""

    start: int
    end: int
    seats: int


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A slot as the plan wants it: when it starts (minutes after midnight) and how many seats it has."""

    start: int
    seats: int


def planned_slots(
    *,
    day: date,
    weekly: Iterable[Span],
    special: Iterable[Span],
    is_open: bool,
    closed: Iterable[tuple[int, int]],
    presets: Mapping[str, int],
    slot_minutes: int,
) -> list[PlannedSlot]:
    """Return the slots of one day in order; presets never add to a closed day.

    `special` replaces `weekly` when there is any; `closed` holds minutes in which nothing is offered;
    `presets` maps a kind of day to n: one of every n slots is kept, the first of each n.
    """
    if not is_open:
        return []
    shut = list(closed)
    seats_at: dict[int, int] = {}
    for span in list(special) or list(weekly):
        for start in range(span.start, span.end - slot_minutes + 1, slot_minutes):
            seats_at[start] = max(seats_at.get(start, 0), span.seats)
    kept = sorted(start for start, seats in seats_at.items() if seats)
    for kind, keep_one_in in presets.items():
        touched = [start for start in kept if _touches(kind, day, start)]
        dropped = {start for place, start in enumerate(touched) if place % keep_one_in}
        kept = [start for start in kept if start not in dropped]
    # Last, so that a closure drops no slot but its own: which of every n is kept does not move.
    return [
        PlannedSlot(start, seats_at[start])
        for start in kept
        if not any(start < end and begin < start + slot_minutes for begin, end in shut)
    ]


def _touches(kind: str, day: date, start: int) -> bool:
    """Tell whether a preset of this kind concerns a slot that starts at this minute of the day."""
    last_day = calendar.monthrange(day.year, day.month)[1]
    return {
        "PENSION_DAY": day.month % 2 == 0 and day.day == PENSION_DAY_OF_MONTH,
        "FIVE_TEN_DAY": day.day % 5 == 0,
        "MONTH_END": day.day == last_day,
        "MONDAY_MORNING": day.weekday() == calendar.MONDAY and start < NOON,
        "FRIDAY_AFTERNOON": day.weekday() == calendar.FRIDAY and start >= NOON,
    }[kind]


def trimmed(spans: Sequence[Span], *, start: int, end: int) -> list[Span]:
    """Return the hours of a day opened from `start` to `end`; breaks and seats in between stay."""
    kept = [
        span for span in sorted(spans, key=lambda span: span.start) if span.start < end and start < span.end
    ]
    if not kept:
        return [Span(start, end, spans[0].seats if spans else 1)]
    first, last = kept[0], kept[-1]
    return [
        Span(start if span is first else span.start, end if span is last else span.end, span.seats)
        for span in kept
    ]


def reseated(spans: Sequence[Span], *, start: int, end: int, seats: int) -> list[Span]:
    """Return the hours of a day with another number of seats from `start` to `end`, wherever it is open."""
    changed = []
    for span in spans:
        inside, outside = max(span.start, start), min(span.end, end)
        if inside >= outside:
            changed.append(span)
            continue
        parts = (
            Span(span.start, inside, span.seats),
            Span(inside, outside, seats),
            Span(outside, span.end, span.seats),
        )
        changed += [part for part in parts if part.start < part.end]
    return changed
