from hypothesis import given
from hypothesis import strategies as st

from madoguchi.offices.rules import Span, reseated, trimmed

DAY = [Span(540, 720, 1), Span(780, 1020, 2)]
minutes = st.integers(0, 47).map(lambda half: half * 30)


def test_a_shorter_day_keeps_its_break():
    assert trimmed(DAY, start=600, end=900) == [Span(600, 720, 1), Span(780, 900, 2)]


def test_a_longer_day_opens_earlier_and_closes_later():
    assert trimmed(DAY, start=480, end=1080) == [Span(480, 720, 1), Span(780, 1080, 2)]


def test_hours_outside_the_usual_ones_are_one_span():
    assert trimmed(DAY, start=1080, end=1140) == [Span(1080, 1140, 1)]
    assert trimmed([], start=540, end=600) == [Span(540, 600, 1)]


def test_seats_change_only_between_the_two_times():
    assert reseated(DAY, start=660, end=840, seats=3) == [
        Span(540, 660, 1),
        Span(660, 720, 3),
        Span(780, 840, 3),
        Span(840, 1020, 2),
    ]


@given(minutes, minutes, st.integers(0, 5))
def test_another_number_of_seats_opens_and_closes_nothing(start, end, seats):
    changed = reseated(DAY, start=start, end=end, seats=seats)
    opened = lambda spans: {at for span in spans for at in range(span.start, span.end, 30)}  # noqa: E731
    assert opened(changed) == opened(DAY)
    assert all(
        span.seats == seats for span in changed if start <= span.start and span.end <= end and start < end
    )
