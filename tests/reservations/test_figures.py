"""Every figure of a day is a count of rows, and the channels sum to all that was booked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from support.people import HANAKO, TARO, somebody
from support.secretariat import book, member

from madoguchi.accounts.kinds import Role
from madoguchi.common import clock
from madoguchi.reservations.figures import day_figures, unchecked, unchecked_before
from madoguchi.reservations.kinds import Channel
from madoguchi.reservations.models import Reservation

pytestmark = pytest.mark.usefixtures("city")


def book_over(channel, person, **when):
    made = book(person, **when)
    Reservation.objects.filter(pk=made.id).update(channel=channel)
    return made


def test_what_was_booked_over_each_channel_sums_to_all_that_was_booked():
    for number, channel in enumerate((*Channel, Channel.PARTNER)):
        book_over(channel, somebody(number), hour=10 + number)
    figures = day_figures(clock.today())
    assert figures.booked == dict.fromkeys(Channel, 1) | {Channel.PARTNER: 2}
    assert sum(figures.booked.values()) == Reservation.objects.count()


def test_the_secretariat_sees_the_sum_and_its_parts(client):
    for number, channel in enumerate(Channel):
        book_over(channel, somebody(number), hour=10 + number)
    client.force_login(member(Role.SECRETARIAT))
    figures = client.get(reverse("secretariat:home")).context["figures"]
    total, *parts = figures[1 : 2 + len(Channel)]
    assert (total.label, total.value) == ("新しい予約（本日0時から）", len(Channel))
    assert [(each.label, each.value) for each in parts] == [(channel.label, 1) for channel in Channel]


def test_a_reservation_counts_on_the_day_of_what_happened_to_it():
    made = book(HANAKO)
    tomorrow = clock.now() + timedelta(days=1)
    Reservation.objects.filter(pk=made.id).update(changed_at=tomorrow, changed_by="citizen")
    book(TARO, hour=11)
    today = day_figures(clock.today())
    assert (today.visits, sum(today.booked.values()), today.changed, today.cancelled) == (0, 2, 0, 0)
    next_day = day_figures(clock.today() + timedelta(days=1))
    assert (next_day.visits, sum(next_day.booked.values()), next_day.changed) == (0, 0, 1)
    assert day_figures(clock.to_jst(made.starts_at).date()).visits == 2


def test_a_visit_that_is_over_waits_for_no_check():
    book(HANAKO)
    assert (unchecked().count, len(unchecked_before(clock.now() + timedelta(1)))) == (1, 1)
    with clock.travel(clock.now() + timedelta(days=60)):
        assert (unchecked().count, unchecked_before(clock.now())) == (0, [])
