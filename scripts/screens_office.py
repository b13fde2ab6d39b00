"""The tablet on a post office's counter, lying and upright."""

from playwright.sync_api import Locator, Page
from screens import MORNING, Journey, Shot


def walk(page: Page, shot: Shot) -> None:
    """See today, one visitor, another day, and the choice of those who work at two offices."""
    page.goto("/staff/")
    page.locator("form[action='/staff/demo/'] button", has_text="福岡大橋郵便局").first.click()
    page.wait_for_url("**/office/**")
    shot("today")
    _open(page, page.locator(".visit a").first)
    shot("visit")
    _open(page, page.get_by_role("button", name="表示"))
    shot("visit-number")
    _open(page, page.locator(".topbar-nav a").nth(2))
    shot("another-day")
    page.locator("details.menu summary").click()
    _open(page, page.get_by_role("button", name="サインアウト"))
    page.goto("/staff/")
    _open(page, page.locator("form[action='/staff/demo/'] button[value='kyoku2']"))
    shot("choose")


def _open(page: Page, target: Locator) -> None:
    with page.expect_navigation():
        target.click()


OFFICE = [
    Journey("office-lying", walk, width=1280, height=720, at=MORNING, scale=1.5, is_full_page=False),
    Journey("office-upright", walk, width=800, height=1280, at=MORNING, scale=1.5, is_full_page=False),
]
