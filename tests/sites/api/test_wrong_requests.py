"""What a partner sends wrongly is answered by field, and never repeated."""

import json

import pytest
from support.partner_api import HANAKO, MY_NUMBER, RESERVATIONS, RUN, faulty, problem, slot_at

from madoguchi.reservations.models import Reservation

pytestmark = pytest.mark.usefixtures("city")


# --- what was sent wrongly --------------------------------------------------------------------------------


WRONG_VALUES = [
    ("slot", 987654),
    ("slot", 0),
    ("slot", -1),
    ("slot", 10**30),
    ("slot", "12"),
    ("slot", True),
    ("slot", 1.5),
    ("slot", None),
    ("procedures", []),
    ("procedures", "PIN_RESET"),
    ("procedures", ["PASSPORT"]),
    ("procedures", ["CERT_RENEW", "CERT_RENEW"]),
    ("procedures", [{}]),
    ("procedures", ["CERT_RENEW"] * 1000),
    ("name", ""),
    ("name", "　"),
    ("name", "あ" * 101),
    ("name", "\x00\u200b"),
    ("name", ["福岡花子"]),
    ("name_kana", "12"),
    ("name_kana", None),
    ("date_of_birth", "1950-02-30"),
    ("date_of_birth", "2026-11-25"),
    ("date_of_birth", "1872-12-31"),
    ("date_of_birth", "1950-04-01T00:00:00"),
    ("date_of_birth", -1),
    ("date_of_birth", "昭和25年4月1日"),
    ("postal_code", "81400"),
    ("postal_code", 8140006),
    ("address", ""),
    ("address", "見" * 241),
    ("phone", "123"),
    ("phone", "0" * 41),
    ("email", "someone@"),
    ("email", "a" * 250 + "@example.jp"),
    ("consent", False),
    ("consent", "yes, please"),
    ("consent", 1),
    ("consent", None),
    ("changed_on", "2026-13-01"),
    ("old_address", "見" * 201),
]


def test_each_field_says_what_it_must_hold_and_repeats_nothing(post, subtests):
    for field, value in WRONG_VALUES:
        with subtests.test(field=field):
            answer = post(**{field: value})
            faulty(answer, field)
            if isinstance(value, str) and len(value) > 3:
                assert value not in answer.content.decode()
            assert Reservation.objects.count() == 0


NEEDED = sorted(set(HANAKO) - {"name_kana", "email"})


def test_what_is_missing_is_named(post, client, subtests):
    for field in NEEDED:
        with subtests.test(field=field):
            body = {"slot": slot_at(client), **HANAKO}
            del body[field]
            faulty(post(body), field)


def test_all_faults_are_told_at_once(post):
    found = problem(post(name="", consent=False), 422, "invalid")
    assert {fault["field"] for fault in found["errors"]} == {"name", "consent"}


def test_kana_and_mail_may_be_left_out(post, client):
    body = {"slot": slot_at(client), **HANAKO}
    del body["name_kana"], body["email"]
    assert post(body).status_code == 201


FORBIDDEN = [
    *[(field, f"見本 {MY_NUMBER}") for field in ("name", "name_kana", "address", "new_address", "phone")],
    ("old_address", "１２３４　５６７８　９０１８"),
    ("old_address", "1234.5678.9018"),
    ("new_address", "1234/5678_9018"),
    ("address", "1234\n5678\n9018"),
    ("name", "1234\u200b,\ufe0f5678,9018"),
    ("name_kana", "1234、5678、9018"),
    ("email", f"{MY_NUMBER}@example.jp"),
    ("email", "1234.5678.9018@example.jp"),
    ("postal_code", MY_NUMBER),
    ("date_of_birth", MY_NUMBER),
    ("procedures", [MY_NUMBER]),
    ("consent", int(MY_NUMBER)),
    ("my_number", MY_NUMBER),
    (MY_NUMBER, "x"),
    ("name", "暗証番号は1234"),
    ("name", {"last": MY_NUMBER}),
]


def test_a_my_number_or_a_pin_is_refused_in_any_field_and_never_repeated(post, subtests):
    for field, value in FORBIDDEN:
        with subtests.test(field=field):
            answer = post(**RUN | {field: value})
            faulty(
                answer,
                field if field in {*HANAKO, "old_address", "new_address"} else "",
                code="forbidden_value",
            )
            assert MY_NUMBER not in answer.content.decode()
            assert "1234" not in answer.content.decode()


def test_a_telephone_number_with_its_country_is_no_my_number(post):
    faulty(post(phone="+81 90 0000 5678", consent=False), "consent")
    assert post(phone="+81 90 0000 5678").status_code == 201


def test_an_unknown_field_is_refused_without_its_name(post):
    answer = post(nickname="はなちゃん")
    faulty(answer, "")
    assert "nickname" not in answer.content.decode()


NO_KEYS = ["", "あ".encode().decode("latin-1"), "a b", "a" * 201]


def test_a_reservation_needs_a_key_of_its_own(post, subtests):
    for key in NO_KEYS:
        with subtests.test(key=key):
            faulty(post(key=key), "Idempotency-Key")


def test_a_missing_key_is_named(client, token):
    answer = client.post(
        RESERVATIONS, json.dumps({"slot": slot_at(client), **HANAKO}), content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    faulty(answer, "Idempotency-Key")


NO_OBJECTS = [
    "",
    "{",
    "[]",
    "1",
    "null",
    "NaN",
    '"x"',
    b"\xff\xfe\x00",
    "[" * 5000,
    '{"slot": ' + "9" * 5000 + "}",
    '{"name": "\x00"}',
    "あ",
]


def test_a_body_that_is_no_json_object_is_named_so(post, subtests):
    for body in NO_OBJECTS:
        with subtests.test(body=body):
            problem(post(body), 400, "invalid_json")


def test_half_a_character_is_no_name(post, client):
    body = json.dumps({"slot": slot_at(client), **HANAKO}).replace("\\u82b1", "\\ud842")
    assert "\\ud842" in body
    faulty(post(body), "name")


@pytest.mark.parametrize("size", [20_000, 3_000_000])
def test_a_body_larger_than_any_reservation_is_refused(post, size):
    problem(post(name="あ" * size), 413, "too_large")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_json_under_another_content_type_is_refused(post, kind):
    found = problem(post(content_type=kind), 415, "wrong_content_type")
    assert "application/json" in found["detail"]
    assert Reservation.objects.count() == 0
    assert post(content_type="application/json; charset=utf-8").status_code == 201


def test_readers_answer_head_as_they_answer_get(client):
    for address in ("/api/v1/offices", "/api/v1/procedures", "/api/v1/openapi.json"):
        answer = client.head(address)
        assert (answer.status_code, answer.content) == (200, b"")
