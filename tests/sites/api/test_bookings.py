"""The API for partners: what the pages promise, in JSON."""

import json
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from support.partner_api import HANAKO, RESERVATIONS, RUN, faulty, problem, slot_at

from madoguchi.accounts.partners import PartnerToken, issue_token, revoke_tokens
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches
from madoguchi.common.clock import JST
from madoguchi.reservations.models import Reservation, Seat
from madoguchi.reservations.selectors import reservation

TARO = {**HANAKO, "name": "博多　太郎", "name_kana": "", "date_of_birth": "1946-11-03"}
pytestmark = pytest.mark.usefixtures("city")


# --- who may book -----------------------------------------------------------------------------------------


NO_TOKENS = ["", "Bearer", "Bearer wrong", "Basic eDp5", "Bearer \udce3\udc81\udc82"]


def test_without_a_valid_token_nobody_books(post, subtests):
    for sent in NO_TOKENS:
        with subtests.test(sent=sent):
            answer = post(headers={"Authorization": sent})
            problem(answer, 401, "unauthorized")
            assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_opens_nothing(post):
    assert revoke_tokens(name="見本アプリ", actor=SYSTEM) == 1
    problem(post(), 401, "unauthorized")
    assert PartnerToken.objects.get().revoked_by == "system"


def test_before_the_city_approves_there_is_no_booking_by_partners(post, settings):
    settings.PARTNER_API = False
    problem(post(), 404, "not_offered")


def test_the_command_prints_the_token_and_nothing_else(client):
    said = StringIO()
    call_command("issue_api_token", "見本", stdout=said)
    headers = {"Authorization": f"Bearer {said.getvalue().removesuffix(chr(10))}", "Idempotency-Key": "x"}
    body = json.dumps({"slot": slot_at(client), **HANAKO})
    answer = client.post(RESERVATIONS, body, content_type="application/json", headers=headers)
    assert answer.status_code == 201
    assert said.getvalue().count("\n") == 1
    call_command("revoke_api_tokens", "見本")


def test_no_token_stands_in_the_database(token):
    assert token not in str(PartnerToken.objects.values_list().get())


# --- booking ----------------------------------------------------------------------------------------------


def test_a_partner_books_as_a_citizen_does(post):
    answer = post()
    assert answer.status_code == 201, answer.content.decode()
    made = Reservation.objects.get()
    assert answer.json() == {
        "reference": made.reference,
        "office": "HM01",
        "starts_at": "2026-12-15T10:30:00+09:00",
        "minutes": 30,
        "procedures": ["CERT_RENEW"],
    }
    row = reservation(made.id, scope=EVERYWHERE)
    assert (made.channel, made.booked_by) == ("PARTNER", f"partner:{PartnerToken.objects.get().pk}")
    assert (row.person.name, row.person.phone, row.person.postal_code) == (
        "福岡　花子", "09000005678", "8140006"
    )  # fmt: skip


def test_a_change_of_the_card_asks_for_the_new_address_and_fills_two_slots(post, client):
    faulty(post(**RUN | {"new_address": " "}), "new_address")
    faulty(post(**RUN | {"changes": []}), "changes")
    slot = slot_at(client, hour=9, minute=0)
    answer = post(**RUN, slot=slot, old_address="星見市西区見本町9", changed_on="2026-10-01")
    assert (answer.status_code, answer.json()["minutes"]) == (201, 60)
    details = reservation(Reservation.objects.get().id, scope=EVERYWHERE).person.details
    assert (details.new_address, details.old_address, details.changed_on) == (
        "星見市東区見本町1番1号", "星見市西区見本町9", "2026-10-01"
    )  # fmt: skip
    assert Seat.objects.exclude(reservation=None).count() == 2


def test_what_the_procedures_do_not_need_is_not_kept(post):
    assert post(old_address="星見市西区見本町9").status_code == 201
    assert reservation(Reservation.objects.get().id, scope=EVERYWHERE).person.details.old_address == ""


def test_the_same_key_gives_the_same_answer_and_books_once(post):
    assert post().json() == post().json()
    assert Reservation.objects.count() == 1


def test_the_order_of_fields_makes_no_other_request(post, client):
    body = {"slot": slot_at(client), **HANAKO}
    assert post(body).json() == post(dict(reversed(body.items()))).json()


def test_the_same_key_with_another_content_is_refused(post):
    post()
    problem(post(**TARO), 422, "idempotency_mismatch")


def test_two_partners_may_use_the_same_key(post, client):
    assert post().status_code == 201
    other = issue_token(name="別のアプリ", actor=SYSTEM)
    clear_caches()
    answer = post(
        {"slot": slot_at(client, hour=13, minute=0), **TARO}, headers={"Authorization": f"Bearer {other}"}
    )
    assert answer.status_code == 201


def test_the_loser_of_a_seat_is_offered_others(post, client):
    slot = slot_at(client)
    post({"slot": slot, **HANAKO})
    found = problem(post({"slot": slot, **TARO}, key="two"), 409, "slot_full")
    assert found["alternatives"]
    assert slot not in {each["slot"] for each in found["alternatives"]}
    assert {each["office"] for each in found["alternatives"]} == {"HM01", "HM02"}
    assert post({"slot": found["alternatives"][0]["slot"], **TARO}, key="two").status_code == 201


def test_a_seat_kept_for_callers_is_full_for_partners(post, client):
    problem(post({"slot": slot_at(client, hour=11, minute=0), **HANAKO}), 409, "slot_full")


def test_after_the_deadline_of_citizens_partners_book_no_more(post, client):
    body = {"slot": slot_at(client), **HANAKO}
    with clock.travel(datetime(2026, 12, 9, 9, tzinfo=JST)):
        problem(post(body), 409, "deadline_passed")


def test_before_the_window_opens_nobody_books(post, client):
    body = {"slot": slot_at(client), **HANAKO}
    with clock.travel(datetime(2026, 10, 1, 9, tzinfo=JST)):
        problem(post(body), 409, "not_yet_open")


def test_a_second_reservation_for_one_procedure_is_refused_without_a_word_about_the_first(post, client):
    made = post().json()
    answer = post({"slot": slot_at(client, day=16), **HANAKO}, key="two")
    problem(answer, 409, "duplicate")
    assert made["reference"] not in answer.content.decode()


def test_a_person_under_15_on_the_day_is_sent_to_the_ward(post):
    faulty(post(date_of_birth="2011-12-16"), "date_of_birth", code="not_eligible")


def test_only_posting_books(client, token):
    assert client.get(RESERVATIONS, headers={"Authorization": f"Bearer {token}"}).status_code == 405
