"""The call screen in a browser: by keys alone, without barriers, without scripts, in a narrow window."""

from datetime import date, time
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import resolve
from playwright.sync_api import expect
from support.callcentre import PERSON, put_texts
from support.people import OPERATOR, TARO, somebody
from support.secretariat import book, member

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import User
from madoguchi.common import clock
from madoguchi.offices.pauses import Scope
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.sites.operator.urls import urlpatterns
from madoguchi.workflows.booking.waiting import enter
from madoguchi.workflows.outage import pauses

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
DESK = "/operator/"
SAID = {"#id_name": "フクオカハナコ", "#id_birth_date": "S25.4.1", "#id_phone": "09000005678"}


# Keys that are printed and not tied to what carries them, and what Enter presses.
PRINTED = """() => {
  const seen = (each) => each.checkVisibility();
  const printed = [...document.querySelectorAll('main .key')].filter(seen);
  const beside = (key) => key.closest('label, .keyed')?.querySelector('[data-key]');
  const holder = (key) => key.closest('[data-key]') ?? beside(key);
  const enters = [...document.querySelectorAll('[data-key=Enter]')].filter(seen);
  return {
    lonely: printed.filter((key) => !key.closest('.key-hints') && !holder(key)).map((key) => key.textContent),
    enter: enters.map((each) => [...each.classList].find((name) => /-(primary|danger)$/.test(name))),
  };
}"""


def sign_in(context, client, live_server):
    put_texts()
    client.force_login(member(Role.OPERATOR, "callcentre"))
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    context.add_cookies([cookie])


@pytest.fixture
def screen(page, client, live_server):
    """One tab at the call centre, signed in, as wide as the screens there."""
    sign_in(page.context, client, live_server)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(DESK)
    return page


def press(page, key):
    with page.expect_navigation():
        page.keyboard.press(key)


def follow(target):
    """Click and wait for the page it leads to."""
    with target.page.expect_navigation():
        target.click()


def fill_person(page):
    for name in ("name", "name_kana", "birth_date", "phone", "postal_code", "address"):
        page.locator(f"#id_{name}").fill(PERSON[name])


def reach(page, made):
    """Make sure who calls."""
    page.goto(f"{DESK}visits/{made.reference}/")
    for field, text in SAID.items():
        page.locator(field).fill(text)
    press(page, "Enter")
    page.locator("h1").click()
    press(page, "g")


def test_a_call_is_booked_by_keys_alone(screen):
    screen.keyboard.press("1")
    expect(screen.get_by_label("電子証明書の更新")).to_be_checked()
    press(screen, "Enter")
    expect(screen.locator(".grid-cell").first).to_be_focused()
    press(screen, ".")
    press(screen, "d")
    expect(screen.locator(".time input").first).to_be_focused()
    screen.keyboard.press("2")
    expect(screen.locator(".time input").nth(1)).to_be_checked()
    press(screen, "Enter")
    expect(screen.locator("#id_name")).to_be_focused()
    fill_person(screen)
    press(screen, "Enter")
    for key in "123456":
        screen.keyboard.press(key)
    press(screen, "Enter")
    expect(screen.locator(".reference-groups strong")).to_have_count(3)
    assert Reservation.objects.get().office_id == "HM02"
    screen.keyboard.press("Enter")
    expect(screen.locator("h1"), "not before the reference was read twice").to_have_text("登録・控え")
    for key in "12":
        screen.keyboard.press(key)
    press(screen, "Enter")
    expect(screen.locator("h1")).to_have_text("電話予約の登録")


def test_place_and_ward_have_their_key_and_the_ward_office_its_own(screen):
    for key in "qwe":
        screen.keyboard.press(key)
    expect(screen.locator("[name=conditions]:checked")).to_have_count(3)
    for key in "qwe1":
        screen.keyboard.press(key)
    press(screen, "Enter")
    screen.keyboard.press("u")
    expect(screen.locator("#id_ward")).to_be_focused()
    screen.keyboard.press("2")
    press(screen, "Enter")
    expect(screen.locator("#id_ward")).to_have_value("992038")
    expect(screen.locator(".grid tbody tr")).to_have_count(1)
    screen.keyboard.press("p")
    screen.keyboard.type("999-0002")
    press(screen, "Enter")
    expect(screen.locator("#id_near")).to_have_value("999-0002")
    press(screen, "Escape")
    screen.keyboard.press("q")
    press(screen, "Enter")
    press(screen, "g")
    expect(screen.locator("[role=status]")).to_contain_text("区役所を案内して")


def test_enter_on_a_link_or_button_is_its_own(screen):
    made = book()
    reach(screen, made)
    press(screen, "e")
    press(screen, "w")
    screen.get_by_role("link", name="やめる").focus()
    press(screen, "Enter")
    expect(screen.locator("h1")).to_have_text("予約の確認")


def test_the_times_after_the_ninth_have_keys(screen):
    screen.keyboard.press("1")
    press(screen, "Enter")
    press(screen, ".")
    press(screen, "d")
    times = screen.locator(".time input")
    assert times.count() > 9
    for key in "02":
        screen.keyboard.press(key)
    expect(times.nth(10)).to_be_checked()


def test_enter_in_the_search_searches_and_keeps_the_booking(screen):
    book(TARO)
    screen.get_by_label("電子証明書の更新").check()
    screen.keyboard.press("F2")
    screen.keyboard.type("博多")
    press(screen, "Enter")
    expect(screen.locator(".callers a")).to_be_focused()
    expect(screen.get_by_label("電子証明書の更新")).to_be_checked()
    press(screen, "Enter")
    expect(screen.locator("h1")).to_have_text("本人の確認")


def test_escape_goes_back_and_keys_do_nothing_while_typing(screen):
    screen.get_by_label("電子証明書の更新").check()
    press(screen, "Enter")
    screen.locator("#id_near").fill("")
    screen.locator("#id_near").press_sequentially("qwe")
    expect(screen.locator("#id_near")).to_have_value("qwe")
    press(screen, "Escape")
    expect(screen.locator("[aria-current=step] h2")).to_contain_text("手続き")


def test_a_caller_is_made_sure_of_moved_and_cancelled_by_keys(screen):
    made = book()
    reach(screen, made)
    press(screen, "e")
    press(screen, "w")
    expect(screen.locator(".time input").first).to_be_focused()
    press(screen, "Enter")
    expect(screen.locator("[role=status]")).to_contain_text("日時を変更しました")
    follow(screen.get_by_role("link", name="予約を開く"))
    screen.locator("h1").click()
    press(screen, "x")
    screen.keyboard.press("2")
    expect(screen.get_by_label("都合が悪くなった")).to_be_checked()
    press(screen, "Enter")
    expect(screen.locator("[role=status]")).to_contain_text("取り消しました")


def test_a_list_is_called_by_keys_alone_and_stands_still(screen):
    for number in range(26):
        hour, minute = 9 + number // 4, 30 * (number // 2 % 2)
        book(somebody(number), day=16, hour=hour, minute=minute, office=f"HM0{1 + number % 2}")
    screen.goto(f"{DESK}calls/?day=2026-12-16")
    for _row in range(20):
        screen.keyboard.press("ArrowDown")
    name = screen.evaluate("document.activeElement.textContent")
    before = screen.evaluate("scrollY")
    assert before > 0
    press(screen, "Enter")
    expect(screen.locator(".call-chosen b")).to_have_text(name)
    assert abs(screen.evaluate("scrollY") - before) < 60
    press(screen, "o")
    expect(screen.locator(".call-results")).to_contain_text(f"{name}「つながった」を取り消す")
    assert abs(screen.evaluate("scrollY") - before) < 60
    press(screen, "z")
    expect(screen.locator(".call-chosen b")).to_have_text(name)


def states(page):
    """Walk through the screen and stop at each state of it."""
    made = book(day=16)
    book(TARO, day=17, hour=9, minute=0)
    book(somebody(1, phone=TARO.phone), day=17)
    page.goto(DESK)
    yield "start"
    page.locator("#q").fill(TARO.phone)
    press(page, "Enter")
    yield "found"
    follow(page.get_by_role("button", name="次へ"))
    yield "errors in the first block"
    page.get_by_label("代理の方が行く").check()
    page.get_by_label("電子証明書の更新").check()
    follow(page.get_by_role("button", name="次へ"))
    yield "ward office"
    page.get_by_label("代理の方が行く").uncheck()
    page.get_by_label("カードに書かれた").or_(page.get_by_label("券面記載事項の変更")).check()
    page.get_by_label("暗証番号の初期化・再設定").check()
    follow(page.get_by_role("button", name="次へ"))
    yield "grid"
    follow(page.locator(".grid-cell").first)
    yield "times"
    follow(page.get_by_role("button", name="この日時を確保"))
    yield "person"
    follow(page.get_by_role("button", name="次へ"))
    yield "errors in the third block"
    fill_person(page)
    page.get_by_label("住所", exact=True).check()
    page.locator("#id_new_address").fill("星見市西区見本町9番")
    follow(page.get_by_role("button", name="次へ"))
    yield "read back, with similar people"
    follow(page.get_by_role("button", name="登録する"))
    yield "not all read"
    for box in page.locator(".read-back input").all():
        box.check()
    follow(page.get_by_role("button", name="登録する"))
    yield "warned or booked"
    page.goto(f"{DESK}visits/{made.reference}/")
    yield "check"
    follow(page.get_by_role("button", name="照合する"))
    yield "check with errors"
    for field, text in {**SAID, "#id_birth_date": "S25.4.2"}.items():
        page.locator(field).fill(text)
    follow(page.get_by_role("button", name="照合する"))
    yield "no match"
    page.locator("#id_birth_date").fill("S25.4.1")
    follow(page.get_by_role("button", name="照合する"))
    yield "match"
    follow(page.get_by_role("button", name="電話番号を表示"))
    yield "number"
    follow(page.get_by_role("button", name="ご本人が出た"))
    yield "known"
    follow(page.get_by_role("link", name="予約番号を読み上げる"))
    yield "reference"
    page.goto(f"{DESK}visits/{made.reference}/move/")
    follow(page.locator(".grid-cell").first)
    yield "move"
    page.goto(f"{DESK}visits/{made.reference}/correct/")
    yield "correct"
    page.goto(f"{DESK}visits/{made.reference}/procedures/")
    yield "procedures"
    page.goto(f"{DESK}visits/{made.reference}/booked/")
    yield "booked"
    page.goto(f"{DESK}visits/{made.reference}/cancel/")
    follow(page.get_by_role("button", name="この予約を取り消す"))
    yield "cancel with errors"
    page.goto(f"{DESK}calls/?day=2026-12-17")
    follow(page.locator(".row-link").first)
    yield "calls"
    page.goto(f"{DESK}calls/?day=2026-12-18")
    yield "no calls"
    page.goto(f"{DESK}stopped/")
    yield "nothing is stopped"
    begins = clock.at(date(2026, 12, 17), time())
    pauses.begin(
        scope=Scope(begins, begins + clock.DAY),
        cause="TYPHOON",
        is_open_ended=False,
        title="台風",
        banner=None,
        actor=OPERATOR,
    )
    page.goto(f"{DESK}stopped/")
    follow(page.locator(".row-link").first)
    yield "stopped"
    page.goto(f"{DESK}waiting/")
    yield "nobody waits"
    page.goto(f"{DESK}waiting/people/")
    yield "who waits"
    wish = Wish(("HM02",), date(2026, 12, 18), date(2026, 12, 18))
    enter(person=somebody(9), procedures=("CERT_RENEW",), wish=wish, channel="PHONE", actor=OPERATOR)
    page.goto(f"{DESK}waiting/")
    follow(page.locator(".row-link").first)
    yield "an offer"


def test_no_state_has_a_barrier_a_key_that_does_nothing_or_scrolls_sideways_in_a_narrow_window(screen, axe):
    seen = set()
    for state in states(screen):
        seen.add(resolve(urlsplit(screen.url).path).url_name)
        axe(screen)
        assert screen.locator("h1").count() == 1, state
        keys = screen.evaluate(PRINTED)
        assert keys["lonely"] == [], state
        assert keys["enter"] in ([], ["button-primary"], ["button-danger"]), state
        screen.set_viewport_size({"width": 320, "height": 640})
        assert screen.evaluate("document.documentElement.scrollWidth") <= 320, state
        screen.set_viewport_size({"width": 1440, "height": 900})
    files = {"calls-print", "visits-slip"}
    assert seen | files == {each.name for each in urlpatterns}


@pytest.mark.parametrize("width", [1280, 1366, 1440, 1920])
def test_the_way_out_is_in_the_bar_at_every_width_of_a_desk(screen, width):
    User.objects.update(organisation="予約専用コールセンター", display_name="室見 あかり")
    screen.set_viewport_size({"width": width, "height": 800})
    screen.reload()
    screen.locator(".menu > summary").click()
    assert screen.get_by_role("button", name="サインアウト").bounding_box()["x"] + 80 < width
    assert screen.evaluate("document.documentElement.scrollWidth") <= width


def test_the_times_in_the_grid_stand_on_one_line_and_the_name_first_below_the_buttons(screen):
    screen.keyboard.press("1")
    press(screen, "Enter")
    for width in (1280, 1440):
        screen.set_viewport_size({"width": width, "height": 800})
        assert {box.bounding_box()["height"] < 24 for box in screen.locator(".grid-cell b").all()} == {True}
        assert screen.locator(".callbar .topbar-name").bounding_box()["x"] < 40


def test_without_scripts_the_same_buttons_book(browser, client, live_server):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="ja-JP")
    context.set_default_timeout(5_000)
    sign_in(context, client, live_server)
    page = context.new_page()
    page.goto(DESK)
    page.get_by_label("電子証明書の更新").check()
    page.get_by_label("電子証明書の更新").press("Enter")
    follow(page.locator(".grid-cell").nth(2))
    follow(page.get_by_role("button", name="この日時を確保"))
    fill_person(page)
    page.locator("#id_name").press("Enter")
    for box in page.locator(".read-back input").all():
        box.check()
    follow(page.get_by_role("button", name="登録する"))
    expect(page.locator(".reference-groups strong")).to_have_count(3)
    assert Reservation.objects.count() == 1
    context.close()
