"""Changing what is offered: nobody's booking is dropped, and whoever no longer fits is on a list."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from support.people import HANAKO, SECRETARIAT, TARO

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import Actor
from madoguchi.common.clock import JST
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import ForbiddenValue
from madoguchi.contract.services import decide_rule
from madoguchi.offices import selectors
from madoguchi.offices.errors import ClosureWithoutTime, HoursOverlap
from madoguchi.offices.models import Closure, Slot, WeeklyHours
from madoguchi.offices.rules import Span
from madoguchi.offices.selectors import weekly_hours
from madoguchi.offices.services import (
    close_office,
    put_preset,
    set_day_hours,
    set_weekly_hours,
    withdraw_closure,
)
from madoguchi.reservations.availability import starts
from madoguchi.reservations.disruption_lists import disrupted_visits, disruptions
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import Seat
from madoguchi.reservations.selectors import reservation
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes
from madoguchi.workflows.capacity.slots import change_offering, extend_slots, preview_offering

pytestmark = pytest.mark.usefixtures("city")
PARTNER = Actor("staff", "test")
DAY = date(2026, 12, 15)


def at(hour, minute=0, day=15):
    return datetime(2026, 12, day, hour, minute, tzinfo=JST)


def slot_at(hour, minute=0, place="HM01"):
    begins = at(hour, minute)
    return starts(office=place, since=begins, until=begins + timedelta(minutes=1), slots=1, slot_minutes=30)[
        0
    ]


def book(person=HANAKO, hour=10, codes=("CERT_RENEW",)):
    request = booking.BookingRequest(visitors=(booking.Visitor(codes, person),), slot=slot_at(hour).slot)
    return booking.book(
        replace(request, channel="PHONE", actor=PARTNER, submission=person.name, fingerprint="")
    )


def typhoon():
    return close_office(
        office="HM01", starts_at=at(9), ends_at=at(12), reason="TYPHOON", note="", actor=SECRETARIAT
    )


def test_building_slots_is_idempotent():
    assert extend_slots() == 0


def test_seats_of_every_slot_follow_the_plan():
    assert breaches(at(0, day=1)) == []
    assert Slot.objects.filter(office="HM01", starts_at__date=DAY).count() == 16


def test_a_preview_names_the_affected_people_and_writes_nothing():
    book()
    before = list(Slot.objects.values_list("pk", "capacity"))
    effect = preview_offering(change=typhoon, places=["HM01"])
    assert [row.name for row in effect.affected] == ["福岡　花子"]
    assert effect.slots == 6
    assert list(Slot.objects.values_list("pk", "capacity")) == before
    assert disruptions() == []


def test_a_closure_keeps_the_booking_sells_nothing_more_and_opens_a_list():
    made = book()
    effect = change_offering(change=typhoon, places=["HM01"], title="台風のため休業", actor=SECRETARIAT)
    assert reservation(made.id, scope=EVERYWHERE).is_booked
    assert [row.visit.name for row in disrupted_visits(effect.disruption, scope=EVERYWHERE)] == ["福岡　花子"]
    assert [
        start.free
        for start in starts(office="HM01", since=at(9), until=at(12), slots=1, slot_minutes=30, any_hour=True)
    ] == []


def test_the_list_is_done_once_each_person_is_moved_or_cancelled():
    made, other = book(), book(TARO, hour=11)
    change_offering(change=typhoon, places=["HM01"], title="台風", actor=SECRETARIAT)
    changes.move(reservation_id=made.id, slot=slot_at(14).slot, actor=PARTNER, channel="PHONE")
    assert disruptions(unresolved_only=True)[0].left == 1
    changes.cancel(reservation_id=other.id, actor=PARTNER, channel="PHONE", reason="OFFICE_CLOSED")
    assert disruptions(unresolved_only=True) == []


def test_the_seat_a_displaced_person_leaves_is_offered_to_nobody():
    made = book()
    change_offering(change=typhoon, places=["HM01"], title="台風", actor=SECRETARIAT)
    changes.cancel(reservation_id=made.id, actor=PARTNER, channel="PHONE")
    assert not starts(office="HM01", since=at(10), until=at(10, 1), slots=1, slot_minutes=30, any_hour=True)
    assert breaches(at(0, day=1)) == []


def test_a_closure_taken_back_gives_the_seats_back_and_the_booking_its_place():
    made = book()
    closure = []
    change_offering(
        change=lambda: closure.append(typhoon()), places=["HM01"], title="台風", actor=SECRETARIAT
    )
    change_offering(
        change=lambda: withdraw_closure(closure_id=closure[0], actor=SECRETARIAT),
        places=["HM01"], title="再開", actor=SECRETARIAT,
    )  # fmt: skip
    assert not Seat.objects.get(reservation=made.id).is_withdrawn
    assert slot_at(9).free == 1
    assert breaches(at(0, day=1)) == []


def test_lowering_the_seats_withdraws_the_free_ones_first():
    set_day_hours(office="HM01", day=DAY, spans=[Span(540, 1020, 3)], actor=SECRETARIAT)
    extend_slots()
    book()
    effect = change_offering(
        change=lambda: set_day_hours(office="HM01", day=DAY, spans=[Span(540, 1020, 1)], actor=SECRETARIAT),
        places=["HM01"], title="枠を減らす", actor=SECRETARIAT,
    )  # fmt: skip
    assert effect.affected == []
    assert effect.disruption is None
    assert breaches(at(0, day=1)) == []


def test_hours_change_from_a_day_on_and_the_old_ones_stay_as_history():
    set_weekly_hours(
        office="HM01", spans=[(1, Span(600, 720, 2))], effective_from=date(2026, 12, 1), actor=SECRETARIAT
    )
    assert [row.span.seats for row in weekly_hours("HM01", on=date(2026, 11, 30))] == [1] * 5
    assert [row.span for row in weekly_hours("HM01", on=date(2026, 12, 1))] == [Span(600, 720, 2)]


@pytest.mark.parametrize(
    "wrong", [[Span(600, 720, 1), Span(700, 800, 1)], [Span(720, 600, 1)], [Span(600, 600, 1)]]
)
def test_hours_that_overlap_or_end_before_they_start_are_refused(wrong):
    with pytest.raises(HoursOverlap):
        set_day_hours(office="HM01", day=DAY, spans=wrong, actor=SECRETARIAT)


def test_a_closure_that_ends_before_it_starts_is_refused_with_a_sentence_about_closures():
    with pytest.raises(ClosureWithoutTime, match="休業の終わり"):
        close_office(
            office="HM01", starts_at=at(12), ends_at=at(9), reason="TYPHOON", note="", actor=SECRETARIAT
        )


def test_a_note_with_a_number_that_may_not_be_kept_changes_nothing():
    note = "1234-5678-9018"
    with pytest.raises(ForbiddenValue):
        close_office(
            office="HM01", starts_at=at(9), ends_at=at(12), reason="TYPHOON", note=note, actor=SECRETARIAT
        )
    with pytest.raises(ForbiddenValue):
        set_weekly_hours(office="HM01", spans=[], effective_from=DAY, note=note, actor=SECRETARIAT)
    assert not Closure.objects.exists()
    assert weekly_hours("HM01", on=DAY)


def test_the_database_refuses_overlapping_hours_even_from_code_that_forgets():
    row = WeeklyHours.objects.filter(office="HM01", weekday=1).get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_preset_for_all_offices_thins_the_day_and_one_ends_it():
    def change(keep):
        return lambda: put_preset(
            office=None, day_kind="PENSION_DAY", keep_one_in=keep, effective_from=date(2026, 12, 1),
            actor=SECRETARIAT,
        )  # fmt: skip

    change_offering(change=change(2), places=["HM01", "HM02"], title="年金支給日", actor=SECRETARIAT)
    assert len(starts(office="HM02", since=at(0), until=at(23), slots=1, slot_minutes=30)) == 8
    change_offering(change=change(1), places=["HM01", "HM02"], title="元に戻す", actor=SECRETARIAT)
    assert len(starts(office="HM02", since=at(0), until=at(23), slots=1, slot_minutes=30)) == 16


def test_a_place_that_comes_free_in_a_slot_with_too_many_people_is_sold_to_nobody():
    set_day_hours(office="HM01", day=DAY, spans=[Span(540, 1020, 2)], actor=SECRETARIAT)
    extend_slots()
    first, _second = book(), book(TARO)
    change_offering(
        change=lambda: set_day_hours(office="HM01", day=DAY, spans=[Span(540, 1020, 1)], actor=SECRETARIAT),
        places=["HM01"], title="枠を減らす", actor=SECRETARIAT,
    )  # fmt: skip
    assert not Seat.objects.get(reservation=first.id).is_withdrawn
    changes.cancel(reservation_id=first.id, actor=PARTNER, channel="PHONE")
    assert slot_at(10).free == 0
    assert breaches(at(0, day=1)) == []


def test_another_share_for_the_telephone_reaches_the_days_already_laid_out():
    def kept():
        return Seat.objects.filter(slot__office="HM01", web_from__gt=at(0, day=1)).count()

    before = kept()
    decide_rule(
        key="telephone_percent", value=0, effective_from=at(0, day=1) - timedelta(days=30), actor=SECRETARIAT
    )
    extend_slots()
    assert before > 0
    assert kept() == 0


def test_an_office_of_a_country_is_found_without_reading_all_of_them(city, monkeypatch):
    monkeypatch.setattr(selectors, "MAX_CACHED_OFFICES", 1)
    with CaptureQueriesContext(connection) as asked:
        found = selectors.office("HM03")
    # Beside it the office itself, by its key in a prepared statement.
    assert ["LIMIT 2" in each["sql"] for each in asked] == [True]
    with pytest.raises(NotVisible):
        selectors.office("NO")
    every = selectors.offices()
    assert [row.code for row in every] == ["HM01", "HM02", "HM03"]
    assert found == every[2]
