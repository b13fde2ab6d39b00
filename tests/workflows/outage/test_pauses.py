"""Service stops and starts again: who is hit, who is told, what nobody can book (ADR 0020)."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from support.people import HANAKO, SECRETARIAT, TARO, somebody
from support.secretariat import book, slot_at

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.services import put_rows
from madoguchi.notifications.announcements import shown_announcements
from madoguchi.notifications.kinds import MailKind, MailState
from madoguchi.notifications.models import Mail
from madoguchi.notifications.services import put_text
from madoguchi.offices.errors import AlreadyPaused, PauseOver, PauseWithoutTime
from madoguchi.offices.models import Closure, Pause
from madoguchi.offices.pauses import Scope, pauses
from madoguchi.offices.services import close_office, put_preset, withdraw_closure
from madoguchi.reservations.disruptions import (
    affected_counts,
    affected_visits,
    disrupted_visits,
    disruption_of,
    keep_visit,
    mark_called,
    part_sizes,
)
from madoguchi.reservations.errors import DeadlinePassed, DuplicateReservation, Paused
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import DisruptedVisit, Reservation, Seat, Wait
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.waiting import Wish
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes, conditions, sessions, waiting_offers
from madoguchi.workflows.booking.offering import alternatives, offers, open_starts, window
from madoguchi.workflows.booking.offering import office as office_row
from madoguchi.workflows.booking.waiting import enter
from madoguchi.workflows.capacity.slots import change_offering, extend_slots
from madoguchi.workflows.messages import mail
from madoguchi.workflows.outage.disruptions import PeopleChanged, mail_affected
from madoguchi.workflows.outage.pauses import Banner, banner_for, begin, end_of_term, extend, lift, records

pytestmark = pytest.mark.usefixtures("city")
BANNER = Banner("台風のため、止めています", "安全を第一にしてください。")


def at(hour, minute=0, day=15):
    return datetime(2026, 12, day, hour, minute, tzinfo=JST)


def scope(first=0, last=24, *, day=15, offices=(), procedure=""):
    return Scope(
        at(0, day=day) + timedelta(hours=first), at(0, day=day) + timedelta(hours=last), offices, procedure
    )


def stop(wanted=None, *, is_open_ended=False, banner=BANNER):
    return begin(
        scope=wanted or scope(),
        cause="TYPHOON",
        is_open_ended=is_open_ended,
        title="台風",
        banner=banner,
        actor=SECRETARIAT,
    )


def people(pause, part="all"):
    return [row.reservation for row in affected_visits(disruption_of(pause).id, part=part, scope=EVERYWHERE)]


def tell(pause, number=1):
    return mail_affected(disruption_id=disruption_of(pause).id, people=number, actor=SECRETARIAT)


def mails(kind=MailKind.MOVE_REQUEST):
    return list(Mail.objects.filter(kind=kind).order_by("queued_at").values_list("state", flat=True))


def free(day=15, codes=("CERT_RENEW",), office="HM01"):
    days = window(office_row(office), channel="WEB").narrowed(date(2026, 12, day), date(2026, 12, day))
    return [
        start
        for start in open_starts(office_code=office, slots=1, within=days, codes=codes, channel="PHONE")
        if start.free
    ]


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


def test_who_is_hit_is_counted_before_and_listed_after_alike():
    book()
    book(TARO, hour=11, office="HM02")
    book(somebody(3), day=16)
    before = affected_counts(scope())
    assert (before.visits, before.people, before.with_mail, before.without_mail) == (2, 2, 1, 1)
    sizes = part_sizes(disruption_of(stop()).id)
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
    assert disruption_of(pause).people == 0
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


def test_the_mail_says_which_procedure_stops_and_which_does_not(texts):
    book(codes=("CERT_RENEW", "PIN_RESET"))
    tell(stop(scope(procedure="CERT_RENEW")))
    mail.send_due_mail()
    [letter] = texts()
    assert "止まっている手続き：電子証明書の更新" in letter
    assert "暗証番号の初期化・再設定は、止まっていません。" in letter


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


def test_who_holds_a_time_that_stops_is_told_so_and_books_another():
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


# Mail


class Outside:
    """A gateway that remembers what left."""

    keeps_text = False

    def __init__(self):
        self.sent = []

    def send(self, message, **_facts):
        self.sent.append(message.body)


@pytest.fixture
def texts(city, monkeypatch):
    """Words for the mails of a pause, and a function that tells what left."""
    for kind, body in (
        (MailKind.MOVE_REQUEST, "{when}{office}{link}{phone}\n{cause}\n{stopped}"),
        (MailKind.AS_PLANNED, "予定どおり{when}{office}{phone}"),
    ):
        put_text(kind=kind, subject="お知らせ", body=body, actor=SECRETARIAT)
    gateway = Outside()
    monkeypatch.setattr(mail, "gateway", lambda: gateway)
    return lambda: gateway.sent


def test_everyone_with_an_address_gets_one_mail_however_often_it_is_pressed():
    book()
    book(TARO, hour=11)
    pause = stop()
    assert tell(pause) == 1
    with pytest.raises(PeopleChanged):
        tell(pause)
    assert tell(pause, 0) == 0
    assert mails() == [MailState.QUEUED]
    assert part_sizes(disruption_of(pause).id)["call"] == 1


def test_another_number_than_confirmed_sends_nothing():
    book()
    pause = stop()
    with pytest.raises(PeopleChanged):
        tell(pause, 2)
    assert mails() == []
    assert part_sizes(disruption_of(pause).id)["notified"] == 0


def test_a_longer_pause_tells_only_who_is_newly_hit():
    book()
    pause = stop()
    tell(pause)
    late = book(replace(TARO, email="taro@example.jp"), day=16)
    assert (
        extend(pause_id=pause, ends_at=at(0, day=17), is_open_ended=False, title="台風", actor=SECRETARIAT)
        == 1
    )
    assert people(pause, "mail") == [late.id]
    tell(pause)
    assert mails() == [MailState.QUEUED] * 2
    assert free(day=16) == []


def test_who_was_kept_knowingly_is_not_hit_again_by_a_longer_pause():
    book()
    pause = stop()
    keep_visit(visit_id=disrupted_visits(disruption_of(pause).id, scope=EVERYWHERE)[0].id, actor=SECRETARIAT)
    assert (
        extend(pause_id=pause, ends_at=at(0, day=17), is_open_ended=False, title="", actor=SECRETARIAT) == 0
    )


def test_who_moved_to_a_time_that_stops_later_is_on_the_list_twice():
    made = book()
    pause = stop()
    changes.move(reservation_id=made.id, slot=slot_at(16, 10), actor=SECRETARIAT, channel="PHONE")
    assert (
        extend(pause_id=pause, ends_at=at(0, day=17), is_open_ended=False, title="", actor=SECRETARIAT) == 1
    )
    rows = disrupted_visits(disruption_of(pause).id, scope=EVERYWHERE)
    assert [(row.was_at, row.resolution) for row in rows] == [(at(10, day=16), ""), (at(10, 30), "MOVED")]


def test_a_mail_a_day_late_still_asks_to_choose_another_time(texts):
    book()
    tell(stop())
    with clock.travel(at(12, day=16)):
        mail.send_due_mail()
    assert mails() == [MailState.SENT]


# First choice


@contextmanager
def after_the_deadline():
    with clock.travel(at(9, day=14)):
        yield


def move_on_the_web(made, day=16, hour=10):
    changes.move(reservation_id=made.id, slot=slot_at(day, hour), actor=CITIZEN, channel="WEB")


def test_who_is_hit_moves_past_the_deadline_and_others_do_not():
    made, other = book(), book(TARO, day=16, hour=14)
    stop()
    with after_the_deadline():
        with pytest.raises(DeadlinePassed):
            move_on_the_web(other, day=17)
        move_on_the_web(made)
    assert reservation(made.id, scope=EVERYWHERE).starts_at == at(10, day=16)


def test_who_is_hit_takes_seats_that_are_kept_for_the_telephone():
    made = book()
    stop()
    Seat.objects.filter(slot=slot_at(16, 10)).update(web_from=at(0, day=31))
    move_on_the_web(made)
    assert reservation(made.id, scope=EVERYWHERE).starts_at == at(10, day=16)


def test_the_old_time_is_kept_until_the_new_one_is_taken():
    made, old = book(), slot_at(15, 10, 30)
    stop()
    assert Seat.objects.filter(reservation=made.id, slot=old).exists()
    move_on_the_web(made)
    assert not Seat.objects.filter(reservation=made.id, slot=old).exists()


def test_who_is_hit_moves_even_after_the_time_has_passed_but_not_beside_a_new_booking():
    made, other = book(), book(TARO, hour=11)
    stop()
    with clock.travel(at(12, day=16)):
        again = book(TARO, day=22)
        with pytest.raises(DuplicateReservation):
            move_on_the_web(other, day=23)
        move_on_the_web(made, day=22, hour=14)
        with pytest.raises(DuplicateReservation):
            book(HANAKO, day=24)
    assert reservation(made.id, scope=EVERYWHERE).starts_at == at(14, day=22)
    assert again.id != other.id


def test_who_is_hit_cancels_on_the_web_at_any_time():
    made = book()
    stop()
    with clock.travel(at(12, day=16)):
        changes.cancel(reservation_id=made.id, actor=CITIZEN, channel="WEB")
    assert not reservation(made.id, scope=EVERYWHERE).is_booked


# Start again


def test_lifting_offers_the_times_again_and_the_visits_stand():
    made = book()
    pause = stop()
    assert lift(pause_id=pause, people=0, actor=SECRETARIAT) == 1
    assert len(free()) == 15
    assert not reservation(made.id, scope=EVERYWHERE).is_disrupted
    assert disruption_of(pause).left == 0
    assert not Seat.objects.get(reservation=made.id).is_withdrawn


def test_a_mail_that_has_not_left_is_withdrawn_and_nobody_hears_of_it():
    book()
    pause = stop()
    tell(pause)
    lift(pause_id=pause, people=1, actor=SECRETARIAT)
    assert mails() == [MailState.WITHDRAWN]
    assert mails(MailKind.AS_PLANNED) == []
    assert disruption_of(pause).left == 0


def test_who_had_the_mail_is_told_that_the_visit_stands_and_who_was_called_is_called(texts):
    book()
    book(TARO, hour=11)
    pause = stop()
    tell(pause)
    mail.send_due_mail()
    [called] = disrupted_visits(disruption_of(pause).id, part="call", scope=EVERYWHERE)
    mark_called(visit_id=called.id, actor=SECRETARIAT)
    lift(pause_id=pause, people=1, actor=SECRETARIAT)
    mail.send_due_mail()
    assert [letter.startswith("予定どおり") for letter in texts()] == [False, True]
    assert people(pause, "reinstated") == [called.visit.id]
    assert disruption_of(pause).left == 1
    mark_called(visit_id=called.id, actor=SECRETARIAT)
    assert disruption_of(pause).left == 0


def test_lifting_needs_the_number_of_those_who_are_told_again():
    book()
    pause = stop()
    tell(pause)
    with pytest.raises(PeopleChanged):
        lift(pause_id=pause, people=0, actor=SECRETARIAT)
    assert free() == []


def test_who_has_moved_stays_moved_and_whose_time_has_passed_stays_on_the_list():
    moved, early, late = book(), book(TARO, hour=9), book(somebody(3), hour=15)
    pause = stop()
    move_on_the_web(moved)
    with clock.travel(at(12)):
        assert lift(pause_id=pause, people=0, actor=SECRETARIAT) == 1
    assert reservation(moved.id, scope=EVERYWHERE).starts_at == at(10, day=16)
    assert reservation(early.id, scope=EVERYWHERE).is_disrupted
    assert not reservation(late.id, scope=EVERYWHERE).is_disrupted


def test_lifting_one_of_two_pauses_leaves_what_the_other_stops():
    made = book()
    pause = stop()
    stop(scope(offices=("HM01",)))
    lift(pause_id=pause, people=0, actor=SECRETARIAT)
    assert free() == []
    assert reservation(made.id, scope=EVERYWHERE).is_disrupted


def test_a_procedure_that_starts_again_closes_its_entries():
    made = book()
    pause = stop(scope(procedure="CERT_RENEW"))
    assert lift(pause_id=pause, people=0, actor=SECRETARIAT) == 1
    assert not reservation(made.id, scope=EVERYWHERE).is_disrupted
    assert len(free()) == 15


def test_a_closure_taken_back_closes_its_entries_as_well():
    made = book()
    whole = {"starts_at": at(9), "ends_at": at(17), "reason": "FACILITY", "note": "", "actor": SECRETARIAT}
    for change in (
        lambda: close_office(office="HM01", **whole),
        lambda: withdraw_closure(closure_id=Closure.objects.get().pk, actor=SECRETARIAT),
    ):
        change_offering(change=change, places=["HM01"], title="点検", actor=SECRETARIAT)
    assert not reservation(made.id, scope=EVERYWHERE).is_disrupted
    assert DisruptedVisit.objects.get().resolution == "KEPT"


def test_a_second_pause_after_the_first_was_lifted_tells_people_again(texts):
    book()
    for number in range(2):
        pause = stop()
        tell(pause)
        mail.send_due_mail()
        assert mails() == [MailState.SENT] * (number + 1)
        lift(pause_id=pause, people=1, actor=SECRETARIAT)
        mail.send_due_mail()


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


def test_the_record_sums_up_what_became_of_everyone(texts):
    moved, _mailed, _called = (
        book(),
        book(replace(TARO, email="t@example.jp"), hour=11),
        book(somebody(3), hour=14),
    )
    pause = stop()
    tell(pause, 2)
    with clock.travel(clock.now() + timedelta(minutes=4)):
        mail.send_due_mail()
    [called] = disrupted_visits(disruption_of(pause).id, part="call", scope=EVERYWHERE)
    mark_called(visit_id=called.id, actor=SECRETARIAT)
    move_on_the_web(moved)
    found = records()[pause]
    assert (found.affected, found.mailed, found.called, found.moved, found.left) == (3, 2, 1, 1, 2)
    assert found.minutes_to_last_mail(pauses()[0]) == 4


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
