"""Take a picture of every screen and paper, or of the journeys named: make screenshots.

A throw-away training system with the demo of the pack, the clock stopped on an ordinary Tuesday, one journey
for each audience. A journey is a function that walks through its site and calls `shot` where a picture is
wanted; it stands in screens_<audience>.py and in JOURNEYS below. Pictures: var/screenshots/<audience>/.
"""

import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings_test")
# Playwright runs an event loop in this thread; the server has a thread of its own.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django  # noqa: E402 - the settings come first

django.setup()

from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402 - after the set-up
from django.core.management import call_command  # noqa: E402
from django.test.testcases import LiveServerThread  # noqa: E402
from paper_samples import main as write_papers  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from screens import Journey  # noqa: E402
from screens_citizen import CITIZEN  # noqa: E402
from screens_city import CITY  # noqa: E402
from screens_languages import LANGUAGES  # noqa: E402
from screens_office import OFFICE  # noqa: E402
from screens_operator import OPERATOR  # noqa: E402
from screens_secretariat import SECRETARIAT  # noqa: E402

from madoguchi.common import clock  # noqa: E402

JOURNEYS: list[Journey] = [*CITIZEN, *LANGUAGES, *OPERATOR, *OFFICE, *SECRETARIAT, *CITY]

FOLDER = ROOT / "var" / "screenshots"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Date fields in the order of the page's language; the browser itself knows only English.
QUIET += ["--enable-blink-features=LangAttributeAwareFormControlUI"]


def fill_database() -> None:
    """Bring the empty database to a training system with its demo."""
    for command in ("migrate", "load_pack", "extend_slots", "make_demo"):
        call_command(command, verbosity=0)


def take(page: Page, journey: Journey) -> None:
    """Walk one journey and keep its pictures, numbered in the order in which they were taken."""
    folder = FOLDER / journey.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    def shot(name: str) -> None:
        number = len(list(folder.iterdir())) + 1
        page.screenshot(path=folder / f"{number:02d}-{name}.png", full_page=journey.is_full_page)

    journey.walk(page, shot)
    print(f"{journey.name}: {len(list(folder.iterdir()))}")


def main(wanted: list[str]) -> None:
    """Take the pictures of the journeys named, or of all."""
    journeys = [each for each in JOURNEYS if not wanted or each.name in wanted]
    if not journeys:
        sys.exit(f"There are: {', '.join(each.name for each in JOURNEYS)}")
    with clock.travel(journeys[0].at):
        fill_database()
    server = LiveServerThread("localhost", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"), args=QUIET
        )
        for journey in journeys:
            context = browser.new_context(
                base_url=f"http://{server.host}:{server.port}",
                locale="ja-JP",
                timezone_id="Asia/Tokyo",
                viewport={"width": journey.width, "height": journey.height},
                device_scale_factor=journey.scale,
            )
            context.set_default_timeout(10_000)
            with clock.travel(journey.at):
                take(context.new_page(), journey)
            context.close()
        browser.close()
    server.terminate()
    if not wanted:
        write_papers(FOLDER / "papers")


if __name__ == "__main__":
    main(sys.argv[1:])
