"""The citizen site, on a phone, a narrow phone and a desk."""

from datetime import timedelta

from django.db.models import F
from playwright.sync_api import Page, expect
from screens import EVENING, Journey, Shot

from madoguchi.reservations.models import Seat


def walk(page: Page, shot: Shot) -> None:
    """Book, look up, change and cancel; wait for a seat; then the pages that explain."""
    _ask_the_guide(page, shot)
    _choose(page, shot)
    _enter(page, shot)
    _look_up(page, shot)
    _wait(page, shot)
    _find_all_full(page, shot)
    _explain(page, shot)


def _ask_the_guide(page: Page, shot: Shot) -> None:
    page.goto("/")
    shot("top")
    said = "/wizard/?person=self&home=yes&stay=no&moved=no"
    page.goto("/wizard/")
    shot("guide-first-question")
    page.goto(f"{said}&asked=certificate")
    shot("guide-question-with-error")
    page.goto(f"{said}&certificate=over&same_day=no&pins=unknown")
    shot("guide-wanted")
    page.goto(f"{said}&certificate=later&pins=known")
    shot("guide-nothing-needed")


def _choose(page: Page, shot: Shot) -> None:
    page.goto("/reserve/")
    _to_last_question(page)
    page.get_by_role("button", name="次へ進む").click()
    shot("procedures-with-errors")
    page.goto("/reserve/")
    page.get_by_label("電子証明書の更新").check()
    page.get_by_role("button", name="次へ進む").click()
    for place, part in enumerate(("2027", "10", "3")):
        page.fill(f"#id_cert_expires_on_{place}", part)
    _to_last_question(page)
    page.get_by_label("手続きをするご本人が行きます").check()
    page.get_by_role("button", name="次へ進む").click()
    shot("too-early")
    page.goto("/reserve/")
    page.get_by_label("電子証明書の更新").check()
    page.get_by_label("暗証番号の再設定").check()
    shot("procedures")
    page.get_by_role("button", name="次へ進む").click()
    for field, parts in (("card_expires_on", ("2032", "2", "3")), ("cert_expires_on", ("2027", "2", "3"))):
        for place, part in enumerate(parts):
            page.fill(f"#id_{field}_{place}", part)
    shot("procedures-dates")
    _to_last_question(page)
    page.get_by_label("手続きをするご本人が行きます").check()
    shot("procedures-last")
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_label("郵便番号").fill("814-0006")
    page.get_by_role("button", name="探す").click()
    shot("office")
    page.goto("/reserve/office/?by=earliest")
    shot("office-by-earliest")
    page.goto("/reserve/office/?by=date")
    page.get_by_role("button", name="探す").click()
    shot("office-by-date")
    page.goto("/reserve/office/")
    page.locator(".offices a.button").first.click()
    shot("calendar")
    page.get_by_role("link", name="一覧").click()
    shot("calendar-as-list")
    page.get_by_role("link", name="カレンダー").click()
    page.locator("a.day").nth(2).click()
    page.locator(".radio-tile input").first.check()
    shot("times")
    page.get_by_role("button", name="次へ進む").click()


def _enter(page: Page, shot: Shot) -> None:
    shot("details")
    page.get_by_label("お名前").fill("福岡　花子")
    page.get_by_label("フリガナ").fill("フクオカ　ハナコ")
    page.get_by_label("お呼びする名前").fill("博多　花子")
    page.get_by_label("元号").select_option("昭和")
    page.get_by_label("年", exact=True).fill("27")
    page.get_by_label("月", exact=True).fill("2")
    page.get_by_role("button", name="住所を入れる").click()
    page.get_by_label("番地・建物名・部屋番号").fill("2丁目1番1号")
    page.get_by_label("電話番号").fill("090-0000-000")
    page.get_by_label("メールアドレス").fill("hanako@example.jp")
    page.get_by_label("数字4桁の暗証番号").check()
    page.get_by_role("button", name="確認へ進む").last.click()
    shot("details-with-errors")
    page.get_by_label("日", exact=True).fill("3")
    page.get_by_label("電話番号").fill("090-0000-0000")
    page.get_by_role("button", name="確認へ進む").last.click()
    shot("confirm")
    page.get_by_label("取扱いに同意します").check()
    page.get_by_role("button", name="この内容で予約する").click()
    shot("done")
    page.goto(page.url.split("?")[0])
    shot("full-view")
    page.goto(page.url + "slip/")
    shot("slip")


# Very long, as on the cards of some; and as short as can be.
LONG = "マリア・イザベラ・デ・ロス・サントス・フェルナンデス・ヤマモト"
FAMILY = ("福岡　花子", LONG, "林　一", "福岡　星子")


def family(page: Page, shot: Shot) -> None:
    """Book for four people, see the page of one of them, and begin to add another."""
    page.goto("/reserve/")
    page.get_by_label("4人").check()
    for number in range(1, len(FAMILY) + 1):
        page.get_by_label("電子証明書の更新").check()
        _to_last_question(page)
        page.get_by_label("手続きをするご本人が行きます").check()
        if number == len(FAMILY):
            page.get_by_label("手続きの日に15歳未満です").check()
            page.get_by_role("button", name="次へ進む").click()
            shot("ward")
            page.get_by_role("link", name="入力し直す").click()
            page.get_by_label("電子証明書の更新").check()
            _to_last_question(page)
            page.get_by_label("手続きをするご本人が行きます").check()
        shot(f"procedures-{number}")
        page.get_by_role("button", name="次へ進む").click()
    shot("office")
    page.goto("/reserve/office/?by=earliest")
    page.locator(".offices a.button").first.click()
    page.locator("a.day").nth(2).click()
    page.locator(".radio-tile input").first.check()
    shot("times")
    page.get_by_role("button", name="次へ進む").click()
    _enter_family(page, shot)
    shot("confirm")
    page.get_by_label("取扱いに同意します").check()
    page.get_by_role("button", name="この内容で予約する").click()
    shot("done")
    page.get_by_role("link", name="2人目の方の予約の確認・変更・取消し").click()
    shot("one-of-them")
    page.goto(page.url + "cancel/")
    shot("cancel")
    page.get_by_role("button", name="予約を取り消す").click()
    page.goto("/reserve/done/")
    page.get_by_role("link", name="1人目の方の予約の確認・変更・取消し").click()
    shot("one-of-three")
    page.get_by_role("button", name="もう1人追加する").click()
    shot("add-procedures")
    page.get_by_label("電子証明書の更新").check()
    _to_last_question(page)
    page.get_by_label("手続きをするご本人が行きます").check()
    page.get_by_role("button", name="次へ進む").click()
    shot("add-times")


def _enter_family(page: Page, shot: Shot) -> None:
    # The next journey finds these people booked already: there they are others.
    year = "55" if page.viewport_size and page.viewport_size["width"] > 320 else "56"  # noqa: PLR2004
    for number, name in enumerate(FAMILY, start=1):
        page.get_by_label("お名前").fill(name)
        page.get_by_label("元号").select_option("昭和")
        for label, part in (("年", year), ("月", "2"), ("日", str(number))):
            page.get_by_label(label, exact=True).fill(part)
        if number == 1:
            page.get_by_label("郵便番号").fill("814-0006")
            page.get_by_role("button", name="住所を入れる").click()
            page.get_by_label("番地・建物名・部屋番号").fill("2丁目1番1号")
            page.get_by_label("電話番号").fill("090-0000-0000")
            expect(page.locator("#id_address")).not_to_be_empty()
        else:
            shot(f"details-{number}-empty")
            page.get_by_role("button", name="1人目の方と同じにする").click()
            shot(f"details-{number}")
        page.get_by_role("button", name="確認へ進む").last.click()


def _look_up(page: Page, shot: Shot) -> None:
    reference = page.locator(".reference").inner_text()
    page.goto("/lookup/")
    page.get_by_role("button", name="確認する").click()
    shot("lookup-with-errors")
    page.locator("#id_reference").fill(reference)
    page.get_by_label("元号").select_option("昭和")
    for label, part in (("年", "27"), ("月", "2"), ("日", "3")):
        page.get_by_label(label, exact=True).fill(part)
    page.get_by_role("button", name="確認する").click()
    shot("masked-view")
    found = page.url  # each look-up has an address of its own
    page.get_by_role("button", name="確認コードを送る").click()
    shot("code")
    page.goto(f"{found}change/")
    shot("change-office")
    page.locator(".offices a.button").first.click()
    page.locator("a.day").last.click()
    page.locator(".radio-tile input").last.check()
    shot("change")
    page.get_by_role("button", name="次へ進む").click()
    shot("change-confirm")
    page.get_by_role("button", name="この日時に変更する").click()
    shot("changed")
    page.goto(f"{found}cancel/")
    shot("cancel")
    page.get_by_role("button", name="予約を取り消す").click()
    shot("cancelled")


def _wait(page: Page, shot: Shot) -> None:
    page.context.clear_cookies()
    page.goto("/reserve/")
    page.get_by_label("電子証明書の更新").check()
    _to_last_question(page)
    page.get_by_label("手続きをするご本人が行きます").check()
    page.get_by_role("button", name="次へ進む").click()
    page.goto("/reserve/wait/")
    page.get_by_role("button", name="お名前などの入力へ進む").click()
    shot("wait-with-errors")
    page.locator("input[name=offices]").first.check()
    page.get_by_role("button", name="お名前などの入力へ進む").click()
    page.get_by_label("お名前").fill("見本　待子")
    page.get_by_label("元号").select_option("昭和")
    for label, part in (("年", "30"), ("月", "5"), ("日", "6")):
        page.get_by_label(label, exact=True).fill(part)
    page.get_by_label("郵便番号").fill("814-0006")
    page.get_by_role("button", name="住所を入れる").click()
    page.get_by_label("番地・建物名・部屋番号").fill("2丁目1番1号")
    page.get_by_label("電話番号").fill("090-0000-0000")
    shot("wait-details")
    page.get_by_role("button", name="確認へ進む").last.click()
    shot("wait-confirm")
    page.get_by_label("取扱いに同意します").check()
    page.get_by_role("button", name="この内容で空きを待つ").click()
    shot("wait-offer")
    page.get_by_role("button", name="見送って、空き待ちをやめる").click()
    shot("wait-over")


def _to_last_question(page: Page) -> None:
    """Go on to the last question of the procedures; on a phone each has the page for itself."""
    while not page.locator("#question-3").is_visible():
        page.get_by_role("button", name="次へ進む").click()


def _find_all_full(page: Page, shot: Shot) -> None:
    """Look for a time while none is free anywhere; the seats are opened again afterwards."""
    years = timedelta(days=36500)
    page.goto("/reserve/")
    page.get_by_label("電子証明書の更新").check()
    page.get_by_role("button", name="次へ進む").click()
    for field, parts in (("card_expires_on", ("2032", "2", "3")), ("cert_expires_on", ("2027", "1", "15"))):
        for place, part in enumerate(parts):
            page.fill(f"#id_{field}_{place}", part)
    _to_last_question(page)
    page.get_by_label("手続きをするご本人が行きます").check()
    page.get_by_role("button", name="次へ進む").click()
    Seat.objects.update(web_from=F("web_from") + years)
    page.goto("/reserve/office/")
    shot("all-full")
    page.goto("/reserve/PO01/")
    shot("all-full-office")
    Seat.objects.update(web_from=F("web_from") - years)


def _explain(page: Page, shot: Shot) -> None:
    for name, path in (
        ("ward", "/reserve/ward/CARD_EXPIRED_OR_DUE/?ward=401374"),
        ("ward-expires-soon", "/reserve/ward/EXPIRES_SOON/?ward=401374"),
        ("wards", "/wards/?ward=401374"),
        ("offices", "/offices/"),
        ("faq", "/faq/"),
        ("how-to", "/how-to/"),
        ("privacy", "/privacy/"),
        ("accessibility", "/accessibility/"),
        ("not-found", "/no/such/page/"),
    ):
        page.goto(path)
        shot(name)
    page.context.clear_cookies()
    page.goto("/reserve/details/")
    shot("expired")


CITIZEN = [
    Journey("citizen", walk, 390, 844, at=EVENING, scale=2),
    Journey("citizen-narrow", walk, 320, 640, at=EVENING),
    Journey("citizen-desk", walk, 1280, 800, at=EVENING),
    Journey("citizen-family", family, 390, 844, at=EVENING, scale=2),
    Journey("citizen-family-narrow", family, 320, 640, at=EVENING),
]
