"""Who of a family comes when: together where windows allow, else one directly after the other."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.common.clock import JST
from madoguchi.reservations.rules import sit_together

STEP = timedelta(minutes=30)
NINE = datetime(2026, 12, 15, 9, tzinfo=JST)
slot_counts_of = st.lists(st.integers(1, 3), min_size=1, max_size=4)
seats_of = st.lists(st.integers(0, 3), min_size=8, max_size=8)


def day(*seats):
    return {NINE + STEP * place: free for place, free in enumerate(seats)}


def together(seats, *slot_counts, start=0):
    found = sit_together(day(*seats), start=NINE + STEP * start, slot_counts=slot_counts, slot_length=STEP)
    return found and [int((at - NINE) / STEP) for at in found]


@pytest.mark.parametrize(
    ("seats", "slot_counts", "begins"),
    [
        ([1], [1], [0]),
        ([2, 1], [1, 1], [0, 0]),
        ([1, 1], [1, 1], [0, 1]),
        ([2, 1], [1, 1, 1], [0, 0, 1]),
        ([2, 2, 1], [2, 1, 1], [0, 0, 1]),
        ([1, 2, 1], [2, 1, 1], [0, 1, 2]),
        # After a pause, or before the first: not together any more.
        ([1, 0, 1], [1, 1], None),
        ([0, 1, 1], [1, 1], None),
        # The next one may start while the one before is still at it.
        ([1, 2, 1], [2, 2], [0, 1]),
        # No seat of the long visit is given twice.
        ([1, 1], [2, 1], None),
    ],
)
def test_each_next_person_starts_as_early_as_there_is_room_and_never_after_a_pause(
    seats, slot_counts, begins
):
    assert together(seats, *slot_counts) == begins


@given(seats=seats_of, slot_counts=slot_counts_of, start=st.integers(0, 7))
def test_no_seat_is_sold_twice_and_no_lock_waits_for_nobody(seats, slot_counts, start):
    begins = together(seats, *slot_counts, start=start)
    if begins is None:
        return
    taken = Counter(
        slot for at, length in zip(begins, slot_counts, strict=True) for slot in range(at, at + length)
    )
    assert all(seats[slot] >= count for slot, count in taken.items())
    assert begins[0] == min(begins) == start
    assert set(taken) == set(range(min(taken), max(taken) + 1))


@given(seats=seats_of, slot_counts=slot_counts_of, start=st.integers(0, 7))
def test_read_back_from_the_seats_it_took_the_rule_gives_the_same_times(seats, slot_counts, start):
    begins = together(seats, *slot_counts, start=start)
    if begins is None:
        return
    taken = Counter(
        slot for at, length in zip(begins, slot_counts, strict=True) for slot in range(at, at + length)
    )
    held = [taken[slot] for slot in range(len(seats))]
    assert together(held, *slot_counts, start=start) == begins
