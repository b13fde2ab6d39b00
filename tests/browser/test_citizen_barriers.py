"""No page of the citizen site has a barrier: axe finds nothing, and nothing scrolls sideways at 320 px.

The gate looks at each page in one language, in turn; `make accessibility` at each in all of them, and writes
what the accessibility statement says (docs/how-to/state-accessibility.md).
"""

import json
import os
import re
from contextlib import suppress
from datetime import datetime, timedelta
from io import StringIO
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import Resolver404, resolve
from playwright.sync_api import expect
from support.citizen_pages import (
    DAY,
    PHONE,
    choose_procedures,
    choose_time,
    come_in_person,
    confirm,
    enter_details,
    to_last_question,
    to_the_waiting_list,
)
from support.crowd import sell_out
from support.journeys import DETAILS
from support.people import OPERATOR

from madoguchi.audit.actor import SYSTEM
from madoguchi.common.clock import JST
from madoguchi.common.languages import MAIN
from madoguchi.contract.rows import GuidanceRow
from madoguchi.contract.services import put_rows
from madoguchi.notifications.announcements import put_announcement
from madoguchi.reservations.kinds import ReservationStatus
from madoguchi.reservations.models import Reservation
from madoguchi.sites.citizen.guide import views as guide
from madoguchi.sites.citizen.urls import urlpatterns
from madoguchi.web.languages import html_name
from madoguchi.workflows.booking import changes, sessions

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
LANGUAGES = [code for code, _name in settings.LANGUAGES]
ROOT = Path(__file__).parents[2]
# Texts in Japanese letters whose language, as a screen reader is told, is another one.
UNMARKED = r"""[...document.querySelectorAll("body *:not(script, style, [hidden])")].flatMap((element) =>
    [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE
        && /[\u3041-\u30fa\u4e00-\u9fff]/.test(node.data)
        && !element.closest("[lang]").getAttribute("lang").startsWith("ja")
    ).map((node) => node.data.trim()))"""
NARROW = {"width": 320, "height": 640}


def expire(page, *, cert):
    """Say when the certificate ends."""
    page.goto("/reserve/")
    page.get_by_label("電子証明書の更新").check()
    page.get_by_role("button", name="次へ進む").click()
    for place, part in enumerate(cert):
        page.fill(f"#id_cert_expires_on_{place}", part)
    come_in_person(page)


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


@pytest.fixture(params=["one", pytest.param("all", marks=pytest.mark.soak)])
def barrier_free(request, axe, seen, results):
    """Return a check of a page in one language, or in all; it stands as before afterwards.

    No axe finding, no sideways scrolling at 320 px, one h1, its language named, and Japanese in it marked.
    """
    turns = cycle([[each] for each in LANGUAGES] if request.param == "one" else [LANGUAGES])

    def check(page):
        name = ""
        with suppress(Resolver404):
            match = resolve(urlsplit(page.url).path)
            seen.add(match.func)
            name = match.url_name
        for language in next(turns):
            if language != MAIN:
                speak(page, language)
            look(page, language)
            tags = axe(page)
            results.note(name, language, tags)
            if language != MAIN:
                speak(page, MAIN)

    return check


def speak(page, language):
    """Choose a language, and load the page again as it was."""
    page.context.add_cookies(
        [{"name": "language", "value": language, "domain": urlsplit(page.url).hostname, "path": "/"}]
    )
    if "/embed/" in page.url:  # shown in the page of somebody else, whose address names the language
        page.goto(
            re.sub(r"[?&]lang=[a-z-]*$", "", page.url) + f"{'&' if '?' in page.url else '?'}lang={language}"
        )
    else:
        page.reload()


def look(page, language):
    """Check what axe does not."""
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], (page.url, language)
    page.set_viewport_size(PHONE)
    assert page.locator("h1").count() == 1, page.url
    if "/maintenance" in page.url:
        return
    assert page.evaluate("document.documentElement.lang") == html_name(language), page.url
    if html_name(language) != MAIN:
        assert page.evaluate(UNMARKED) == [], page.url


class Results:
    """What was looked at: pages by language, and the criteria that axe's rules belong to."""

    def __init__(self):
        self.pages, self.tags = {language: set() for language in LANGUAGES}, set()

    def note(self, page, language, tags):
        self.pages[language].add(page)
        self.tags |= tags

    def as_facts(self, browser):
        """Return the facts of the accessibility statement."""
        criteria = {tuple(tag[4:]) for tag in self.tags if re.fullmatch(r"wcag\d{3,4}", tag)}
        version = json.loads((ROOT / "node_modules/axe-core/package.json").read_text())["version"]
        return {
            "day": datetime.now(JST).date().isoformat(),  # noqa: TID251 - the day it really was
            "axe": version,
            "chromium": browser.version,
            "pages": {language: len(pages) for language, pages in self.pages.items()},
            "criteria": [
                f"{a}.{b}.{''.join(c)}"
                for a, b, *c in sorted(criteria, key=lambda each: (*each[:2], int("".join(each[2:]))))
            ],
        }


@pytest.fixture(scope="module")
def results(request, browser):
    """Collect what was looked at; written where ACCESSIBILITY_RESULTS says, when no test has failed."""
    found = Results()
    yield found
    if (path := os.environ.get("ACCESSIBILITY_RESULTS")) and not request.session.testsfailed:
        assert len(set(map(len, found.pages.values()))) == 1
        Path(path).write_text(json.dumps(found.as_facts(browser), indent=2) + "\n", encoding="utf-8")


@pytest.mark.usefixtures("texts")
def test_no_page_of_the_way_has_a_barrier(page, barrier_free, seen):
    page.set_viewport_size(PHONE)
    for path in (
        "/",
        "/wizard/",
        "/wizard/?asked=person",
        "/wizard/?person=self&home=yes&stay=no&moved=no&certificate=over&same_day=no&pins=unknown",
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
        "/reserve/expired/",
    ):
        page.goto(path)
        barrier_free(page)
    page.goto("/reserve/")
    barrier_free(page)
    to_last_question(page)
    barrier_free(page)
    page.get_by_role("button", name="次へ進む").click()
    barrier_free(page)
    expire(page, cert=("2027", "4", "30"))
    barrier_free(page)
    page.context.clear_cookies()  # with the dates that the form would show again
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
    for path in ("", "slip/", "change/?day=2026-12-16", "procedures/", "contact/", "cancel/"):
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
    page.goto(page.url.replace("code/use/", "place/"))
    barrier_free(page)
    page.goto(page.url.replace("place/", "change/"))
    barrier_free(page)
    no_pages = {"link-calendar", "reserve-extend", "booking-code", "wait-accept", "wait-leave"}
    no_pages |= {"wait-pass", "reserve-leave-out", "reserve-work", "link-add"}
    # In tests of their own.
    elsewhere = {"reserve-wait", "reserve-wait-check", "wait-show", "wait-slip", "reserve-done"}
    assert {each.name for each in urlpatterns if each.callback not in seen} == no_pages | elsewhere


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
        if number == 2:
            barrier_free(page)
        page.get_by_label("電子証明書の更新").check()
        come_in_person(page)
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
    expect(page.get_by_role("status")).to_contain_text("予約を取り消しました")
    assert Reservation.objects.filter(status=ReservationStatus.BOOKED).count() == 2
    page.goto("/reserve/done/")
    page.get_by_role("link", name="1人目の方の予約の確認・変更・取消し").click()
    expect(page.get_by_text("2人のうちの1人です")).to_be_visible()
    page.get_by_role("button", name="もう1人追加する").click()
    expect(page.get_by_text("いっしょに行く方を1人追加します")).to_be_visible()
    barrier_free(page)


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
    link = page.url.partition("?")[0]
    page.goto(f"{link}slip/")
    barrier_free(page)
    changes.cancel(reservation_id=visits[0].id, actor=OPERATOR, channel="PHONE")
    page.goto(link)
    expect(page.get_by_role("heading", name="空きが出ました")).to_be_visible()
    barrier_free(page)
    page.get_by_role("button", name="空き待ちをやめる").click()
    expect(page.get_by_role("heading", name="空き待ちは終わりました")).to_be_visible()
    barrier_free(page)
