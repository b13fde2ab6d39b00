"""A partner reads, moves and cancels by reference: what it booked itself, or with the birth date."""

import json
from datetime import datetime

import pytest
from django.test import Client
from support.journeys import slot_at
from support.partner_api import HANAKO, RESERVATIONS
from support.people import OPERATOR, TARO

from madoguchi.accounts.partners import issue_token, revoke_tokens
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import CITIZEN, SYSTEM
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches
from madoguchi.common.clock import JST
from madoguchi.notifications.models import Mail
from madoguchi.reservations.models import Reservation, Seat
from madoguchi.reservations.selectors import reservation_by_reference, version
from madoguchi.workflows.booking import book as booking
from madoguchi.workflows.booking import changes as booking_changes
from madoguchi.workflows.booking import lookup

pytestmark = pytest.mark.usefixtures("city")


class Partner:
    """A partner's system: sends its token with everything."""

    def __init__(self, name="見本アプリ"):
        self.client = Client(raise_request_exception=True)
        self.renew(name)

    def renew(self, name):
        self.token = issue_token(name=name, actor=SYSTEM)
        clear_caches()

    def send(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): text for name, text in headers.items() if text is not None}
        return self.client.generic(
            method, f"{RESERVATIONS}{path}", "" if body is None else json.dumps(body),
            content_type="application/json", headers={"Authorization": f"Bearer {self.token}"} | headers,
        )  # fmt: skip

    def book(self, **changes):
        answer = self.send(
            "POST", "", {"slot": slot_at(15, 10, 30)} | HANAKO | changes, Idempotency_Key="one"
        )
        assert answer.status_code == 201, answer.content.decode()
        return answer

    def show(self, reference, birth_date=None):
        return self.send("GET", f"/{reference}", Date_Of_Birth=birth_date)

    def move(self, reference, slot, *, seen="*", birth_date=None):
        return self.send(
            "PATCH", f"/{reference}", {"slot": slot}, If_Match=seen, Date_Of_Birth=birth_date
        )  # fmt: skip

    def cancel(self, reference, *, seen="*", birth_date=None, query=""):
        return self.send("DELETE", f"/{reference}{query}", If_Match=seen, Date_Of_Birth=birth_date)


@pytest.fixture
def partner(city):
    return Partner()


@pytest.fixture
def own(partner):
    """The reference of a visit the partner booked."""
    return partner.book().json()["reference"]


@pytest.fixture
def foreign(city):
    """The reference of a visit booked by telephone."""
    made = booking.book(
        booking.BookingRequest(
            visitors=(booking.Visitor(("CERT_RENEW",), TARO),),
            slot=slot_at(15, 13, 0),
            channel="PHONE",
            actor=OPERATOR,
            submission="x",
            fingerprint="",
        )
    )
    return made.reference


def code(answer, status):
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    return answer.json()["code"]


def seen_by(actor):
    return [
        entry.action.rpartition(".")[2]
        for entry in AuditEntry.objects.filter(actor__startswith=actor).order_by("pk")
    ]


# --- reading ----------------------------------------------------------------------------------------------


def test_a_partner_sees_what_it_booked_and_nothing_about_the_person(partner, own):
    answer = partner.show(own)
    assert answer.status_code == 200
    assert answer.json() == {
        "reference": own,
        "office": "HM01",
        "starts_at": "2026-12-15T10:30:00+09:00",
        "minutes": 30,
        "procedures": ["CERT_RENEW"],
        "status": "BOOKED",
        "change_until": "2026-12-08T17:00:00+09:00",
        "cancel_until": "2026-12-14T12:00:00+09:00",
    }
    assert answer["Cache-Control"] == "no-store"
    assert seen_by("partner") == ["booked", "looked_up"]


def test_a_reference_is_read_as_people_write_it(partner, own):
    assert partner.show(f"{own[:4]}-{own[4:7]}-{own[7:]}".lower()).json()["reference"] == own


def test_a_new_token_of_the_partner_sees_it_too(partner, own):
    partner.renew("見本アプリ")
    assert partner.show(own).json()["office"] == "HM01"
    revoke_tokens(name="見本アプリ", actor=SYSTEM)
    partner.renew("見本アプリ")
    assert partner.show(own).json()["office"] == "HM01"


def test_unknown_foreign_and_wrongly_proved_get_the_same_answer(own, foreign):
    other = Partner("別のアプリ")
    answers = [
        other.show("K7MTAWXR74"),
        other.show("nonsense"),
        other.show(own),
        other.show(foreign),
        other.show(foreign, "1946-11-04"),
        other.show("K7MTAWXR74", "1946-11-03"),
        other.cancel(own),
        other.move(foreign, slot_at(16, 9)),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert seen_by(f"partner:{other_id()}") == []


def other_id():
    return AuditEntry.objects.filter(target__startswith="partner_token").latest("pk").target.partition(":")[2]


def test_the_birth_date_opens_another_s_visit_without_its_place(partner, foreign):
    found = partner.show(foreign, "1946-11-03").json()
    assert found["office"] is None
    assert found["starts_at"] == "2026-12-15T13:00:00+09:00"


def test_the_tag_of_another_s_visit_is_keyed_so_that_nobody_finds_its_place_by_trying(
    partner, foreign, monkeypatch
):
    stands = {
        "reservation_id": reservation_by_reference(foreign, scope=EVERYWHERE),
        "office": "HM01",
        "starts_at": datetime(2026, 12, 15, 13, tzinfo=JST),
        "is_booked": True,
        "procedures": ["CERT_RENEW"],
    }
    tag = version(**stands)
    assert partner.show(foreign, "1946-11-03")["ETag"] == f'"{tag}"'
    monkeypatch.setattr("madoguchi.sealing.shown.index_hash", lambda _purpose, text: text.encode())
    assert version(**stands) != tag


def test_trying_birth_dates_out_ends_after_ten(partner, foreign):
    answers = [partner.show(foreign, f"1950-04-{day:02d}") for day in range(2, 13)]
    assert [answer.status_code for answer in answers] == [404] * 10 + [429]
    assert answers[-1]["Retry-After"] == "900"
    assert code(partner.show(foreign, "1946-11-03"), 429) == "too_many_tries"


def test_a_partner_that_tries_references_out_is_stopped_whatever_its_address(partner):
    codes = {partner.show(f"K7MTAWX{number:03d}", "1946-11-03").status_code for number in range(100)}
    assert codes == {404}, "what is no reference is not even looked for"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "LOOK_UPS_PER_SOURCE", 2)
        found = [partner.show("K7MTAWXR74", "1946-11-03").status_code for _ in range(3)]
    assert found == [404, 404, 429]


def test_a_birth_date_must_be_one(partner, foreign):
    answer = partner.show(foreign, "1950-02-30")
    assert code(answer, 422) == "invalid"
    assert [fault["field"] for fault in answer.json()["errors"]] == ["Date-Of-Birth"]


def test_without_a_token_nobody_sees_anything(own, settings):
    for method in ("GET", "PATCH", "DELETE"):
        answer = Client().generic(method, f"{RESERVATIONS}/{own}")
        assert code(answer, 401) == "unauthorized"
        settings.PARTNER_API = False
        assert code(Client().generic(method, f"{RESERVATIONS}/{own}"), 404) == "not_offered"
        settings.PARTNER_API = True


# --- moving -----------------------------------------------------------------------------------------------


def test_a_partner_moves_a_visit_as_a_citizen_does(partner, own):
    answer = partner.move(own, slot_at(16, 9))
    assert answer.status_code == 200, answer.content.decode()
    assert answer.json()["starts_at"] == "2026-12-16T09:00:00+09:00"
    assert Seat.objects.exclude(reservation=None).get().slot_id == slot_at(16, 9)
    assert seen_by("partner") == ["booked", "looked_up", "moved"]
    assert "changed" in Mail.objects.values_list("kind", flat=True)


def test_pressed_twice_it_moves_once_and_gives_the_same_answer(partner, own):
    seen = partner.show(own)["ETag"]
    first, second = (partner.move(own, slot_at(16, 9), seen=seen) for _ in range(2))
    assert (first.status_code, first.content, first["ETag"]) == (200, second.content, second["ETag"])
    assert seen_by("partner").count("moved") == 1


def test_what_changed_meanwhile_is_not_undone(partner):
    made = partner.book()
    reference, seen = made.json()["reference"], made["ETag"]
    row = Reservation.objects.get()
    booking_changes.move(reservation_id=row.id, slot=slot_at(16, 10), actor=CITIZEN, channel="WEB")
    assert code(partner.move(reference, slot_at(16, 9), seen=seen), 412) == "changed_meanwhile"
    assert code(partner.cancel(reference, seen=seen), 412) == "changed_meanwhile"
    assert partner.show(reference).json()["starts_at"] == "2026-12-16T10:00:00+09:00"
    assert partner.move(reference, slot_at(16, 9), seen=partner.show(reference)["ETag"]).status_code == 200


def test_a_change_names_what_was_seen(partner, own):
    for seen in (None, "", "W/x", "x", '""'):
        for answer in (partner.move(own, slot_at(16, 9), seen=seen), partner.cancel(own, seen=seen)):
            assert code(answer, 422) == "invalid"
            assert [fault["field"] for fault in answer.json()["errors"]] == ["If-Match"]


def test_a_partner_moves_a_visit_by_birth_date_without_learning_its_place(partner, foreign):
    answer = partner.move(foreign, slot_at(16, 9), birth_date="1946-11-03")
    assert (answer.status_code, answer.json()["office"]) == (200, None)


def test_a_time_that_is_full_leaves_the_visit_where_it_was_and_offers_others(partner, own, foreign):
    answer = partner.move(own, slot_at(15, 13))
    assert code(answer, 409) == "slot_full"
    assert answer.json()["alternatives"]
    assert partner.show(own).json()["starts_at"] == "2026-12-15T10:30:00+09:00"
    assert code(partner.move(own, 987654), 422) == "invalid"


def test_after_the_deadline_of_citizens_a_partner_neither_moves_nor_cancels(partner, own):
    slot = slot_at(16, 9, month=12)
    with clock.travel(datetime(2026, 12, 14, 12, 1, tzinfo=JST)):
        clear_caches()
        assert code(partner.move(own, slot), 409) == "deadline_passed"
        assert code(partner.cancel(own), 409) == "deadline_passed"


# --- cancelling -------------------------------------------------------------------------------------------


def test_a_partner_cancels_and_the_seat_is_free_at_once(partner, own):
    answer = partner.cancel(own, query="?reason=SCHEDULE")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["status"], found["change_until"], found["cancel_until"]) == ("CANCELLED", None, None)
    assert Seat.objects.exclude(reservation=None).count() == 0
    row = Reservation.objects.get()
    assert (row.cancel_reason, row.cancelled_by.partition(":")[0]) == ("SCHEDULE", "partner")


def test_cancelling_is_idempotent(partner, own):
    seen = partner.show(own)["ETag"]
    first, second = (partner.cancel(own, seen=seen) for _ in range(2))
    assert (first.status_code, first.content, first["ETag"]) == (200, second.content, second["ETag"])
    assert first["ETag"] != seen
    assert seen_by("partner").count("cancelled") == 1


def test_a_cancelled_visit_is_not_moved(partner, own):
    partner.cancel(own)
    assert code(partner.move(own, slot_at(16, 9)), 409) == "already_cancelled"


def test_reasons_of_staff_are_not_for_partners(partner, own):
    answer = partner.cancel(own, query="?reason=OFFICE_CLOSED")
    assert code(answer, 422) == "invalid"
    assert [fault["field"] for fault in answer.json()["errors"]] == ["reason"]


def test_a_my_number_is_refused_here_too(partner, own):
    answer = partner.send("PATCH", f"/{own}", {"slot": 1, "note": "123456789018"}, If_Match="*")
    assert code(answer, 422) == "forbidden_value"
