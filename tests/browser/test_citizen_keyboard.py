"""The citizen site with a keyboard alone."""

import re

import pytest
from playwright.sync_api import expect
from support.citizen_pages import DAY, choose_procedures, choose_time, enter_details, to_the_waiting_list
from support.crowd import sell_out
from support.journeys import DETAILS
from support.people import OPERATOR
from support.secretariat import book

from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import BookingSession, Reservation
from madoguchi.workflows.booking import changes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]


def test_a_keyboard_alone_waits_and_takes_the_offer(page, tab_to):
    visits = sell_out(DAY)
    to_the_waiting_list(page)
    enter_details(page)
    tab_to(page.get_by_label("取扱いに同意します"))
    page.keyboard.press("Space")
    tab_to(page.get_by_role("button", name="この内容で空きを待つ"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="空きをお待ちいただいています")).to_be_visible()
    changes.cancel(reservation_id=visits[0].id, actor=OPERATOR, channel="PHONE")
    page.reload()
    tab_to(page.get_by_role("button", name="この日時で予約する"))
    page.keyboard.press("Enter")
    # The link of an offer comes by mail: what was booked by it is shown to who knows the birth date.
    tab_to(page.get_by_label("元号"))
    page.keyboard.press("ArrowDown")  # 昭和 stands first
    for label, part in (("年", "25"), ("月", "4"), ("日", "1")):
        tab_to(page.get_by_label(label, exact=True))
        page.keyboard.type(part)
    tab_to(page.get_by_role("button", name="予約を表示する"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="予約を受け付けました")).to_be_visible()


def test_a_keyboard_alone_says_what_would_do(page, tab_to):
    choose_procedures(page)
    page.goto("/reserve/wait/")
    tab_to(page.get_by_label("いつから"))
    tab_to(page.get_by_label("いつでもよい"))
    page.keyboard.press("ArrowDown")
    tab_to(page.get_by_label("星見東郵便局"))
    page.keyboard.press("Space")
    tab_to(page.get_by_role("button", name="お名前などの入力へ進む"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("お名前")).to_be_visible()


@pytest.fixture
def tab_to(page):
    """Return a way to reach something by the tabulator key alone."""

    def tab(locator):
        for _ in range(80):
            if locator.evaluate("each => each === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(locator)

    return tab


def test_a_keyboard_alone_looks_up_changes_and_cancels(page, tab_to):
    made = book()
    keys = page.keyboard
    page.goto("/lookup/")
    tab_to(page.locator("#id_reference"))
    keys.type(made.reference)
    keys.press("Tab")
    keys.press("ArrowDown")  # 昭和 stands first
    for text in ("25", "4", "1"):
        keys.press("Tab")
        keys.type(text)
    tab_to(page.get_by_role("button", name="確認する"))
    keys.press("Enter")
    tab_to(page.get_by_role("link", name="日時を変更する"))
    keys.press("Enter")
    tab_to(page.get_by_role("link", name="星見東郵便局").first)
    keys.press("Enter")
    tab_to(page.get_by_role("link", name=re.compile("12月16日（水）.*空きあり")))
    keys.press("Enter")
    tab_to(page.locator("#id_slot"))
    keys.press("ArrowDown")
    tab_to(page.get_by_role("button", name="次へ進む"))
    keys.press("Enter")
    tab_to(page.get_by_role("button", name="この日時に変更する"))
    keys.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("日時を変更しました")
    tab_to(page.get_by_role("link", name="予約を取り消す"))
    keys.press("Enter")
    tab_to(page.get_by_role("button", name="予約を取り消す"))
    keys.press("Enter")
    expect(page.get_by_role("link", name="あらためて予約する")).to_be_visible()
    assert Reservation.objects.get().status == ReservationStatus.CANCELLED


def test_a_keyboard_alone_books(page, tab_to):
    page.goto("/reserve/")
    keys = page.keyboard

    keys.press("Tab")
    expect(page.get_by_role("link", name="本文へ移動する")).to_be_focused()
    keys.press("Enter")
    tab_to(page.get_by_label("電子証明書の更新"))
    keys.press("Space")
    for _ in ("the dates of the card", "who comes"):
        tab_to(page.get_by_role("button", name="次へ進む"))
        keys.press("Enter")
    tab_to(page.get_by_label("手続きをするご本人が行きます"))
    keys.press("Space")
    tab_to(page.get_by_role("button", name="次へ進む"))
    keys.press("Enter")
    tab_to(page.get_by_role("link", name="星見東郵便局"))
    keys.press("Enter")
    tab_to(page.get_by_role("link", name=re.compile("12月15日（火）.*空きあり")))
    keys.press("Enter")
    tab_to(page.locator("#id_slot"))
    keys.press("ArrowDown")
    tab_to(page.get_by_role("button", name="次へ進む"))
    keys.press("Enter")
    tab_to(page.get_by_label("お名前"))
    keys.type(DETAILS["name"])
    keys.press("Tab")  # 入力できない字がある
    keys.press("Tab")
    keys.type(DETAILS["name_kana"])
    keys.press("Tab")  # お呼びする名前
    keys.press("Tab")
    keys.press("ArrowDown")  # 昭和 stands first
    for text in ("25", "4", "1", "8140006"):
        keys.press("Tab")
        keys.type(text)
    keys.press("Tab")  # 住所を入れる
    for text in (DETAILS["address"], DETAILS["address_rest"], DETAILS["phone"], DETAILS["email"]):
        keys.press("Tab")
        keys.type(text)
    tab_to(page.get_by_role("button", name="確認へ進む").last)
    keys.press("Enter")
    tab_to(page.get_by_label("取扱いに同意します"))
    keys.press("Space")
    tab_to(page.get_by_role("button", name="この内容で予約する"))
    keys.press("Enter")
    expect(page.get_by_role("heading", name="予約を受け付けました")).to_be_visible()


def test_the_enter_key_in_a_field_goes_on_and_does_not_extend(page):
    choose_procedures(page)
    choose_time(page)
    page.get_by_label("お名前").press("Enter")
    expect(page).to_have_title("エラー：お名前など | 星見市 マイナンバーカード手続き予約")
    assert BookingSession.objects.get().extensions == 0
