"""The load of a day: what is free, of that what is kept for the telephone, what is held and booked."""

from datetime import timedelta

import pytest
from support.city import NOON
from support.secretariat import book, slot_at

from madoguchi.common import clock
from madoguchi.reservations.availability import day_loads
from madoguchi.reservations.models import Seat
from madoguchi.reservations.seats import ALWAYS
from madoguchi.workflows.booking import sessions

pytestmark = pytest.mark.usefixtures("city")
CODES = ("CERT_RENEW",)


def load(office="HM01"):
    since = NOON.replace(month=12, day=15, hour=0)
    [row] = day_loads(offices=[office], since=since, until=since + clock.DAY)
    return row


def hold(hour, channel="PHONE"):
    token = sessions.start_session(source="1", form_data={})
    sessions.hold_slot(token=token, slot=slot_at(15, hour), codes=CODES, channel=channel)


def test_what_is_kept_for_the_telephone_is_free():
    Seat.objects.update(web_from=ALWAYS)
    kept = Seat.objects.filter(slot__in=[slot_at(15, hour) for hour in (9, 10, 11)])
    kept.update(web_from=clock.now() + timedelta(days=1))
    assert (load().free, load().kept) == (16, 3)
    hold(9)
    book(hour=10, minute=0)
    assert (load().free, load().kept, load().held, load().booked) == (14, 1, 1, 1)


def test_with_every_seat_kept_a_held_one_leaves_none_for_the_web_and_not_fewer():
    Seat.objects.update(web_from=clock.now() + timedelta(days=1))
    hold(9)
    assert load().free - load().kept == 0
