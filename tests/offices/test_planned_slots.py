"""Which slots a day has: by properties, so that no exception ever adds a seat."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from madoguchi.offices.rules import PlannedSlot, Span, planned_slots

DAY = date(2026, 12, 15)  # a Tuesday, and a pension day
WEEKLY = [Span(9 * 60, 12 * 60, 1), Span(13 * 60, 17 * 60, 1)]
spans = st.lists(
    st.builds(
        lambda start, length, seats: Span(start * 15, min(start * 15 + length * 15, 1440), seats),
        st.integers(0, 90), st.integers(1, 40), st.integers(0, 4),
    ),
    max_size=4,
)  # fmt: skip
closures = st.lists(st.tuples(st.integers(-600, 1500), st.integers(1, 2000)), max_size=3).map(
    lambda pairs: [(start, start + length) for start, length in pairs]
)
presets = st.dictionaries(
    st.sampled_from(["PENSION_DAY", "FIVE_TEN_DAY", "MONTH_END", "MONDAY_MORNING", "FRIDAY_AFTERNOON"]),
    st.integers(1, 4),
)


def plan(*, day=DAY, weekly=WEEKLY, special=(), is_open=True, closed=(), kinds=None, minutes=30):
    return planned_slots(
        day=day, weekly=weekly, special=special, is_open=is_open, closed=closed, presets=kinds or {},
        slot_minutes=minutes,
    )  # fmt: skip


def test_a_lunch_break_is_a_gap_between_two_spans():
    starts = [slot.start for slot in plan()]
    assert starts[:6] == [540, 570, 600, 630, 660, 690]
    assert starts[6] == 780
    assert len(starts) == 14


def test_a_visit_never_ends_after_closing_time():
    assert plan(weekly=[Span(540, 615, 1)])[-1] == PlannedSlot(570, 1)


def test_pension_days_keep_one_of_two_slots():
    assert len(plan(kinds={"PENSION_DAY": 2})) == 7
    assert len(plan(day=date(2026, 11, 15), kinds={"PENSION_DAY": 2})) == 14


def test_the_hours_of_one_day_stand_in_place_of_the_weekday():
    assert [slot.start for slot in plan(special=[Span(600, 660, 2)])] == [600, 630]


@given(weekly=spans, special=spans, closed=closures, kinds=presets)
def test_a_closed_day_has_no_slots_whatever_else_is_said(weekly, special, closed, kinds):
    assert plan(weekly=weekly, special=special, closed=closed, kinds=kinds, is_open=False) == []


@given(weekly=spans, special=spans, closed=closures, kinds=presets)
def test_exceptions_on_top_of_each_other_never_add_a_seat(weekly, special, closed, kinds):
    bare = {slot.start: slot.seats for slot in plan(weekly=weekly, special=special)}
    trimmed = plan(weekly=weekly, special=special, closed=closed, kinds=kinds)
    assert all(slot.seats <= bare.get(slot.start, 0) for slot in trimmed)
    assert not any(slot.start < end and begin < slot.start + 30 for slot in trimmed for begin, end in closed)


@given(weekly=spans)
def test_slots_stand_in_order_and_lie_within_the_hours(weekly):
    slots = plan(weekly=weekly)
    assert [slot.start for slot in slots] == sorted({slot.start for slot in slots})
    assert all(any(s.start <= slot.start and slot.start + 30 <= s.end for s in weekly) for slot in slots)
