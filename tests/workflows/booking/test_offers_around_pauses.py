"""The earliest time offered for one person or a family, around pauses of one procedure, can be booked."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.people import HANAKO, SECRETARIAT, somebody

from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.offices.pauses import Scope
from madoguchi.reservations import seats
from madoguchi.reservations.availability import first_free
from madoguchi.reservations.models import Seat
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import offering, sessions
from madoguchi.workflows.booking.book import Visitor
from madoguchi.workflows.booking.offering import offers, open_starts, window
from madoguchi.workflows.outage.pauses import Banner, begin

pytestmark = pytest.mark.usefixtures("city")
DAY = datetime(2026, 11, 30, tzinfo=JST)
CODES = ("CERT_RENEW",)
half_hours = st.integers(0, 48 * 22).map(lambda count: DAY + timedelta(minutes=30 * count))
pauses = st.lists(
    st.builds(
        lambda since, half_hours: Scope(since, since + timedelta(minutes=30 * half_hours), (), CODES[0]),
        half_hours,
        st.integers(1, 48 * 12),
    ),
    max_size=3,
)


def at(day, hour, minute=0):
    return DAY.replace(month=12, day=day, hour=hour, minute=minute)


def pause(since, until):
    return begin(
        scope=Scope(since, until, (), CODES[0]),
        cause="NATIONAL_SYSTEM",
        is_open_ended=False,
        title="国のシステムの停止",
        banner=Banner("停止しています", "お待ちください。"),
        actor=SECRETARIAT,
    )


def earliest(people=1, **asked):
    """Return when each office has room first."""
    found = offers(slots=1, others=[1] * (people - 1), channel="PHONE", codes=CODES, **asked)
    return {offer.office.code: offer.earliest and clock.to_jst(offer.earliest.starts_at) for offer in found}


def withdraw_seats(share):
    """Leave about so large a part of the seats, in hundredths, always the same ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reservations_seat SET is_withdrawn = abs(hashint8(slot_id * 31 + seat_no)) %% 100 >= %s",
            [share],
        )


@pytest.fixture
def _second_seats(city):
    Seat.objects.bulk_create(
        Seat(slot_id=slot, seat_no=2, web_from=web_from)
        for slot, web_from in Seat.objects.values_list("slot_id", "web_from")
    )


@pytest.mark.usefixtures("_second_seats")
@settings(max_examples=12)
@given(
    stopped=pauses,
    slot_counts=st.lists(st.integers(1, 2), min_size=1, max_size=4),
    now=half_hours,
    days=st.none() | st.integers(0, 21),
    share=st.sampled_from([2, 10, 40, 90]),
)
@example(
    stopped=[Scope(at(1, 9), at(9, 9), (), CODES[0])], slot_counts=[1, 1], now=at(3, 9), days=None, share=90
)
def test_the_earliest_offer_is_the_first_free_time_of_the_office(stopped, slot_counts, now, days, share):
    slots, *others = slot_counts
    chosen = None if days is None else (now + timedelta(days=days)).date()
    with pytest.MonkeyPatch.context() as patch, transaction.atomic(), clock.imagine(now):
        patch.setattr(offering, "stops", lambda _codes, _office: stopped)
        withdraw_seats(share)
        found = offers(slots=slots, others=others, codes=CODES, channel="PHONE", first=chosen, last=chosen)
        for offer in found:
            days_open = window(offer.office, channel="PHONE")
            within = days_open and days_open.narrowed(chosen, chosen)
            expected = within and next(
                (
                    start.starts_at
                    for start in open_starts(
                        office_code=offer.office.code,
                        slots=slots,
                        others=others,
                        within=within,
                        codes=CODES,
                        channel="PHONE",
                    )
                    if start.free
                ),
                None,
            )
            assert (offer.earliest and offer.earliest.starts_at) == expected
        transaction.set_rollback(True)


@pytest.mark.parametrize("people", [1, 2])
def test_during_a_pause_nothing_is_offered_before_its_end(people):
    pause(at(10, 9), at(17, 12))
    with clock.travel(at(10, 13)):
        assert set(earliest(people).values()) <= {at(17, 12), None}
        assert earliest(people)["HM01"] == at(17, 12)


def test_two_people_are_not_seated_on_one_seat_that_two_searches_see():
    """A single seat between two pauses lies in the windows of both."""
    pause(at(8, 9), at(9, 11))
    pause(at(9, 12), at(9, 13))
    assert earliest(3)["HM01"] is None or earliest(3)["HM01"] != at(9, 11)


def test_a_family_is_offered_the_last_time_before_a_pause():
    Seat.objects.filter(slot__starts_at__lt=at(9, 11)).update(is_withdrawn=True)
    pause(at(9, 12), at(16, 12))
    assert earliest(2)["HM01"] == at(9, 11)


def test_a_pause_after_the_chosen_day_offers_no_time_between():
    Seat.objects.filter(slot__starts_at__range=(at(8, 0), at(8, 23))).update(is_withdrawn=True)
    pause(at(15, 9), at(16, 9))
    for people in (1, 2):
        assert earliest(people, first=date(2026, 12, 8), last=date(2026, 12, 8))["HM01"] is None


def test_a_family_is_booked_at_the_time_that_was_offered():
    pause(at(8, 9), at(9, 11))
    Seat.objects.update(web_from=seats.ALWAYS)
    [offered] = [offer.earliest for offer in offers(slots=1, others=[1, 1], codes=CODES) if offer.earliest][
        :1
    ]
    token = sessions.start_session(source="1", form_data={})
    sessions.hold_slot(token=token, slot=offered.slot, codes=CODES, others=[CODES] * 2)
    visitors = tuple(Visitor(CODES, person) for person in (HANAKO, somebody(2), somebody(3)))
    made = booking.book_held(booking.BookingRequest(visitors=visitors, token=token))
    assert made[0].starts_at == offered.starts_at


@pytest.mark.parametrize("others", [(), (1,)])
def test_a_window_that_ends_before_it_begins_has_no_start(others):
    with clock.travel(at(9, 12)):
        windows = [("HM01", at(9, 12), at(9, 10))]
        assert first_free(windows=windows, slots=1, slot_minutes=30, others=others, any_hour=True) == {}
