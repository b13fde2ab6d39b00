"""The secretariat's pages in a browser: no barrier, by keyboard, without scripts, at 320 px, on paper."""

from datetime import date, time, timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import resolve
from playwright.sync_api import expect
from support.people import TARO, somebody
from support.secretariat import book, made_proposals, member, sign_in, slot_at
from support.staff_pages import address, staff_pages

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import User
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.notifications.announcements import put_announcement
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.notifications.services import put_text
from madoguchi.offices.pauses import Scope
from madoguchi.offices.services import close_office
from madoguchi.reservations.models import Disruption, Reservation
from madoguchi.workflows.capacity.slots import change_offering
from madoguchi.workflows.messages import mail
from madoguchi.workflows.outage import pauses

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
CLOSING = "month=2026-12&day=2026-12-15&kind=closure&start=540&end=1020&seats=1&reason=FACILITY"
SITE = "/secretariat/"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 320, "height": 900}


@pytest.fixture
def desk(page, client, live_server):
    """One tab on a desk, signed in."""
    sign_in(page, client, live_server, member())
    return page


@pytest.fixture
def goto(desk, live_server):
    """Open a page as somebody who may: erasing and disclosing is for an account of its own."""
    people = {False: User.objects.get(), True: member(Role.PRIVACY, "kojin")}
    signed_in = False

    def goto(path):
        nonlocal signed_in
        if path.startswith(f"{SITE}personal/") != signed_in:
            signed_in = not signed_in
            sign_in(desk, Client(), live_server, people[signed_in])
        return desk.goto(path)

    return goto


def paths(made):
    """Return an address of every page that is looked at; what it needs is made first."""
    put_text(
        kind=MailKind.CONFIRMATION,
        subject="予約の受付",
        body="{reference}{when}{office}{link}{phone}",
        actor=SYSTEM,
    )
    mail.send_due_mail()
    letter = Mail.objects.get(target=made.id)
    now, noon = clock.now(), clock.at(date(2026, 12, 15), time(9))
    announcement = put_announcement(
        kind="OUTAGE", title="休止", body="", shows_from=now, shows_until=now + timedelta(1), actor=SYSTEM
    )
    effect = change_offering(
        change=lambda: close_office(
            office="HM01",
            starts_at=noon,
            ends_at=noon + timedelta(1),
            reason="TYPHOON",
            note="",
            actor=SYSTEM,
        ),
        places=["HM01"],
        title="臨時休業",
        actor=SYSTEM,
    )
    stopped = pauses.begin(
        scope=Scope(noon + timedelta(2), noon + timedelta(3)),
        cause="TYPHOON",
        is_open_ended=False,
        title="台風",
        banner=None,
        actor=SYSTEM,
    )
    person = f"{SITE}reservations/{made.reference}/"
    office = f"{SITE}offices/HM01/"
    return [
        SITE,
        f"{SITE}reservations/",
        f"{SITE}reservations/?open={made.reference}",
        f"{SITE}reservations/?q=だれでもない",
        f"{SITE}checks/?open={made.reference}",
        f"{SITE}reservations/add/?procedures=CERT_RENEW&office=HM01&day=2026-12-16",
        f"{person}move/",
        f"{person}procedures/",
        f"{person}correct/",
        f"{person}cancel/",
        f"{person}history/",
        f"{SITE}matrix/",
        f"{SITE}master/",
        f"{SITE}waiting/?q=フクオカ",
        f"{SITE}offices/",
        office,
        f"{office}?{CLOSING}",
        f"{office}days/2026-12-15/",
        f"{office}hours/",
        f"{office}closures/",
        f"{office}presets/",
        f"{office}rules/",
        f"{office}history/",
        f"{SITE}rules/",
        f"{SITE}pauses/",
        f"{SITE}pauses/{stopped}/",
        f"{SITE}disruptions/",
        f"{SITE}announcements/",
        f"{SITE}announcements/add/",
        f"{SITE}texts/",
        f"{SITE}proposals/",
        f"{SITE}proposals/?all=1",
        *(f"{SITE}proposals/{made}/" for made in made_proposals()),
        f"{SITE}proposals/{made_proposals()[0]}/edit/",
        f"{SITE}proposals/new/rules/",
        f"{SITE}proposals/new/mail/confirmation/",
        f"{SITE}proposals/new/announcement/",
        f"{SITE}simulator/?proposal={made_proposals()[0]}",
        f"{SITE}mails/",
        f"{SITE}mails/?state=queued",
        f"{SITE}calls/?day=2026-12-16",
        f"{SITE}mailbox/",
        f"{SITE}mailbox/{letter.pk}/",
        f"{SITE}status/",
        f"{SITE}retention/",
        f"{SITE}personal/",
        f"{SITE}personal/erasures/add/?until=R8.11.23",
        f"{SITE}personal/{made.id}/",
        f"{SITE}personal/{made.id}/disclose/",
        f"{SITE}personal/{made.id}/erase/",
        f"{SITE}reservations/add/details/?procedures=CERT_RENEW&slot={slot_at(16, 9)}",
        f"{SITE}exports/",
        f"{SITE}announcements/{announcement}/",
        f"{SITE}disruptions/{effect.disruption}/",
        f"{SITE}accounts/",
        f"{SITE}accounts/add/",
        f"{SITE}accounts/{User.objects.get(username='jimukyoku').pk}/",
        f"{SITE}devices/",
        f"{SITE}devices/add/",
    ]


def test_each_page_has_no_barrier_one_heading_its_own_title_and_room_in_a_narrow_window(desk, goto, axe):
    made = book()
    book(TARO, day=16)
    titles = set()
    for path in paths(made):
        assert goto(path).status == HTTPStatus.OK, path
        axe(desk)
        assert desk.locator("h1").count() == 1, path
        titles.add(desk.title())
        desk.set_viewport_size(NARROW)
        assert desk.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path
        desk.set_viewport_size(WIDE)
    # The same page under two addresses keeps its title; everything else has one of its own.
    assert len(titles) >= 24


def test_every_page_is_among_those_looked_at(client):
    client.force_login(member())
    keeper = Client()
    keeper.force_login(member(Role.PRIVACY, "kojin"))
    looked_at = {resolve(path.partition("?")[0]).func for path in paths(book())}
    missed = {
        name.removeprefix("secretariat:")
        for name, route, page in staff_pages()
        if route.startswith(SITE)
        and page.callback not in looked_at
        and (keeper if route.startswith(f"{SITE}personal/") else client).get(address(route, page)).status_code
        != HTTPStatus.METHOD_NOT_ALLOWED
    }
    files = {
        "reservations-export",
        "reservations-slip",
        "reservations-letter",
        "exports-take",
        "retention-certificate",
        "calls-paper",
        "disruptions-calls",
    }
    # After a refused press these show the page that their form stands on.
    shown_again = {"pauses-extend", "personal-preserve"}
    assert missed <= files | shown_again


RIGHT_OF_TABLE = "document.querySelector('.table').getBoundingClientRect().right"
LEFT_OF_PANEL = "document.querySelector('.side').getBoundingClientRect().left"


@pytest.mark.parametrize("width", [1280, 1366, 1440, 1920])
def test_the_list_keeps_its_columns_beside_an_open_booking(desk, goto, width):
    made = book(codes=("CERT_RENEW", "PIN_RESET"))
    desk.set_viewport_size({"width": width, "height": 900})
    for page in ("reservations", "checks"):
        goto(f"{SITE}{page}/?open={made.reference}")
        assert desk.evaluate(RIGHT_OF_TABLE) <= desk.evaluate(LEFT_OF_PANEL)
        assert desk.get_by_role("cell", name="更新・暗証番号").bounding_box()["width"] > 60
        assert desk.evaluate("document.documentElement.scrollWidth") <= width


def test_a_typhoon_day_is_handled_by_keys_alone_and_no_step_has_a_barrier(desk, axe):
    book()
    book(TARO, hour=11)
    desk.goto(f"{SITE}pauses/")
    desk.get_by_label("台風・災害").focus()
    desk.keyboard.press("Space")
    for label, name, text in (
        ("いつから", "starts_at", "2026-12-15T00:00"),
        ("いつまで", "ends_at", "2026-12-16T00:00"),
    ):
        desk.get_by_role("group", name=label).get_by_label("日時を決める").focus()
        desk.keyboard.press("Space")
        desk.locator(f"[name={name}]").fill(text)
    desk.locator("[name=ends_at]").blur()
    desk.keyboard.press("p")
    expect(desk.locator(".effect-number")).to_have_text("2人")
    axe(desk)
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", name="受付を止めました")).to_be_visible()
    axe(desk)
    desk.keyboard.press("m")
    expect(desk.get_by_label("送る人数")).to_be_focused()
    desk.keyboard.type("1")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("1人にメールを送ります")).to_be_visible()
    axe(desk)
    desk.keyboard.press("c")
    expect(desk.get_by_role("link", name=TARO.name)).to_be_visible()
    axe(desk)


def test_a_key_pressed_while_a_page_is_loading_counts(desk):
    book(TARO)
    waiting = []
    desk.route(
        "**/keys*.js",
        lambda route: waiting.append(route) if "early" not in route.request.url else route.continue_(),
    )
    desk.goto(f"{SITE}reservations/", wait_until="commit")
    expect(desk.locator(".row-link")).to_be_visible()
    desk.keyboard.press("j")
    waiting.pop().continue_()
    expect(desk.locator(".row-link")).to_be_focused()


def test_the_list_is_worked_by_keys_alone(desk):
    for number in range(3):
        book(somebody(number), hour=9 + number)
    desk.goto(f"{SITE}reservations/")
    desk.keyboard.press("/")
    expect(desk.get_by_role("searchbox").first).to_be_focused()
    desk.keyboard.press("j")
    expect(desk.get_by_role("searchbox").first).to_have_value("j")
    desk.get_by_role("searchbox").first.blur()
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    expect(desk.locator(".row-link").nth(1)).to_be_focused()
    desk.keyboard.press("k")
    desk.keyboard.press("Enter")
    expect(desk.locator(".side-name")).to_contain_text("見本　0郎")
    expect(desk.locator("tr[aria-selected=true]")).to_have_count(1)
    desk.keyboard.press("j")
    expect(desk.locator(".row-link").nth(1)).to_be_focused()
    desk.keyboard.press("c")
    expect(desk.locator("[role=status]")).to_contain_text("確認済にしました")
    desk.keyboard.press("Escape")
    expect(desk.locator(".side")).to_have_count(0)


def test_the_list_of_keys_names_what_the_page_has_and_can_switch_them_off(desk):
    book()
    desk.goto(f"{SITE}reservations/")
    desk.keyboard.press("?")
    dialog = desk.get_by_role("dialog", name="操作の一覧")
    expect(dialog).to_contain_text("予約を登録")
    dialog.get_by_label("1文字のキーを使わない").check()
    desk.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    desk.keyboard.press("n")
    desk.keyboard.press("j")
    assert desk.url.endswith("/reservations/")
    assert desk.locator(".row-link:focus").count() == 0


def test_arrows_move_in_the_matrix_and_the_month(desk):
    desk.goto(f"{SITE}matrix/")
    cells = desk.locator("tbody tr").first.locator("td a")
    cells.first.focus()
    desk.keyboard.press("ArrowRight")
    expect(cells.nth(1)).to_be_focused()
    desk.keyboard.press("ArrowDown")
    expect(desk.locator("tbody tr").nth(1).locator("td a").nth(1)).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("星見西")


def test_a_change_is_looked_at_saved_and_dealt_with(desk, axe):
    book()
    desk.goto(f"{SITE}offices/HM01/?month=2026-12&day=2026-12-15")
    desk.get_by_label("理由").select_option("FACILITY")
    with desk.expect_navigation():
        desk.keyboard.press("Escape")
    desk.goto(f"{SITE}offices/HM01/?month=2026-12&day=2026-12-15")
    desk.get_by_label("理由").select_option("FACILITY")
    desk.get_by_role("button", name="影響を確かめる").click()
    expect(desk.locator(".effect")).to_contain_text("1人")
    assert not Disruption.objects.exists()
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("臨時休業")
    desk.locator(".row-link").first.click()
    axe(desk)
    desk.get_by_role("button", name="予定どおり受け付ける").click()
    dialog = desk.get_by_role("dialog")
    axe(desk)
    dialog.get_by_role("button", name="やめる").click()
    expect(desk.locator("tbody")).to_contain_text("未連絡")
    desk.get_by_role("button", name="予定どおり受け付ける").click()
    dialog.get_by_role("button", name="予定どおり受け付ける").click()
    expect(desk.locator("tbody")).to_contain_text("予定どおり")
    assert Reservation.objects.get().status == "BOOKED"


def test_without_scripts_the_same_work_is_done_and_no_key_is_printed(browser, client, live_server):
    made = book()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    sign_in(page, client, live_server, member())
    page.goto(f"{SITE}reservations/?open={made.reference}")
    expect(page.locator(".key").first).to_be_hidden()
    page.locator(".reveal summary").first.click()
    page.get_by_role("button", name="表示する").first.click()
    expect(page.locator(".side")).to_contain_text("090-0000-5678")
    page.get_by_text("状態", exact=True).first.click()
    page.get_by_label("取消し", exact=True).check()
    page.get_by_role("button", name="絞り込む").locator("visible=true").click()
    expect(page.locator(".empty")).to_be_visible()
    context.close()


def test_a_day_prints_black_on_white_without_the_frame(desk):
    book()
    desk.goto(f"{SITE}offices/HM01/days/2026-12-15/")
    desk.emulate_media(media="print")
    for part in (".topbar", ".sidenav", ".filters", ".title-row-actions"):
        expect(desk.locator(part)).to_be_hidden()
    expect(desk.get_by_text("福岡　花子")).to_be_visible()


def test_states_and_places_show_in_forced_colours(desk):
    made = book()
    desk.emulate_media(forced_colors="active")
    desk.goto(f"{SITE}reservations/?open={made.reference}")
    outline = "getComputedStyle(document.querySelector('{}')).outlineStyle"
    assert desk.evaluate(outline.format("tr[aria-selected=true]")) == "solid"
    assert desk.evaluate(outline.format(".sidenav-row[aria-current]")) == "solid"
