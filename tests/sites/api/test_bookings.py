"""The API for partners: what the pages promise, in JSON."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from madoguchi.accounts.partners import PartnerToken, issue_token, revoke_tokens
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches
from madoguchi.common.clock import JST
from madoguchi.reservations.models import Reservation, Seat
from madoguchi.reservations.selectors import reservation

MY_NUMBER = "123456789018"
AVAILABILITY = "/api/v1/availability"
RESERVATIONS = "/api/v1/reservations"
DAYS = {"office": "HM01", "from": "2026-12-15", "to": "2026-12-16", "procedures": "CERT_RENEW"}
HANAKO = {
    "procedures": ["CERT_RENEW"],
    "name": "福岡　花子",
    "name_kana": "フクオカ　ハナコ",
    "date_of_birth": "1950-04-01",
    "postal_code": "814-0006",
    "address": "星見市西区見本町2丁目1番1号",
    "phone": "090-0000-5678",
    "email": "hanako@example.jp",
    "consent": True,
}
TARO = {**HANAKO, "name": "博多　太郎", "name_kana": "", "date_of_birth": "1946-11-03"}
RUN = {
    "procedures": ["FACE_CHANGE", "CERT_ISSUE"],
    "changes": ["ADDRESS"],
    "new_address": "星見市東区見本町1番1号",
}

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def client():
    return Client(raise_request_exception=True)


@pytest.fixture
def token(city):
    return issue_token(name="見本アプリ", actor=SYSTEM)


@pytest.fixture
def post(client, token):
    """Send a reservation; `slot` is that of Tuesday 15 December, 10:30, unless told otherwise."""

    def send(body=None, *, key="one", headers=None, **changes):
        if body is None:
            body = {"slot": slot_at(client)} | HANAKO | changes
        return client.post(
            RESERVATIONS,
            body if isinstance(body, str | bytes) else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key} | (headers or {}),
        )

    return send


def slots(client, **changes):
    answer = client.get(AVAILABILITY, DAYS | changes)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def slot_at(client, day=15, hour=10, minute=30, **changes):
    wanted = datetime(2026, 12, day, hour, minute, tzinfo=JST).isoformat()
    return next(each["slot"] for each in slots(client, **changes) if each["starts_at"] == wanted)


def problem(answer, status, code):
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["code"] == code
    assert found["status"] == status
    assert found["type"] == f"urn:madoguchi:problem:{code}"
    assert found["detail"].endswith("。")
    return found


def faulty(answer, field, code="invalid"):
    (fault,) = problem(answer, 422, code)["errors"]
    assert fault["field"] == field
    assert fault["message"].endswith("。")


# --- for everybody ----------------------------------------------------------------------------------------


def test_everybody_sees_the_offices_and_which_of_them_take_bookings(client):
    found = client.get("/api/v1/offices").json()
    assert [(row["code"], row["takes_bookings"]) for row in found] == [
        ("HM01", True), ("HM02", True), ("HM03", False)
    ]  # fmt: skip
    assert found[2]["booking_opens_at"] == "2027-02-15T09:00:00+09:00"


def test_everybody_sees_the_times_at_which_a_visit_can_start(client):
    found = slots(client)
    assert [row["starts_at"] for row in found][::16] == [
        "2026-12-15T09:00:00+09:00", "2026-12-16T09:00:00+09:00"
    ]  # fmt: skip
    assert {row["office"] for row in found} == {"HM01"}
    assert set(found[0]) == {"slot", "office", "starts_at", "free"}


def test_a_long_visit_starts_only_where_it_ends_by_closing_time(client):
    long = slots(client, procedures="FACE_CHANGE,CERT_ISSUE", to="2026-12-15")
    assert long[-1]["starts_at"] == "2026-12-15T16:00:00+09:00"
    assert len(long) == len(slots(client, to="2026-12-15")) - 1


def test_free_times_are_those_of_the_pages_and_what_is_kept_for_callers_is_not_among_them(client):
    full = [row["starts_at"][11:16] for row in slots(client, to="2026-12-15") if not row["free"]]
    assert full == ["11:00", "13:30", "16:00"]
    assert slots(client, **{"from": "2026-11-24", "to": "2026-11-30"}) == []


def test_without_days_the_whole_window_is_shown(client):
    found = client.get(AVAILABILITY, {"office": "HM01", "procedures": "CERT_RENEW"}).json()
    assert [found[place]["starts_at"][:10] for place in (0, -1)] == ["2026-12-01", "2027-01-22"]


def test_an_office_that_does_not_take_bookings_yet_shows_no_times(client):
    assert slots(client, office="HM03", to="2027-03-31") == []


def test_everybody_sees_the_procedures(client):
    found = client.get("/api/v1/procedures").json()
    assert {row["code"] for row in found} == {"CERT_RENEW", "CERT_ISSUE", "PIN_RESET", "FACE_CHANGE"}
    assert found[0] == {
        "code": "CERT_RENEW",
        "name": "電子証明書の更新",
        "explanation": "電子証明書の更新の説明です。",
        "minutes": 30,
    }


PUBLIC = [("/api/v1/offices", {}), ("/api/v1/procedures", {}), (AVAILABILITY, DAYS)]


def test_answers_for_everybody_may_be_kept_for_two_seconds_only(client, subtests):
    for path, question in PUBLIC:
        with subtests.test(path=path):
            assert client.get(path, question)["Cache-Control"] == "public, max-age=2"


def test_what_has_not_changed_is_not_sent_again(client, subtests):
    for path, question in PUBLIC:
        with subtests.test(path=path):
            tag = client.get(path, question)["ETag"]
            again = client.get(path, question, headers={"If-None-Match": tag})
            assert (again.status_code, again.content) == (304, b"")
            assert (again["ETag"], again["Cache-Control"]) == (tag, "public, max-age=2")


def test_free_times_that_changed_are_sent_again(client, post):
    tag = client.get(AVAILABILITY, DAYS)["ETag"]
    post()
    clear_caches()
    again = client.get(AVAILABILITY, DAYS, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert again["ETag"] != tag


def test_problems_and_answers_about_people_are_kept_by_nobody(client, post):
    assert client.get(AVAILABILITY)["Cache-Control"] == "no-store"
    assert post()["Cache-Control"] == "no-store"
    assert post(name="")["Cache-Control"] == "no-store"


WRONG_QUESTIONS = [
    ({"office": "XX99"}, "office"),
    ({"office": MY_NUMBER}, "office"),
    ({"from": "2026-02-30"}, "from"),
    ({"from": "2026-12-15T09:00"}, "from"),
    ({"from": "20261215"}, "from"),
    ({"to": "1796256000"}, "to"),
    ({"to": "２０２６-12-16"}, "to"),
    ({"to": "2026-12-14"}, "to"),
    ({"procedures": ""}, "procedures"),
    ({"procedures": "PASSPORT"}, "procedures"),
    ({"procedures": "CERT_RENEW,CERT_RENEW"}, "procedures"),
]


def test_a_wrong_question_is_answered_by_field(client, subtests):
    for change, field in WRONG_QUESTIONS:
        with subtests.test(change=change):
            answer = client.get(AVAILABILITY, DAYS | change)
            faulty(answer, field)
            assert next(iter(change.values())) in ("", "2026-12-14") or next(iter(change.values())) not in (
                answer.content.decode()
            )


def test_office_and_procedures_are_needed_to_answer(client, subtests):
    for field in ("office", "procedures"):
        with subtests.test(field=field):
            faulty(
                client.get(AVAILABILITY, {name: text for name, text in DAYS.items() if name != field}), field
            )


def test_the_document_names_every_operation_and_its_problems(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert {path.removeprefix("/api/v1/") for path in paths} == {
        "offices", "procedures", "availability", "reservations", "reservations/{reference}"
    }  # fmt: skip
    answers = paths["/api/v1/reservations"]["post"]["responses"]
    assert set(answers["201"]["content"]) == {"application/json"}
    assert set(answers["409"]["content"]) == {"application/problem+json"}


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


def test_who_is_under_15_on_the_day_is_sent_to_the_ward(post):
    faulty(post(date_of_birth="2011-12-16"), "date_of_birth", code="not_eligible")


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


def test_what_is_no_json_object_is_called_so(post, subtests):
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


def test_only_posting_books(client, token):
    assert client.get(RESERVATIONS, headers={"Authorization": f"Bearer {token}"}).status_code == 405


def test_what_is_asked_within_two_seconds_is_read_once(client, django_assert_num_queries):
    slots(client)
    with django_assert_num_queries(0):
        slots(client, to="2026-12-20")
    with clock.travel(clock.now() + timedelta(days=1)):
        clear_caches()
        assert slots(client)


def test_times_are_told_with_their_zone(client):
    for row in slots(client):
        assert datetime.fromisoformat(row["starts_at"]).astimezone(UTC).tzinfo is UTC
