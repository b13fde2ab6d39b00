"""The days of an office are drawn once for many who look at them, and for nobody else's eyes."""

import re
from dataclasses import replace

import pytest
from support.journeys import PROCEDURES, slot_at, text_of
from support.people import TARO
from support.tabs import Browser

from madoguchi.audit.actor import Actor
from madoguchi.common import cache
from madoguchi.common.cache import cached_page, clear_caches
from madoguchi.workflows.booking import book as booking

pytestmark = pytest.mark.usefixtures("city")
DAY = "/reserve/HM01/?day=2026-12-15"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture
def browsers():
    """Two browsers that chose the same procedure."""
    both = Browser(), Browser()
    for browser in both:
        browser.post("/reserve/", PROCEDURES)
    return both


def test_the_second_browser_costs_only_the_look_at_its_own_session(browsers, django_assert_num_queries):
    first, second = browsers
    page = first.get("/reserve/HM01/")
    with django_assert_num_queries(0):  # the look at the session is a statement that Django does not count
        again = second.get("/reserve/HM01/")
    assert TOKEN.sub("", again.content.decode()) == TOKEN.sub("", page.content.decode())
    assert again["Cache-Control"] == "no-store"


def test_every_form_carries_the_token_of_its_own_browser(browsers):
    first, second = (TOKEN.findall(browser.get(DAY).content.decode()) for browser in browsers)
    assert first
    assert not set(first) & set(second)
    checking = Browser(enforce_csrf_checks=True)
    checking.cookies = browsers[1].cookies
    answer = checking.post(DAY, {"slot": slot_at(15, 10, 30), "csrfmiddlewaretoken": second[0]})
    assert answer.status_code == 302


def test_a_person_who_loses_the_seat_sees_at_once_that_it_is_gone(browsers):
    before = text_of(browsers[0].get(DAY))
    request = booking.BookingRequest(
        visitors=(booking.Visitor(("CERT_RENEW",), TARO),), slot=slot_at(15, 10, 30)
    )
    booking.book(
        replace(request, channel="PARTNER", actor=Actor("partner", "x"), submission="x", fingerprint="x")
    )
    answer = browsers[1].post(DAY, {"slot": slot_at(15, 10, 30)})
    assert "ほかの方の予約が入りました" in text_of(answer)
    assert text_of(answer).count(f'value="{slot_at(15, 10, 30)}"') < before.count(
        f'value="{slot_at(15, 10, 30)}"'
    )


def test_other_procedures_are_another_page(browsers):
    first, second = browsers
    second.post("/reserve/", {**PROCEDURES, "procedures": ["CERT_ISSUE", "PIN_RESET"]})
    assert first.get("/reserve/HM01/").content != second.get("/reserve/HM01/").content


def test_the_memory_stays_small_whatever_is_asked_for(monkeypatch):
    monkeypatch.setattr(cache, "MAX_PAGES", 3)
    clear_caches()
    for number in range(10):
        assert cached_page(number, lambda number=number: number) == number
    assert len(cache._shared.pages) <= 3
