"""The tablet on a counter, lying and upright: no barrier, large targets, the line for now in view."""

from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import resolve
from playwright.sync_api import expect
from support.people import HANAKO, TARO, somebody
from support.secretariat import book, member

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.sites.office.urls import urlpatterns
from madoguchi.workflows.booking import changes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
NOW = datetime(2026, 12, 15, 14, 10, tzinfo=JST)
SIZES = {"lying": (1280, 720), "upright": (800, 1280)}
# WCAG says 24; a finger on a counter's tablet gets twice that.
SMALL = """() => [...document.querySelectorAll("a, button, summary, input:not([type=hidden])")]
    .filter((each) => each.checkVisibility() && !each.classList.contains("visually-hidden"))
    .map((each) => [each.textContent.trim(), each.getBoundingClientRect().height])
    .filter(([, height]) => height > 0 && height < 48)"""


def day_of_visits():
    """Fill a day, one visitor each half hour but two."""
    for number in range(13):
        at = datetime.combine(NOW.date(), time(9)) + timedelta(minutes=30 * number)
        book(somebody(number), hour=at.hour, minute=at.minute)
    book(TARO, hour=16, minute=0)
    gone = book(HANAKO, hour=16, minute=30)
    changes.cancel(reservation_id=gone.id, actor=SYSTEM, channel="PHONE")


def follow(target):
    """Click and wait for the page it leads to."""
    with target.page.expect_navigation():
        target.click()


@pytest.fixture(params=SIZES)
def tablet(request, page, client, live_server):
    """A tablet on the day of the visits, signed in."""
    day_of_visits()
    user = member(Role.OFFICE, "kyoku")
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    with clock.travel(NOW):
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        page.context.add_cookies([cookie])
        width, height = SIZES[request.param]
        page.set_viewport_size({"width": width, "height": height})
        yield page


def test_pages_have_no_barrier_and_every_target_is_large(tablet, axe):
    seen = set()
    for path in ("/office/HM01/", "/office/HM01/2026-12-18/"):
        tablet.goto(path)
        seen.add(resolve(path).url_name)
        axe(tablet)
        assert tablet.evaluate(SMALL) == []
    tablet.goto("/office/HM01/")
    follow(tablet.locator(".visit a").last)
    seen.add(resolve(urlsplit(tablet.url).path).url_name)
    axe(tablet)
    tablet.goto("/office/HM01/")
    follow(tablet.locator(".visit-next a"))
    assert tablet.evaluate(SMALL) == []
    axe(tablet)
    follow(tablet.get_by_role("button", name="表示"))
    expect(tablet.locator(".phone .strong")).to_be_visible()
    axe(tablet)
    # One leads on to the day, one is a file, one is asked by the page itself.
    assert seen | {"home", "visits-print", "visits-version"} == {each.name for each in urlpatterns}


def test_the_line_for_now_and_the_next_visitor_are_in_view_at_once(tablet):
    tablet.goto("/office/")
    expect(tablet.locator(".now")).to_be_in_viewport()
    expect(tablet.locator(".visit-next")).to_be_in_viewport(ratio=1)
    expect(tablet.locator(".visit-next")).to_contain_text("見本　11郎")


def test_nothing_scrolls_sideways_and_nothing_hides_below_the_foot(tablet):
    tablet.goto("/office/HM01/")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tablet.evaluate(wide) == 0
    tablet.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = tablet.locator(".visit a").last.bounding_box()
    foot = tablet.locator(".foot-bar").bounding_box()
    assert last["y"] + last["height"] <= foot["y"]


def test_the_list_fits_a_narrow_window(tablet):
    tablet.set_viewport_size({"width": 320, "height": 640})
    for path in ("/office/HM01/", "/office/HM01/2026-12-16/"):
        tablet.goto(path)
        assert tablet.evaluate("document.documentElement.scrollWidth") <= 320
    tablet.goto("/office/HM01/")
    follow(tablet.locator(".visit a").first)
    assert tablet.evaluate("document.documentElement.scrollWidth") <= 320
