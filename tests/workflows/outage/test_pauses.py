"""Service stops and starts again: who is hit, and what nobody can book (ADR 0020)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from support.pauses import at, free, mails, people, scope, stop, tell
from support.people import HANAKO, SECRETARIAT, TARO, somebody
from support.secretariat import book, slot_at

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.services import put_rows
from madoguchi.notifications.announcements import shown_announcements
from madoguchi.notifications.kinds import MailKind, MailState
from madoguchi.offices.errors import AlreadyPaused, PauseOver, PauseWithoutTime
from madoguchi.offices.models import Closure, Pause
from madoguchi.offices.pauses import Scope, pauses
from madoguchi.offices.services import put_preset
from madoguchi.reservations.disruption_lists import affected_counts, disruption_of_pause, part_sizes
from madoguchi.reservations.errors import Paused
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import Reservation, Seat, Wait
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, conditions, sessions, waiting_offers
from madoguchi.workflows.booking.offering import alternatives, offers
from madoguchi.workflows.booking.waiting import enter
from madoguchi.workflows.capacity.slots import change_offering, extend_slots
from madoguchi.workflows.outage.pauses import Banner, banner_for, end_of_term, extend, lift, records

pytestmark = pytest.mark.usefixtures("city")


# What stops


def test_nothing_is_free_where_service_stops_and_everything_elsewhere():
    stop(scope(9, 12, offices=("HM01",)))
    assert [clock.to_jst(start.starts_at).hour for start in free()] == [
        12,
        12,
        13,
        13,
        14,
        14,
        15,
        15,
        16,
        16,
    ]
    assert len(free(office="HM02")) == len(free(day=16)) == 16


def test_the_whole_city_stops_with_one_press():
    stop()
    assert free() == free(office="HM02") == []
    assert Closure.objects.count() == 1


def test_the_count_of_affected_people_before_the_press_equals_the_list_after_it():
    book()
    book(TARO, hour=11, office="HM02")
    book(somebody(3), day=16)
    before = affected_counts(scope())
    assert (before.visits, before.people, before.with_mail, before.without_mail) == (2, 2, 1, 1)
    sizes = part_sizes(disruption_of_pause(stop()).id)
    assert (sizes["all"], sizes["mail"], sizes["call"]) == (2, 1, 1)


def test_a_person_with_two_visits_is_one_person():
    book()
    book(hour=14, codes=("PIN_RESET",))
    assert (affected_counts(scope()).visits, affected_counts(scope()).people) == (2, 1)


def test_a_visit_that_has_begun_is_not_hit():
    book()
    with clock.travel(at(10, 31)):
        assert affected_counts(scope()).visits == 0


def test_a_visit_that_runs_into_the_pause_is_hit():
    made = book(hour=11, minute=0, codes=("CERT_RENEW", "FACE_CHANGE"))
    assert made.occupied_minutes == 60
    assert people(stop(scope(11.75, 13))) == [made.id]


def test_a_pause_that_affects_nobody_is_recorded():
    pause = stop()
    assert [row.id for row in pauses()] == [pause]
    assert disruption_of_pause(pause) is None
    assert records().get(pause) is None


def test_nobody_loses_a_booking_and_every_rule_between_the_rows_holds():
    made = book()
    pause = stop()
    assert reservation(made.id, scope=EVERYWHERE).is_booked
    assert breaches(clock.now()) == []
    lift(pause_id=pause, people=0, actor=SECRETARIAT)
    assert breaches(clock.now()) == []


def test_the_plan_of_the_night_says_what_the_press_said():
    preset = {"office": "HM01", "day_kind": "MONDAY_MORNING", "keep_one_in": 2, "actor": SECRETARIAT}
    change_offering(
        change=lambda: put_preset(**preset, effective_from=date(2026, 12, 1)),
        places=["HM01"],
        title="",
        actor=SECRETARIAT,
    )
    stop(scope(8, 10, day=14))
    assert extend_slots() == 0


# One procedure


def test_one_procedure_stops_and_the_others_go_on():
    stop(scope(procedure="CERT_RENEW"))
    assert free(codes=("CERT_RENEW", "PIN_RESET")) == []
    assert len(free(codes=("PIN_RESET",))) == 16
    with pytest.raises(Paused):
        book()
    assert book(codes=("PIN_RESET",)).office == "HM01"


def test_only_visits_with_the_procedure_are_hit():
    made = book(codes=("CERT_RENEW", "PIN_RESET"))
    book(TARO, hour=14, codes=("PIN_RESET",))
    assert people(stop(scope(procedure="CERT_RENEW"))) == [made.id]


def test_the_earliest_time_lies_before_or_behind_the_stop():
    day = date(2026, 12, 15)
    stop(scope(0, 10, procedure="CERT_RENEW"))
    asked = {"slots": 2, "first": day, "last": day}
    found = offers(**asked, codes=("CERT_RENEW", "FACE_CHANGE"))
    assert [clock.to_jst(offer.earliest.starts_at).hour for offer in found] == [10, 10]
    assert [clock.to_jst(offer.earliest.starts_at).hour for offer in offers(**asked)] == [9, 9]
    stop(scope(11, 24, procedure="FACE_CHANGE"))
    found = offers(**asked, codes=("CERT_RENEW", "FACE_CHANGE"))
    assert [clock.to_jst(offer.earliest.starts_at) for offer in found] == [at(10), at(10)]
    near = alternatives(office_code="HM01", slots=2, codes=("CERT_RENEW", "FACE_CHANGE"))
    assert at(10, 30) not in [clock.to_jst(start.starts_at) for start in near]


# Who is just booking


def holding(slot):
    token = sessions.start_session(source="x", form_data={})
    sessions.hold_slot(token=token, slot=slot, codes=("CERT_RENEW",))
    return token


def test_a_person_holding_a_time_that_stops_is_told_so_and_books_another():
    token = holding(slot_at(15, 10))
    assert affected_counts(scope()).held == 1
    stop(scope(offices=("HM01",)))
    with pytest.raises(Paused, match="受付を止めています"):
        booking.book_held(
            booking.BookingRequest(visitors=(booking.Visitor(("CERT_RENEW",), HANAKO),), token=token)
        )[0]
    sessions.hold_slot(token=token, slot=slot_at(16, 10), codes=("CERT_RENEW",))
    assert booking.book_held(
        booking.BookingRequest(visitors=(booking.Visitor(("CERT_RENEW",), HANAKO),), token=token)
    )[0].starts_at == at(10, day=16)


def test_the_database_refuses_a_booking_into_a_stopped_procedure(monkeypatch):
    stop(scope(procedure="CERT_RENEW"))
    monkeypatch.setattr(conditions, "stops", lambda *_: [])
    with pytest.raises(Paused):
        book()
    made = book(day=16)
    with pytest.raises(Paused):
        changes.move(reservation_id=made.id, slot=slot_at(15, 10), actor=SECRETARIAT, channel="PHONE")
    assert reservation(made.id, scope=EVERYWHERE).starts_at == at(10, 30, day=16)


def test_an_offer_to_somebody_in_line_is_taken_back_and_made_anew_later():
    for office in ("HM01", "HM02"):
        for number, start in enumerate(free(office=office)):
            request = booking.BookingRequest(
                visitors=(booking.Visitor(("CERT_RENEW",), somebody(number + 100 * int(office[-1]))),),
                slot=start.slot,
            )
            booking.book(
                replace(
                    request,
                    channel="PHONE",
                    actor=SECRETARIAT,
                    submission=f"{office}{number}",
                    fingerprint="",
                )
            )
    day = date(2026, 12, 15)
    row = enter(person=HANAKO, procedures=("CERT_RENEW",), wish=Wish(("HM01",), day, day))
    first = Reservation.objects.filter(office="HM01").order_by("starts_at").first()
    changes.cancel(reservation_id=first.pk, actor=SECRETARIAT, channel="PHONE")
    assert Wait.objects.get(pk=row.id).state == "OFFERED"
    pause = stop(scope(offices=("HM01",)))
    assert Wait.objects.get(pk=row.id).state == "WAITING"
    assert not Seat.objects.filter(session=row.session).exists()
    waiting_offers.offer_seats()
    assert Wait.objects.get(pk=row.id).state == "WAITING"
    with clock.travel(clock.now() + timedelta(hours=1)):
        lift(pause_id=pause, people=0, actor=SECRETARIAT)
        waiting_offers.offer_seats()
    assert Wait.objects.get(pk=row.id).state == "OFFERED"
    assert mails(MailKind.WAIT_OFFER).count(MailState.QUEUED) == 2


# Banner and record


def test_the_banner_shows_while_the_pause_lasts():
    pause = stop()
    assert [row.title for row in shown_announcements()] == ["台風のため、止めています"]
    with clock.travel(at(0, day=16)):
        assert shown_announcements() == ()
    lift(pause_id=pause, people=0, actor=SECRETARIAT)
    assert shown_announcements() == ()


def test_a_longer_pause_shows_its_banner_longer():
    pause = stop()
    extend(pause_id=pause, ends_at=at(0, day=17), is_open_ended=False, title="", actor=SECRETARIAT)
    with clock.travel(at(12, day=16)):
        assert len(shown_announcements()) == 1


def test_without_words_there_is_no_banner():
    stop(banner=None)
    assert shown_announcements() == ()


def test_the_words_of_the_city_stand_in_the_banner():
    put_rows(
        kind=GuidanceRow,
        rows=[
            GuidanceRow(
                name="pause.OTHER", language="ja", title="{cause}", body="{where}{what}（{when}）", position=1
            )
        ],
    )
    words = banner_for(scope=scope(9, 12, offices=("HM01",)), cause="ACCIDENT", is_open_ended=False)
    assert words == Banner(
        "郵便局の事故", "星見東郵便局手続き（12月15日（火）午前9時から12月15日（火）正午まで）"
    )


# Bad input


@pytest.mark.parametrize(
    "wanted",
    [scope(12, 9), scope(day=1, first=-240, last=-216), scope(9, 9)],
    ids=["ends before it starts", "is over", "lasts no time"],
)
def test_a_pause_without_time_is_refused(wanted):
    with pytest.raises(PauseWithoutTime):
        stop(wanted)
    assert not Pause.objects.exists()
    assert shown_announcements() == ()


def test_the_same_press_twice_is_one_pause():
    assert stop() == stop()
    assert len(shown_announcements()) == 1


def test_the_same_scope_overlapping_in_time_is_refused():
    stop()
    with pytest.raises(AlreadyPaused):
        stop(scope(12, 36))
    stop(scope(12, 36, offices=("HM01",)))


def test_a_pause_that_is_over_is_neither_longer_nor_lifted():
    pause = stop()
    lift(pause_id=pause, people=0, actor=SECRETARIAT)
    with pytest.raises(PauseOver):
        lift(pause_id=pause, people=0, actor=SECRETARIAT)
    with pytest.raises(PauseOver):
        extend(pause_id=pause, ends_at=at(0, day=20), is_open_ended=False, title="", actor=SECRETARIAT)
    again = stop()
    with pytest.raises(PauseWithoutTime):
        extend(pause_id=again, ends_at=at(12), is_open_ended=False, title="", actor=SECRETARIAT)


def test_without_a_known_end_everything_stops_until_the_end_of_the_term():
    later = book(day=22)
    pause = stop(Scope(clock.now(), end_of_term()), is_open_ended=True)
    assert people(pause) == [later.id]
    assert offers(slots=1)[0].earliest is None
    lift(pause_id=pause, people=0, actor=SECRETARIAT)
    assert offers(slots=1)[0].earliest


# Many


def test_the_number_of_queries_does_not_grow_with_the_people_hit():
    def queries(number):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            pause = stop(scope(day=14 + number))
            tell(pause, number)
            lift(pause_id=pause, people=number, actor=SECRETARIAT)
        return len(asked)

    book(day=15)
    for place in range(2):
        book(replace(somebody(place), email="m@example.jp"), day=16, hour=9 + place)
    assert queries(2) == queries(1)
