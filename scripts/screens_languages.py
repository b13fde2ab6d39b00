"""The citizen site in English and in やさしい日本語: the same way for both, by what no language changes."""

from functools import partial

from django.conf import settings
from playwright.sync_api import Page
from screens import Journey, Shot

TYPED = {
    "id_name": "SAMPLE MARIA FELICIDAD",
    "id_birth_date_1": "1990",
    "id_birth_date_2": "4",
    "id_birth_date_3": "1",
    "id_postal_code": "814-0006",
    "id_address": "福岡市早良区百道",
    "id_address_rest": "2-1-1",
    "id_phone": "090-0000-5678",
    "id_email": "maria@example.jp",
}


def walk(language: str, page: Page, shot: Shot) -> None:
    """Book with two procedures, then look at the pages around it."""
    page.goto("/")
    page.locator(f".languages button[value={language}]").click()
    shot("top")
    # Nobody books twice.
    width = page.viewport_size["width"] if page.viewport_size else 0
    _book(
        page, shot, {**TYPED, "id_name": f"SAMPLE {language.upper()}", "id_birth_date_1": str(1600 + width)}
    )
    page.goto("/lookup/")
    page.locator("main .button-primary").click()
    shot("look-up-with-errors")
    for name in ("offices", "wards", "how-to", "faq", "privacy", "wizard"):
        page.goto(f"/{name}/")
        shot(name)


def _book(page: Page, shot: Shot, typed: dict[str, str]) -> None:
    page.goto("/reserve/")
    page.locator("main .button-primary").click()
    shot("procedures-with-errors")
    for code in ("CERT_RENEW", "PIN_RESET"):
        page.locator(f"input[value={code}]").check()
    page.locator("input[name=who][value=self]").check()
    page.locator("main .button-primary").click()
    page.goto("/reserve/office/?by=earliest")
    shot("office")
    page.locator(".office-line .button").first.click()
    page.locator("a.day").first.click()
    page.locator("input[name=slot]").first.check()
    shot("times")
    page.locator("#times .button-primary").click()
    page.locator("main .button-primary").click()
    shot("details-with-errors")
    for field, text in typed.items():
        page.fill(f"#{field}", text)
    page.select_option("#id_birth_date_0", "西暦")
    page.locator("input[name=unknown_pins]").first.check()
    page.locator("main .button-primary").click()
    shot("confirm")
    page.locator("input[name=consent]").check()
    page.locator("main .button-primary").click()
    shot("done")
    page.goto(page.url.partition("?")[0])
    shot("booking")


LANGUAGES = [
    Journey(name=f"citizen-{code}-{width}", walk=partial(walk, code), width=width, height=844)
    for code, _name in settings.LANGUAGES[1:]
    for width in (390, 320)
]
