"""The way of a citizen in a browser: with and without scripts, narrow, printed, in forced colours."""

import gzip
import re
from io import BytesIO

import pikepdf
import pytest
from playwright.sync_api import expect
from support.citizen_pages import choose_procedures, choose_time, come_in_person, confirm, enter_details
from support.journeys import DETAILS

from madoguchi.audit.actor import SYSTEM
from madoguchi.contract.services import decide_rule
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import Reservation
from madoguchi.workflows.booking import admission

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]


def test_while_many_take_times_the_browser_works_unseen_and_nobody_without_scripts_is_locked_out(
    page, browser, monkeypatch, now
):
    decide_rule(key="work_from_holds", value=0, effective_from=now, note="", actor=SYSTEM)
    monkeypatch.setattr(admission, "WITHOUT_WORK_PER_SOURCE", 1)
    for time in ("9時30分", "10時30分"):
        page.context.clear_cookies()
        choose_procedures(page)
        choose_time(page, time)
        expect(page.get_by_label("お名前")).to_be_visible()
    bare = browser.new_context(
        java_script_enabled=False, base_url=page.url.partition("/reserve")[0]
    ).new_page()
    for time, says in (("2時30分", "お名前"), ("3時30分", "15分ほどたってから")):
        choose_procedures(bare)
        choose_time(bare, time)
        expect(bare.get_by_text(says).first).to_be_visible()
        bare.context.clear_cookies()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_two_tabs_a_stale_page_and_back_book_only_what_was_shown(browser, live_server, scripts):
    context = browser.new_context(base_url=live_server.url, locale="ja-JP", java_script_enabled=scripts)
    first, second = context.new_page(), context.new_page()
    choose_procedures(first)
    choose_time(first)
    enter_details(first)
    second.goto("/reserve/HM02/?day=2026-12-16")
    second.locator(".radio-tile input").first.check()
    second.get_by_role("button", name="次へ進む").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("内容を確認してください")
    confirm(first)
    expect(first.get_by_role("alert")).to_contain_text("内容が変わりました")
    expect(first.get_by_role("main")).to_contain_text("12月16日")
    assert not Reservation.objects.exists()
    confirm(first)
    expect(first.get_by_role("heading", name="予約を受け付けました")).to_be_visible()
    assert Reservation.objects.get().office_id == "HM02"
    confirm(second)
    expect(second.get_by_role("heading", name="予約を受け付けました")).to_be_visible()
    assert Reservation.objects.count() == 1, "the same content in two tabs is the same press"
    second.go_back()
    expect(second.get_by_role("main")).not_to_contain_text("内容を確認してください")
    assert Reservation.objects.count() == 1
    context.close()


def test_the_whole_way_works_without_scripts(browser, live_server):
    context = browser.new_context(base_url=live_server.url, locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="予約する", exact=False).first.click()
    page.get_by_label("電子証明書の更新").check()
    come_in_person(page)
    page.get_by_role("link", name="星見東郵便局").click()
    page.get_by_role("link", name=re.compile("12月15日（火）.*空きあり")).click()
    page.get_by_label("10時30分").check()
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_label("郵便番号").fill("814-0006")
    page.get_by_role("button", name="住所を入れる").click()
    expect(page.get_by_label("郵便番号")).to_have_value("814-0006")
    page.get_by_role("button", name="時間を延長する").click()
    expect(page.get_by_text("午前10時20分まで確保しています")).to_be_visible()
    expect(page.get_by_role("button", name="時間を延長する")).to_be_focused()
    enter_details(page)
    confirm(page)
    expect(page.get_by_role("heading", name="予約を受け付けました")).to_be_visible()
    page.goto(page.url.split("?")[0] + "cancel/")
    page.get_by_role("button", name="予約を取り消す").click()
    assert Reservation.objects.get().status == ReservationStatus.CANCELLED
    context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_the_whole_way_is_gone_on_a_phone(page, width):
    page.set_viewport_size({"width": width, "height": 640})
    choose_procedures(page)
    page.get_by_role("link", name="星見東郵便局").click()
    page.get_by_role("link", name=re.compile("12月15日（火）.*空きあり")).click()
    page.get_by_label("10時30分").check()
    page.get_by_role("button", name="次へ進む").click()
    enter_details(page)
    confirm(page)
    expect(page.get_by_role("heading", name="予約を受け付けました")).to_be_visible()
    page.goto("/lookup/")
    page.locator("#id_reference").fill(Reservation.objects.get().reference)
    page.get_by_label("元号").select_option("昭和")
    for label, part in (("年", "25"), ("月", "4"), ("日", "1")):
        page.get_by_label(label, exact=True).fill(part)
    page.get_by_role("button", name="確認する").click()
    page.get_by_role("link", name="日時を変更する").click()
    page.get_by_role("link", name="星見西郵便局").first.click()
    page.get_by_role("link", name=re.compile("12月16日（水）.*空きあり")).click()
    page.get_by_label("10時30分").check()
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_role("button", name="この日時に変更する").click()
    expect(page.get_by_role("status")).to_contain_text("変更しました")
    page.get_by_role("link", name="予約を取り消す").click()
    page.get_by_role("button", name="予約を取り消す").click()
    expect(page.get_by_role("link", name="あらためて予約する")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    row = Reservation.objects.get()
    assert (row.status, row.office_id) == (ReservationStatus.CANCELLED, "HM02")


def test_errors_are_summed_up_on_top_and_the_summary_has_the_focus(page):
    choose_procedures(page)
    choose_time(page)
    page.get_by_role("button", name="確認へ進む").last.click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link", name="番地を入力してください").click()
    expect(page.get_by_label("番地・建物名・部屋番号")).to_be_focused()


def test_a_double_click_on_the_last_button_books_once(page):
    choose_procedures(page)
    choose_time(page)
    enter_details(page)
    page.get_by_label("取扱いに同意します").check()
    page.get_by_role("button", name="この内容で予約する").dblclick()
    expect(page.get_by_role("heading", name="予約を受け付けました")).to_be_visible()
    assert Reservation.objects.count() == 1


def test_the_time_left_is_shown_and_spoken_seldom(page):
    page.clock.install()
    choose_procedures(page)
    choose_time(page)
    left = page.locator("[data-module=countdown]")
    expect(left).to_have_text("あと10分です。")
    assert left.get_attribute("aria-live") == "off"
    page.clock.run_for(5 * 60_000 + 1000)
    expect(left).to_have_text("あと5分です。")
    assert left.get_attribute("aria-live") == "polite"
    page.clock.run_for(5 * 60_000)
    expect(left).to_contain_text("確保の時間が過ぎました")


def test_the_chosen_time_is_repeated_beside_the_button(page):
    choose_procedures(page)
    page.goto("/reserve/HM01/?day=2026-12-15")
    page.get_by_label("10時30分").check()
    expect(page.locator("[data-chosen]")).to_have_text("12月15日（火）午前10時30分")


def test_the_address_is_filled_in_without_leaving_the_page(page):
    choose_procedures(page)
    choose_time(page)
    page.get_by_label("お名前").fill(DETAILS["name"])
    page.evaluate("document.body.dataset.stays = 'yes'")
    page.get_by_label("郵便番号").fill("999-0001")
    page.get_by_role("button", name="住所を入れる").click()
    expect(page.get_by_text("住所を調べられませんでした")).to_be_visible()
    assert page.evaluate("document.body.dataset.stays") == "yes"
    expect(page.get_by_label("お名前")).to_have_value(DETAILS["name"])


def test_forced_colours_show_what_is_chosen_and_what_is_full(page):
    page.emulate_media(forced_colors="active")
    choose_procedures(page)
    page.goto("/reserve/HM01/?day=2026-12-15")
    chosen = page.locator("[aria-current=date]")
    expect(chosen).to_contain_text("選択中")
    assert chosen.evaluate("each => getComputedStyle(each).borderTopWidth") == "4px"
    closed = page.locator(".day-none").first
    expect(closed).to_contain_text("受付日ではありません")
    assert closed.evaluate("each => getComputedStyle(each).borderTopStyle") == "dashed"


def test_the_first_page_weighs_less_than_100_kb(page):
    sizes = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto("/", wait_until="networkidle")
    assert len(sizes) > 3
    assert sum(sizes) < 100_000


def test_the_first_page_takes_at_most_40_kb_on_the_line(page):
    sizes = []
    # The server compresses what it sends; half a kilobyte is more than the headers of an answer.
    page.on("response", lambda response: sizes.append(len(gzip.compress(response.body())) + 500))
    page.goto("/", wait_until="networkidle")
    assert len(sizes) > 3
    assert sum(sizes) <= 40_000


def test_forced_colours_leave_no_sign_in_a_colour_of_ours(page):
    page.emulate_media(forced_colors="active", color_scheme="dark")
    choose_procedures(page)
    page.goto("/reserve/HM01/?day=2026-12-15")
    signs = page.locator(".sign .icon")
    assert signs.count() > 10
    shown = "icons => new Set(icons.map(icon => getComputedStyle(icon).color)).size"
    ours = signs.evaluate_all(shown)
    # Text of links, of buttons and plain text, as the browser's owner chose them.
    assert ours <= 2
    assert signs.first.evaluate("icon => getComputedStyle(icon).color") != "rgb(0, 23, 193)"


def test_the_slip_prints_on_one_sheet(page):
    choose_procedures(page)
    choose_time(page)
    enter_details(page)
    confirm(page)
    page.goto(page.url.split("?")[0] + "slip/")
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    with pikepdf.open(BytesIO(paper)) as pdf:
        assert len(pdf.pages) == 1
