"""The way of a citizen in a browser, step by step."""

from datetime import date

from support.journeys import DETAILS

PHONE = {"width": 390, "height": 844}
DAY = date(2026, 12, 15)


def choose_procedures(page):
    page.goto("/reserve/")
    page.get_by_label("電子証明書の更新").check()
    come_in_person(page)


def to_last_question(page):
    """Go on to the last question of the procedures; on a phone each has the page for itself."""
    while not page.locator("#question-3").is_visible():
        page.get_by_role("button", name="次へ進む").click()


def come_in_person(page):
    """Answer the last question of the procedures, and send the form."""
    to_last_question(page)
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


def to_the_waiting_list(page):
    choose_procedures(page)
    page.goto("/reserve/wait/?office=HM01")
    page.get_by_label("いつから").select_option("2026-12-15")
    page.get_by_label("いつまで").select_option("2026-12-15")
    page.get_by_role("button", name="お名前などの入力へ進む").click()
