"""The API for everybody: offices, free times and procedures, as the pages show them."""

from datetime import UTC, datetime, timedelta

import pytest
from support.partner_api import AVAILABILITY, DAYS, MY_NUMBER, faulty, slots

from madoguchi.common import clock
from madoguchi.common.cache import clear_caches

pytestmark = pytest.mark.usefixtures("city")


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


def test_a_question_repeated_within_two_seconds_is_read_once(client, django_assert_num_queries):
    slots(client)
    with django_assert_num_queries(0):
        slots(client, to="2026-12-20")
    with clock.travel(clock.now() + timedelta(days=1)):
        clear_caches()
        assert slots(client)


def test_times_are_told_with_their_zone(client):
    for row in slots(client):
        assert datetime.fromisoformat(row["starts_at"]).astimezone(UTC).tzinfo is UTC
