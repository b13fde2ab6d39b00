"""The next free times inside the city's own website: small, shared, and only in frames that are listed."""

import re

import pytest
from django.test import Client
from support.journeys import text_of

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches
from madoguchi.contract.rows import PostalAreaRow
from madoguchi.contract.services import put_rows
from madoguchi.notifications.announcements import put_announcement

TIMES = "/embed/times/"
CITY = "https://www.city.example.jp"

pytestmark = pytest.mark.usefixtures("city")


def test_the_next_free_times_of_an_office_are_a_few_lines(client):
    page = text_of(client.get(TIMES, {"office": "HM01"}))
    assert len(re.findall("<li>", page)) == 5
    assert "12月1日（火）午前9時" in page
    assert "11月24日（火）午前10時の空きです" in page
    assert page.count("<h2>") == 1
    assert "11月30日（月）までの日 インターネット受付は終了。お電話で" in page


def test_without_an_office_the_earliest_of_the_city_are_shown(client):
    page = text_of(client.get(TIMES))
    assert (page.count("<h2>"), page.count("<li>")) == (2, 2), "HM03 takes no bookings yet"


def test_near_a_postal_code_the_nearest_come_first(client):
    put_rows(
        kind=PostalAreaRow,
        rows=[
            PostalAreaRow(
                postal_code=code, ward="992021", town="", branch=None, latitude=latitude, longitude=130.4
            )
            for code, latitude in (("8100001", 20.1), ("8100002", 45.9))
        ],
    )
    offices = [
        re.findall(r"office=(\w+)", client.get(TIMES, {"near": code}).content.decode())
        for code in ("810-0001", "8100002")
    ]
    assert sorted(offices[0]) == sorted(offices[1]) == ["HM01", "HM02"]
    assert offices[0] == offices[1][::-1]


def test_the_embedded_button_opens_the_booking_in_the_whole_window(client):
    page = client.get(TIMES, {"office": "HM01"}).content.decode()
    assert 'href="/reserve/?office=HM01" target="_top"' in page
    assert page.count("<a ") == page.count('target="_top"')
    assert client.get("/reserve/?office=HM01").status_code == 200


def test_an_office_without_free_times_says_so(client):
    page = text_of(client.get(TIMES, {"office": "HM03"}))
    assert "いま、空いている日時はありません" in page
    assert "HM03" not in page


def test_an_unknown_office_is_not_found(client):
    assert client.get(TIMES, {"office": "XX99"}).status_code == 404


def test_an_outage_is_told_here_too(client, now):
    put_announcement(
        kind="OUTAGE", title="台風のため休みます", body="", shows_from=now, shows_until=now + clock.DAY,
        actor=SYSTEM,
    )  # fmt: skip
    assert "台風のため休みます" in text_of(client.get(TIMES))


def test_it_sets_no_cookie_and_needs_no_script(client):
    answer = client.get(TIMES)
    assert not answer.cookies
    page = answer.content.decode()
    assert "<script" not in page
    assert "<form" not in page
    assert len(answer.content) < 5_000


def test_it_may_be_kept_for_a_minute_and_is_not_sent_again_unchanged(client):
    first = client.get(TIMES)
    assert first["Cache-Control"] == "public, max-age=60"
    again = client.get(TIMES, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_times_that_many_ask_for_are_read_once(client, django_assert_num_queries):
    client.get(TIMES)
    with django_assert_num_queries(0):
        Client().get(TIMES)
    clear_caches()
    with django_assert_num_queries(9, exact=False):
        client.get(TIMES)


def test_the_language_is_that_of_the_page_around_it_not_of_the_browser(client, settings):
    settings.LANGUAGES = [("ja", "日本語"), ("en", "English")]
    french = client.get(TIMES, {"lang": "fr"}, headers={"Accept-Language": "en"})
    assert '<html lang="ja">' in french.content.decode()
    assert french["Content-Language"] == "ja"
    assert '<html lang="en">' in client.get(TIMES, {"lang": "en"}).content.decode()


# --- frames -----------------------------------------------------------------------------------------------


def policy(answer):
    return dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))


def test_nobody_shows_it_in_a_frame_unless_listed(client):
    answer = client.get(TIMES)
    assert policy(answer)["frame-ancestors"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"


def test_a_listed_origin_shows_it_in_a_frame_and_the_rest_of_the_policy_stays(client, settings):
    settings.EMBED_ORIGINS = [CITY, "https://mirror.example.jp"]
    for answer in (
        client.get(TIMES),
        client.get(TIMES, headers={"If-None-Match": client.get(TIMES)["ETag"]}),
    ):
        assert policy(answer)["frame-ancestors"] == f"{CITY} https://mirror.example.jp"
        assert policy(answer)["default-src"] == "'none'"
        assert "X-Frame-Options" not in answer


def test_no_other_page_may_be_framed_even_by_a_listed_origin(client, settings, subtests):
    settings.EMBED_ORIGINS = [CITY]
    for path in ("/", "/reserve/", "/lookup/", "/staff/", "/embed/times/?office=XX99", "/embed/none/"):
        with subtests.test(path=path):
            answer = client.get(path)
            assert policy(answer)["frame-ancestors"] == "'none'"
            assert answer["X-Frame-Options"] == "DENY"
