"""One booking workflow: what it promises to every channel."""

from dataclasses import replace
from datetime import date, datetime
from importlib import import_module

import pytest
from django.db import connection
from support.bookings import book, slot_at
from support.people import HANAKO, OPERATOR, TARO, somebody

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN
from madoguchi.common import clock
from madoguchi.common.births import PartialDate
from madoguchi.common.clock import JST
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import ForbiddenValue
from madoguchi.notifications.models import Mail
from madoguchi.offices.selectors import office
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.reservations import claims, errors
from madoguchi.reservations.models import Applicant, Reservation, ReservedProcedure, Seat
from madoguchi.reservations.people import Details
from madoguchi.reservations.search import Search, search
from madoguchi.reservations.selectors import reservation, reservation_by_link
from madoguchi.workflows.booking import changes, lookup
from madoguchi.workflows.booking.offering import (
    alternatives,
    offers,
    open_starts,
    slots_for,
    window,
)

pytestmark = pytest.mark.usefixtures("city")


def test_a_booking_gives_a_reference_a_secret_link_a_seat_and_one_mail():
    made = book()
    row = reservation(made.id, scope=EVERYWHERE)
    assert (row.person.name, row.office, row.occupied_minutes) == ("福岡　花子", "HM01", 30)
    assert row.starts_at == datetime(2026, 12, 15, 10, 30, tzinfo=JST)
    assert reservation_by_link(made.link_token) == made.id
    assert Seat.objects.get(reservation=made.id).slot.starts_at == row.starts_at
    assert list(Mail.objects.values_list("kind", "target")) == [("confirmation", str(made.id))]


def test_no_typed_text_stands_in_the_database_in_clear():
    book()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM reservations_applicant AS a")
        dump = cursor.fetchone()[0]
    raw = bytes(Applicant.objects.get().name)
    assert "福岡" not in dump
    assert "福岡".encode() not in raw
    assert "09000005678" not in dump


def test_the_same_submission_books_once_and_gives_the_same_answer():
    assert book() == book()
    assert Reservation.objects.count() == 1


def test_the_same_key_with_another_content_is_refused():
    book()
    with pytest.raises(errors.IdempotencyMismatch):
        book(person=TARO)


def test_a_person_cannot_hold_two_reservations_for_one_procedure():
    book()
    with pytest.raises(errors.DuplicateReservation):
        book(slot=slot_at(16, 9), submission="two")


@pytest.mark.parametrize("name", ["福岡 花子", "福岡花子"])
def test_spaces_in_the_name_make_no_second_person(name):
    book()
    with pytest.raises(errors.DuplicateReservation):
        book(person=replace(HANAKO, name=name), slot=slot_at(16, 9), submission="two")


@pytest.mark.parametrize("kana", ["", "フクオカ　カコ", "ふくおか はなこ"])
def test_the_same_name_and_birth_date_are_one_person_whatever_the_reading(kana):
    book()
    with pytest.raises(errors.DuplicateReservation, match="同じお名前と生年月日で"):
        book(person=replace(HANAKO, name_kana=kana), slot=slot_at(16, 9), submission="two")


def test_the_database_knows_one_person_whatever_the_reading(monkeypatch):
    book()
    monkeypatch.setattr(claims, "claimed_by", lambda **_: [])
    with pytest.raises(errors.DuplicateReservation):
        book(person=replace(HANAKO, name_kana="フクオカ　カコ"), slot=slot_at(16, 9), submission="two")


def test_a_repeat_booked_for_the_same_name_and_birth_date_can_be_corrected():
    first = book()
    second = book(
        person=replace(HANAKO, name_kana="フクオカ　カコ", address="星見市西区見本町9番9号"),
        slot=slot_at(16, 9),
        submission="two",
        channel="PHONE",
        actor=OPERATOR,
        may_repeat=True,
    )
    for made in (first, second):
        person = replace(reservation(made.id, scope=EVERYWHERE).person, phone="09000009999")
        changes.correct(reservation_id=made.id, person=person, actor=OPERATOR)
        assert reservation(made.id, scope=EVERYWHERE).person.phone == "09000009999"


def test_claims_of_before_become_those_of_the_person_and_the_first_booked_keeps_it():
    first = book()
    second = book(slot=slot_at(16, 9), submission="two", channel="PHONE", actor=OPERATOR, may_repeat=True)
    rows = ReservedProcedure.objects.filter(reservation__in=[first.id, second.id])
    for row in rows:
        rows.filter(pk=row.pk).update(claim=str(row.pk).encode())
    migration = import_module("madoguchi.reservations.migrations.0002_one_person_by_name_and_birth_date")
    with connection.cursor() as cursor:
        cursor.execute(migration.CLAIM_BY_PERSON)
    claims = dict(rows.values_list("reservation", "claim"))
    same = Applicant.objects.get(reservation=first.id).person_hash
    assert (bytes(claims[first.id]), claims[second.id]) == (bytes(same), None)


def test_twins_with_one_telephone_are_two_people():
    book()
    book(
        person=replace(HANAKO, name="福岡　月子", name_kana="フクオカ　ツキコ"),
        slot=slot_at(16, 9),
        submission="two",
    )
    assert Reservation.objects.count() == 2


def test_staff_may_book_a_repeat_knowingly_and_it_is_on_record():
    book()
    made = book(slot=slot_at(16, 9), submission="two", channel="PHONE", actor=OPERATOR, may_repeat=True)
    assert reservation(made.id, scope=EVERYWHERE).is_booked


def test_after_the_visit_the_person_may_come_again():
    book()
    with clock.travel(datetime(2026, 12, 16, 9, tzinfo=JST)):
        book(slot=slot_at(25, 9), submission="two")


def test_procedures_that_take_longer_fill_slots_back_to_back_and_end_by_closing_time():
    assert slots_for(["FACE_CHANGE", "CERT_ISSUE"]) == 2
    made = book(codes=("FACE_CHANGE", "CERT_ISSUE"), slot=slot_at(15, 15))
    assert Seat.objects.filter(reservation=made.id).count() == 2
    with pytest.raises(errors.SlotFull):
        book(person=TARO, codes=("FACE_CHANGE", "CERT_ISSUE"), slot=slot_at(16, 16, 30), submission="two")


def test_a_full_slot_is_refused_and_alternatives_are_offered():
    book()
    with pytest.raises(errors.SlotFull):
        book(person=TARO, submission="two")
    others = alternatives(office_code="HM01", slots=1)
    assert len(others) == 4
    assert {start.office for start in others} == {"HM01", "HM02"}


def test_the_last_slot_of_a_refused_run_stays_free():
    book(slot=slot_at(15, 10, 30))
    with pytest.raises(errors.SlotFull):
        book(person=TARO, codes=("FACE_CHANGE", "CERT_ISSUE"), slot=slot_at(15, 10), submission="two")
    assert not Seat.objects.filter(slot__starts_at=datetime(2026, 12, 15, 10, tzinfo=JST)).exclude(
        reservation=None
    )


def test_the_web_closes_five_business_days_before_at_17_and_the_instant_itself_is_allowed():
    # 12/1 minus five City business days is 11/24 (11/23 is a holiday).
    with clock.travel(datetime(2026, 11, 24, 17, 0, tzinfo=JST)):
        assert window(office("HM01"), channel="WEB").first == date(2026, 12, 1)
    with clock.travel(datetime(2026, 11, 24, 17, 0, 1, tzinfo=JST)):
        assert window(office("HM01"), channel="WEB").first == date(2026, 12, 2)


def test_staff_book_closer_to_the_day_than_citizens():
    late = slot_at(30, 9, month=11)
    with pytest.raises(errors.DeadlinePassed):
        book(slot=late, channel="WEB", actor=CITIZEN)
    with pytest.raises(errors.DeadlinePassed):
        book(slot=late, channel="PARTNER")
    book(slot=late, channel="PHONE", actor=OPERATOR, submission="two")


def test_the_window_opens_sixty_days_before_at_nine():
    with clock.travel(datetime(2026, 11, 27, 8, 59, tzinfo=JST)):
        assert window(office("HM01"), channel="WEB").last == date(2027, 1, 25)
    with clock.travel(datetime(2026, 11, 27, 9, tzinfo=JST)):
        assert window(office("HM01"), channel="WEB").last == date(2027, 1, 26)


def test_an_office_of_a_later_wave_cannot_be_booked_yet():
    assert window(office("HM03"), channel="PHONE") is None
    assert "HM03" not in {offer.office.code for offer in offers(slots=1)}


def test_seats_kept_for_the_telephone_are_not_sold_on_the_web_until_released():
    days = window(office("HM01"), channel="WEB")
    web = [start for start in open_starts(office_code="HM01", slots=1, within=days) if start.free]
    phone = [
        start
        for start in open_starts(office_code="HM01", slots=1, within=days, channel="PHONE")
        if start.free
    ]
    assert len(web) < len(phone)
    kept = next(start for start in phone if start.slot not in {other.slot for other in web})
    for channel in ("WEB", "PARTNER"):
        with pytest.raises(errors.SlotFull):
            book(slot=kept.slot, channel=channel)
    book(slot=kept.slot, channel="PHONE", actor=OPERATOR, submission="two")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "星見市見本町 1234 5678 9018"}, "address"),
        ({"name": "福岡花子 123456789012"}, "name"),
        ({"email": "123456789018@example.jp"}, "email"),
        ({"details": Details(unreadable_characters="暗証番号は1234")}, "unreadable_characters"),
    ],
)
def test_a_my_number_or_a_pin_is_refused_wherever_it_is_typed(change, field):
    with pytest.raises(ForbiddenValue) as refusal:
        book(person=replace(HANAKO, **change))
    assert refusal.value.fields["field"] == field
    assert Reservation.objects.count() == 0


def test_nobody_under_15_on_the_day_of_the_visit_is_booked():
    with pytest.raises(errors.NotEligible):
        book(person=replace(HANAKO, birth_date=date(2011, 12, 16)))
    book(person=replace(HANAKO, birth_date=date(2011, 12, 15)))


def test_a_renewal_before_its_window_or_after_the_expiry_is_refused():
    early = replace(HANAKO, details=Details(cert_expires_on="2027-03-15"))
    with pytest.raises(errors.NotEligible):
        book(person=early)
    book(person=early, slot=slot_at(16, 9), submission="two")


# --- look-up --------------------------------------------------------------------------------------------


def test_reference_and_birth_date_find_the_reservation_and_nothing_else_does():
    made = book()
    assert lookup.look_up(reference=made.reference, birth_date=HANAKO.birth_date, source="a") == made.id
    with pytest.raises(NotVisible):
        lookup.look_up(reference=made.reference, birth_date=TARO.birth_date, source="a")


def test_guessing_is_stopped_by_reference_and_by_address():
    made = book()
    for _ in range(lookup.LOOK_UPS_PER_REFERENCE):
        with pytest.raises(NotVisible):
            lookup.look_up(reference=made.reference, birth_date=date(1999, 1, 1), source="a")
    with pytest.raises(TooManyTries):
        lookup.look_up(reference=made.reference, birth_date=HANAKO.birth_date, source="b")


def test_many_people_can_be_found_by_a_part_of_the_name():
    for number in range(1, 4):
        book(person=somebody(number), slot=slot_at(15 + number, 9), submission=str(number))
    assert search(Search(text="見本 2郎"), scope=EVERYWHERE).total == 1
    assert search(Search(text="見本"), scope=EVERYWHERE).total == 3
    assert search(Search(text="090-0000-0002"), scope=EVERYWHERE).total == 1
    assert search(Search(text="0003"), scope=EVERYWHERE).total == 1


def test_the_known_parts_of_a_birth_date_identify_the_person():
    born = replace(HANAKO, birth_date=PartialDate(1938, 4))
    made = book(person=born)
    assert reservation(made.id, scope=EVERYWHERE).person == born
    with pytest.raises(errors.DuplicateReservation):
        book(person=born, slot=slot_at(16, 9), submission="two")
    with pytest.raises(NotVisible):
        lookup.look_up(reference=made.reference, birth_date=date(1938, 4, 1), source="a")
    assert [row.id for row in search(Search(birth_date=PartialDate(1938, 4)), scope=EVERYWHERE).rows] == [
        made.id
    ]
    assert search(Search(birth_date=PartialDate(1938)), scope=EVERYWHERE).rows == []


def test_nobody_who_may_be_under_15_is_booked():
    with pytest.raises(errors.NotEligible):
        book(person=replace(HANAKO, birth_date=PartialDate(2011)))
    book(person=replace(HANAKO, birth_date=PartialDate(2011, 11)))
