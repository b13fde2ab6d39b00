"""What all tests share. The database comes from scripts/with_postgres.sh."""

import gc
import os
import time
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from support import databases
from support.city import NOON
from support.measuring import Measuring
from support.tabs import Browser
from support.timing import Timing

from madoguchi.audit import keys
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import cache, clock
from madoguchi.common.cache import clear_caches
from madoguchi.common.catalogues import compile_stale
from madoguchi.contract.services import decide_rule

# Time on the wall says nothing on a busy machine; timing.py holds tests to their CPU time.
CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis_settings.register_profile("gate", **CALM)
hypothesis_settings.register_profile("soak", max_examples=3000, **CALM)
hypothesis_settings.load_profile("gate")


def pytest_addoption(parser):
    parser.addoption("--list-cpu", action="store_true", help="write tests/support/cpu_seconds.txt anew")


def pytest_configure(config):
    """Have the translations at hand, as every set-up has; hold tests to their time, and measure some."""
    compile_stale(settings.LOCALE_PATHS)
    config.pluginmanager.register(Measuring())
    # The soak asks a property 3,000 times in place of a hundred.
    hold = config.getoption("--hypothesis-profile") != "soak"
    config.pluginmanager.register(Timing(record=config.getoption("--list-cpu"), hold=hold))
    if not hasattr(config, "workerinput"):
        os.environ["TEST_RUN"] = str(os.getpid())  # the runners of pytest-xdist inherit it


def pytest_unconfigure(config):
    """Leave no database of this run on a server that lives on."""
    if not hasattr(config, "workerinput"):
        databases.drop_all()


def pytest_collection_finish():
    """Let the garbage collector pass over modules and tests, which stay to the end, in every later round."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items):
    """Begin with the slow ones, so that no core waits for the last of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def template_databases(django_test_environment, django_db_blocker):
    """Databases to clone from, which no test touches."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        databases.build_templates()
        # A test that commits has a database to itself: there is nothing to empty.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: None)
        yield databases


@pytest.fixture
def django_db_setup(request, template_databases):
    """Lead to the database for which the test is written, before pytest-django opens it."""
    fixtures, marker = {*request.fixturenames}, request.node.get_closest_marker("django_db")
    commits = fixtures & {"transactional_db", "live_server"} or (marker and marker.kwargs.get("transaction"))
    template = "city" if fixtures & {"city", "lasting_city"} else "empty"
    template_databases.lead_to(template, shared=not commits)


@pytest.fixture(scope="session")
def made_keys():
    """Keys that sign the seals of the audit trail; made once, because it takes a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "seal_keys", lambda: None)
        return keys.make_keys()


@pytest.fixture
def seal_keys_set(settings, made_keys):
    """A system with a key to seal with."""
    settings.AUDIT_KEYS = made_keys


@pytest.fixture(scope="session", autouse=True)
def other_day():
    """Run on the day TEST_DAY, so that nothing depends on the day it is (make test says which)."""
    if "TEST_DAY" not in os.environ:
        yield
        return
    day = datetime.fromisoformat(os.environ["TEST_DAY"])
    shift = day.timestamp() - time.time()  # noqa: TID251 - the real time
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(day, tick=True):
        # Programs that tests start find both, and travel as far (another_day/sitecustomize.py).
        patch.setenv("TEST_SHIFT", str(shift))
        patch.setenv("PYTHONPATH", str(Path(__file__).parent / "another_day"), prepend=os.pathsep)
        yield shift


@pytest.fixture
def real_day(other_day, monkeypatch):
    """Go back to the day it is: for the job queue, which compares our clock with PostgreSQL's own."""
    if not other_day:
        yield
        return
    monkeypatch.setenv("TEST_SHIFT", "0")
    with time_machine.travel(time.time() - other_day, tick=True):  # noqa: TID251 - the shifted time
        yield


@pytest.fixture(autouse=True)
def _fresh_memory(monkeypatch):
    """Begin with nothing remembered; and let a slow machine remember as long as a quick one."""
    monkeypatch.setattr(cache, "CACHE_SECONDS", 3600.0)
    clear_caches()  # makes new ones, for as long as was said above


@pytest.fixture
def now():
    """Freeze the clock on an ordinary Tuesday of the term."""
    with clock.travel(NOON):
        yield NOON


@pytest.fixture
def client():
    """A browser: before it presses a button it has the page of that button before it."""
    return Browser()


@pytest.fixture
def city(db, now):
    """星見市 with slots and seats, in a database that forgets what a test does to it."""


@pytest.fixture
def asks_sex(city, now):
    """A city that asks for 性別."""
    decide_rule(key="ask_sex", value=True, effective_from=now, note="", actor=SYSTEM)


@pytest.fixture
def lasting_city(transactional_db, now):
    """星見市 for races and durable workflows: really committed, in a database that nobody else sees."""
