"""The city's pages in a browser: accessible, no sideways scrolling at 320 px, approval by keyboard alone."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from support.secretariat import made_proposals, member, sign_in

from madoguchi.accounts import tablets
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.roles import Zone
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.contract.proposals import proposal
from madoguchi.contract.selectors import booking_rules
from madoguchi.workflows.approvals.proposals import send_proposal

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]


@pytest.fixture
def desk(page, client, live_server):
    """One tab on a desk of the city's section."""
    sign_in(page, client, live_server, member(Role.CITY, "shi"))
    return page


def test_no_page_of_the_city_has_a_barrier_and_none_scrolls_sideways(desk, axe):
    desk.goto("/city/")
    axe(desk)
    made = made_proposals()
    for each in made:
        send_proposal(proposal_id=each, actor=SYSTEM)
    pages = [f"/city/proposals/{each}/" for each in made]
    for path in ("/city/", "/city/?all=1", *pages, f"/city/simulator/?proposal={made[0]}"):
        desk.set_viewport_size({"width": 1440, "height": 900})
        desk.goto(path)
        axe(desk)
        assert desk.locator("h1").count() == 1, path
        desk.set_viewport_size({"width": 320, "height": 640})
        assert desk.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_the_pages_of_the_citys_accounts_and_tablets_have_no_barrier(page, client, live_server, axe):
    admin = member(Role.CITY_ADMIN, "kanri")
    other = member(Role.CITY, "shi")
    tablets.register_device(label="本庁 1号", zone=Zone.CITY, actor=SYSTEM)
    sign_in(page, client, live_server, admin)
    for path in ("accounts/", "accounts/add/", f"accounts/{other.pk}/", "devices/", "devices/add/"):
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"/city/{path}")
        axe(page)
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_a_proposal_is_approved_by_keys_alone(desk):
    made = made_proposals()[0]
    send_proposal(proposal_id=made, actor=SYSTEM)
    desk.goto("/city/")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_contain_text("予約の締切")
    desk.keyboard.press("a")
    desk.get_by_role("dialog").get_by_role("button", name="承認する").press("Enter")
    expect(desk.locator("[role=status]")).to_contain_text("承認しました")
    assert proposal(made).state == "approved"
    assert booking_rules(clock.now() + timedelta(8)).register_days == 9
