"""The call centre's screen, on a desk."""

from playwright.sync_api import Page
from screens import Journey, Shot

CALLER = {
    "name": "福岡　花子",
    "name_kana": "フクオカ　ハナコ",
    "birth_date": "S29.4.1",
    "phone": "090-0000-0142",
}


def walk(page: Page, shot: Shot) -> None:
    """Search a caller, book in five blocks by keys, then change the booking and call those without mail."""
    page.goto("/staff/")
    page.locator("form[action='/staff/demo/'] button", has_text="コールセンター").first.click()
    page.wait_for_url("**/operator/")
    shot("desk")
    page.locator("#q").fill("カシイ")
    _press(page, "Enter")
    shot("callers")
    _press(page, "F4")
    _book(page, shot)
    _change(page, shot)
    page.goto("/operator/calls/")
    shot("calls")
    with page.expect_navigation():
        page.locator(".call-list .row-link").first.click()
    shot("calls-number")
    _wait(page, shot)


def _press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def _book(page: Page, shot: Shot) -> None:
    page.get_by_label("電子証明書の更新").check()
    page.get_by_label("電子証明書の有効期限").fill("R9.2.3")
    _press(page, "Enter")
    page.locator("#id_near").fill("815-0083")
    _press(page, "Enter")
    shot("grid")
    _press(page, "d")
    shot("times")
    _press(page, "Enter")
    _press(page, "Enter")
    shot("person-with-errors")
    for field, text in CALLER.items():
        page.locator(f"#id_{field}").fill(text)
    page.locator("#id_address").fill("福岡市南区高宮1丁目1番1号")
    _press(page, "Enter")
    shot("read-back")
    for box in page.locator(".read-back input").all():
        box.check()
    _press(page, "Enter")
    shot("reference")


def _wait(page: Page, shot: Shot) -> None:
    _press(page, "F4")
    # The call does not end before the reference was read twice.
    page.keyboard.press("1")
    page.keyboard.press("2")
    _press(page, "Enter")
    page.get_by_label("電子証明書の更新").check()
    page.get_by_label("電子証明書の有効期限").fill("R9.2.3")
    _press(page, "Enter")
    page.get_by_text("合う日時がないとき").click()
    shot("wait-wish")
    with page.expect_navigation():
        page.get_by_role("button", name="空きを待つ方の入力へ").click()
    for field, text in (CALLER | {"name": "博多　次郎", "name_kana": "ハカタ　ジロウ"}).items():
        page.locator(f"#id_{field}").fill(text)
    page.locator("#id_postal_code").fill("815-0083")
    page.locator("#id_address").fill("福岡市南区高宮1丁目1番1号")
    shot("wait-person")
    with page.expect_navigation():
        page.get_by_role("button", name="空き待ちに入れる").click()
    shot("waiting")
    with page.expect_navigation():
        page.locator(".call-list .row-link").first.click()
    shot("waiting-number")


def _change(page: Page, shot: Shot) -> None:
    page.locator("h1").click()
    _press(page, "o")
    # The operator who booked is still on the line with the caller; others begin with the check.
    shot("known")
    page.get_by_role("link", name="内容を訂正").click()
    page.locator("#id_phone").fill("12")
    page.get_by_role("button", name="訂正する").click()
    shot("correct-with-errors")
    page.get_by_role("link", name="やめる").click()
    page.get_by_role("link", name="日時・郵便局を変更").click()
    with page.expect_navigation():
        page.locator(".grid-cell").nth(3).click()
    shot("move")
    page.locator("#q").fill("0640")
    _press(page, "Enter")
    _press(page, "Enter")
    shot("check")
    page.locator("#id_name").fill("カシイ　ヒロシ")
    page.locator("#id_birth_date").fill("S30.1.1")
    page.locator("#id_phone").fill("090-0000-0640")
    _press(page, "Enter")
    shot("no-match")


OPERATOR = [Journey("operator", walk, width=1440, height=900)]
