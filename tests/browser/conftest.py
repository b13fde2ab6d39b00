"""Debian's Chromium, driven by Playwright against a live server; axe-core finds what is hard to use.

Its headless shell draws no window of its own, which took a seventh of the time of these tests.
"""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

# Playwright's own event loop runs in the test's thread; the tests use the ORM between two clicks.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# Only what is wrong leaves the browser: handing over all that is right took four times as long.
VIOLATIONS = """axe.run({resultTypes: ['violations']})
    .then(({violations, passes}) => [violations, passes.flatMap((rule) => rule.tags)])"""
# Milliseconds until a page or a word counts as missing; the first page of all takes long on a busy machine.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"), args=QUIET
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser, live_server):
    """A fresh browser profile; relative addresses lead to the live server."""
    fresh = browser.new_context(
        base_url=live_server.url,
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        viewport={"width": 1280, "height": 800},
    )
    fresh.set_default_timeout(PATIENCE)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context):
    """One tab; fails the test when the page reports an error or breaks the content security policy."""
    tab = context.new_page()
    faults = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    yield tab
    assert faults == []


@pytest.fixture
def axe():
    """Return a check that finds no barrier on the page as it stands (WCAG 2.2 AA and good practice).

    It returns the tags of the rules that the page passed: which criteria were looked at.
    """

    def check(page):
        page.evaluate(AXE.read_text(encoding="utf-8"))
        violations, tags = page.evaluate(VIOLATIONS)
        found = [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations]
        assert found == [], page.url
        return set(tags)

    return check
