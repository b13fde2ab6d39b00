"""The citizen site in a browser: with and without scripts, by keyboard, narrow, in forced colours."""

import gzip
import re
from contextlib import suppress
from datetime import date, timedelta
from io import BytesIO, StringIO
from urllib.parse import urlsplit

import pikepdf
import pytest
from django.core.management import call_command
from django.urls import Resolver404, resolve
from playwright.sync_api import expect
from support.crowd import sell_out
from support.journeys import DETAILS
from support.people import OPERATOR
from support.secretariat import book

from madoguchi.audit.actor import SYSTEM
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.services import decide_rule, put_rows
from madoguchi.notifications.announcements import put_announcement
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import BookingSession, Reservation
from madoguchi.sites.citizen.guide import views as guide
from madoguchi.sites.citizen.urls import urlpatterns
from madoguchi.workflows.booking import admission, changes, sessions

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
DAY = date(2026, 12, 15)


def choose_procedures(page):
    page.goto("/reserve/")
    page.get_by_label("電子証明書の更新").check()
    page.get_by_label("手続きをするご本人が行きます").check()
    page.get_by_role("button", name="次へ進む").click()


def choose_time(page, time="10時30分"):
    page.goto("/reserve/HM01/?day=2026-12-15")
    page.get_by_label(time).check()
    page.get_by_role("button", name="次へ進む").click()


def enter_details(page):
    page.get_by_label("お名前").fill(DETAILS["name"])
    page.get_by_label("フリガナ").fill(DETAILS["name_kana"])
    page.get_by_label("元号").select_option("昭和")
    for label, part in (("年", "25"), ("月", "4"), ("日", "1")):
        page.get_by_label(label, exact=True).fill(part)
    page.get_by_label("郵便番号").fill("814-0006")
    page.get_by_label("住所").fill(DETAILS["address"])
    page.get_by_label("番地・建物名・部屋番号").fill(DETAILS["address_rest"])
    page.get_by_label("電話番号").fill(DETAILS["phone"])
    page.get_by_label("メールアドレス").fill(DETAILS["email"])
    page.get_by_role("button", name="確認へ進む").last.click()


def confirm(page):
    page.get_by_label("取扱いに同意します").check()
    page.get_by_role("button", name="この内容で予約する").click()


def expire(page, *, cert):
    """Say when the certificate ends."""
    page.goto("/reserve/")
    page.get_by_label("電子証明書の更新").check()
    page.get_by_label("手続きをするご本人が行きます").check()
    for place, part in enumerate(cert):
        page.fill(f"#id_cert_expires_on_{place}", part)
    page.get_by_role("button", name="次へ進む").click()


@pytest.fixture
def texts(lasting_city):
    """Texts of the city, each with a heading, a list and a paragraph."""
    names = ("privacy", "accessibility", "ward.CARD_EXPIRED_OR_DUE", "ward.EXPIRES_SOON", "faq.fee")
    body = "はじめの文です。\n\n■ 小見出し\n・一つめ\n・二つめ"
    put_rows(
        kind=GuidanceRow,
        rows=[
            GuidanceRow(name=name, language="ja", title=f"{name}の題", body=body, position=place)
            for place, name in enumerate(names)
        ],
    )


@pytest.fixture
def announced(lasting_city, now):
    """An announcement of each kind on top of every page."""
    for kind in ("OUTAGE", "MAINTENANCE", "INFORMATION"):
        hour = timedelta(hours=1)
        put_announcement(
            kind=kind,
            title="12月1日に12局を開設します",
            body="お待ちください。",
            shows_from=now - hour,
            shows_until=now + hour,
            actor=SYSTEM,
        )


@pytest.fixture
def seen():
    """The views whose pages were checked."""
    return set()


@pytest.fixture
def barrier_free(axe, seen):
    """Return a check of the page as it stands: no axe finding, no sideways scrolling at 320 px, one h1."""

    def check(page):
        with suppress(Resolver404):
            seen.add(resolve(urlsplit(page.url).path).func)
        page.set_viewport_size(NARROW)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], page.url
        page.set_viewport_size(PHONE)
        axe(page)
        assert page.locator("h1").count() == 1, page.url

    return check


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


@pytest.mark.usefixtures("texts")
def test_no_page_of_the_way_has_a_barrier(page, barrier_free, seen):
    page.set_viewport_size(PHONE)
    for path in (
        "/",
        "/wizard/",
        "/wizard/?same_day=no&asked=person",
        "/wizard/?same_day=no&person=self&home=yes&stay=no&moved=no&certificate=over&pins=unknown",
        "/faq/",
        "/offices/",
        "/wards/?ward=992021",
        "/how-to/",
        "/privacy/",
        "/accessibility/",
        "/lookup/",
        "/embed/times/",
        "/embed/times/?office=HM01",
        "/none/",
        "/reserve/ward/CARD_EXPIRED_OR_DUE/?ward=992021",
        "/reserve/ward/EXPIRES_SOON/",
        "/reserve/ward/NOT_RESIDENT/",
        "/reserve/details/",
    ):
        page.goto(path)
        barrier_free(page)
    page.goto("/reserve/")
    page.get_by_role("button", name="次へ進む").click()
    barrier_free(page)
    expire(page, cert=("2027", "4", "30"))
    barrier_free(page)
    choose_procedures(page)
    barrier_free(page)
    for path in (
        "/reserve/office/?by=ward&ward=992021",
        "/reserve/office/?by=date&day=2026-12-15",
        "/reserve/HM01/",
        "/reserve/HM01/?view=list",
        "/reserve/HM03/",
    ):
        page.goto(path)
        barrier_free(page)
    page.goto("/reserve/HM01/?day=2026-12-15")
    barrier_free(page)
    choose_time(page)
    page.get_by_role("button", name="確認へ進む").last.click()
    barrier_free(page)
    enter_details(page)
    barrier_free(page)
    confirm(page)
    expect(page.get_by_role("heading", name="予約を受け付けました")).to_be_visible()
    barrier_free(page)
    link = page.url.split("?")[0]
    page.goto(link + "confirm/")
    barrier_free(page)
    for path in ("", "slip/", "change/?day=2026-12-16", "contact/", "cancel/"):
        page.goto(link + path)
        barrier_free(page)
    page.goto(link + "change/?day=2026-12-16")
    page.locator(".radio-tile input").last.check()
    page.get_by_role("button", name="次へ進む").click()
    barrier_free(page)
    page.get_by_role("button", name="この日時に変更する").click()
    expect(page.get_by_role("status")).to_contain_text("日時を変更しました")
    page.goto("/lookup/")
    page.locator("#id_reference").fill(Reservation.objects.get().reference)
    page.get_by_label("元号").select_option("昭和")
    for label, part in (("年", "25"), ("月", "4"), ("日", "1")):
        page.get_by_label(label, exact=True).fill(part)
    page.get_by_role("button", name="確認する").click()
    barrier_free(page)
    page.get_by_role("button", name="確認コードを送る").click()
    barrier_free(page)
    page.goto(page.url.replace("code/use/", "change/"))
    barrier_free(page)
    no_pages = {"link-calendar", "reserve-extend", "booking-code", "wait-accept", "wait-leave"}
    no_pages |= {"reserve-leave-out", "reserve-work", "link-add"}
    # In tests of their own.
    elsewhere = {"reserve-wait", "reserve-wait-check", "wait-show", "reserve-done"}
    assert {each.name for each in urlpatterns if each.callback not in seen} == no_pages | elsewhere


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


def test_no_page_for_what_went_wrong_has_a_barrier(page, barrier_free, monkeypatch):
    monkeypatch.setattr(sessions, "HOLDS_PER_SOURCE", 0)
    choose_procedures(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("お試しください")
    barrier_free(page)
    monkeypatch.setattr(guide, "page", lambda *_: 1 / 0)
    assert page.goto("/faq/").status == 500
    barrier_free(page)
    printed = StringIO()
    call_command("write_maintenance_page", stdout=printed)
    page.route(
        "**/maintenance", lambda route: route.fulfill(body=printed.getvalue(), content_type="text/html")
    )
    page.goto("/maintenance")
    barrier_free(page)


@pytest.mark.usefixtures("announced")
def test_announcements_are_no_barrier(page, barrier_free):
    page.goto("/")
    expect(page.get_by_text("12月1日に12局を開設します")).to_have_count(3)
    barrier_free(page)
    page.goto("/reserve/")
    barrier_free(page)


def test_a_family_of_three_books_one_cancels_and_no_page_of_theirs_has_a_barrier(page, barrier_free):
    names = (DETAILS["name"], "マリア・イザベラ・デ・ロス・サントス・フェルナンデス・ヤマモト", "林　一")
    page.goto("/reserve/")
    page.get_by_label("3人").check()
    for number in (1, 2, 3):
        page.get_by_label("電子証明書の更新").check()
        page.get_by_label("手続きをするご本人が行きます").check()
        if number == 2:
            barrier_free(page)
        page.get_by_role("button", name="次へ進む").click()
    expect(page.get_by_role("heading", name="郵便局を選んでください")).to_be_visible()
    page.goto("/reserve/HM01/?day=2026-12-15")
    barrier_free(page)
    page.get_by_label("9時30分").check()
    page.get_by_role("button", name="次へ進む").click()
    enter_details(page)
    for number in (2, 3):
        page.get_by_label("お名前").fill(names[number - 1])
        page.get_by_label("元号").select_option("昭和")
        for label, part in (("年", "55"), ("月", "4"), ("日", str(number))):
            page.get_by_label(label, exact=True).fill(part)
        page.get_by_role("button", name="1人目の方と同じにする").click()
        expect(page.get_by_label("電話番号")).to_have_value(DETAILS["phone"])
        barrier_free(page)
        page.get_by_role("button", name="確認へ進む").last.click()
    barrier_free(page)
    confirm(page)
    expect(page.get_by_role("heading", name="3人の予約を受け付けました")).to_be_visible()
    barrier_free(page)
    page.get_by_role("link", name="2人目の方の予約の確認・変更・取消し").click()
    barrier_free(page)
    page.get_by_role("link", name="予約を取り消す").click()
    page.get_by_role("button", name="予約を取り消す").click()
    expect(page.get_by_text("取り消されています")).to_be_visible()
    assert Reservation.objects.filter(status=ReservationStatus.BOOKED).count() == 2
    page.goto("/reserve/done/")
    page.get_by_role("link", name="1人目の方の予約の確認・変更・取消し").click()
    expect(page.get_by_text("2人のうちの1人です")).to_be_visible()
    page.get_by_role("button", name="もう1人追加する").click()
    expect(page.get_by_text("いっしょに行く方を1人追加します")).to_be_visible()
    barrier_free(page)


def to_the_waiting_list(page):
    choose_procedures(page)
    page.goto("/reserve/wait/?office=HM01")
    page.get_by_label("いつから").select_option("2026-12-15")
    page.get_by_label("いつまで").select_option("2026-12-15")
    page.get_by_role("button", name="お名前などの入力へ進む").click()


def test_no_page_of_the_waiting_list_has_a_barrier(page, barrier_free):
    visits = sell_out(DAY)
    choose_procedures(page)
    page.goto("/reserve/wait/")
    barrier_free(page)
    page.get_by_role("button", name="お名前などの入力へ進む").click()
    barrier_free(page)
    to_the_waiting_list(page)
    barrier_free(page)
    enter_details(page)
    barrier_free(page)
    page.get_by_label("取扱いに同意します").check()
    page.get_by_role("button", name="この内容で空きを待つ").click()
    expect(page.get_by_role("heading", name="空きをお待ちいただいています")).to_be_visible()
    barrier_free(page)
    changes.cancel(reservation_id=visits[0].id, actor=OPERATOR, channel="PHONE")
    page.goto(page.url.partition("?")[0])
    expect(page.get_by_role("heading", name="空きが出ました")).to_be_visible()
    barrier_free(page)
    page.get_by_role("button", name="空き待ちをやめる").click()
    expect(page.get_by_role("heading", name="空き待ちは終わりました")).to_be_visible()
    barrier_free(page)


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


def test_the_whole_way_works_without_scripts(browser, live_server):
    context = browser.new_context(base_url=live_server.url, locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="予約する", exact=False).first.click()
    page.get_by_label("電子証明書の更新").check()
    page.get_by_label("手続きをするご本人が行きます").check()
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_role("link", name="星見東郵便局").click()
    page.get_by_role("link", name=re.compile("12月15日（火）.*空きあり")).click()
    page.get_by_label("10時30分").check()
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_label("郵便番号").fill("814-0006")
    page.get_by_role("button", name="住所を入れる").click()
    expect(page.get_by_label("郵便番号")).to_have_value("814-0006")
    page.get_by_role("button", name="時間を延長する").click()
    expect(page.get_by_text("午前10時10分まで確保しています")).to_be_visible()
    enter_details(page)
    confirm(page)
    expect(page.get_by_role("heading", name="予約を受け付けました")).to_be_visible()
    page.goto(page.url.split("?")[0] + "cancel/")
    page.get_by_role("button", name="予約を取り消す").click()
    assert Reservation.objects.get().status == ReservationStatus.CANCELLED
    context.close()


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
    expect(page.get_by_role("status")).to_contain_text("日時を変更しました")
    page.get_by_role("link", name="予約を取り消す").click()
    page.get_by_role("button", name="予約を取り消す").click()
    expect(page.get_by_role("link", name="あらためて予約する")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    row = Reservation.objects.get()
    assert (row.status, row.office_id) == (ReservationStatus.CANCELLED, "HM02")


def test_a_keyboard_alone_books(page, tab_to):
    page.goto("/reserve/")
    keys = page.keyboard

    keys.press("Tab")
    expect(page.get_by_role("link", name="本文へ移動する")).to_be_focused()
    keys.press("Enter")
    tab_to(page.get_by_label("電子証明書の更新"))
    keys.press("Space")
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
