"""What all tests share. The database comes from scripts/with_postgres.sh."""

import os
from datetime import datetime

import pytest
import time_machine
from city import NOON, copy_city, paste_city
from django.conf import settings
from django.db import connection

from madoguchi.audit import keys
from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.catalogues import compile_stale
from madoguchi.common.memo import clear_caches
from madoguchi.contract.services import decide_rule


def pytest_configure():
    """Have the translations at hand, as every set-up has."""
    compile_stale(settings.LOCALE_PATHS)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let the harness empty the tables between tests; one test switches the guard on again."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_auditentry DISABLE TRIGGER audit_entries_stay_whole;"
            "ALTER TABLE audit_auditseal DISABLE TRIGGER audit_seals_stay_whole;"
            "ALTER TABLE audit_auditsealedentry DISABLE TRIGGER audit_sealed_entries_stay_whole"
        )


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


@pytest.fixture(scope="session")
def copied_city(django_db_setup, django_db_blocker):
    """The rows of 星見市, built once."""
    with django_db_blocker.unblock(), clock.travel(NOON):
        return copy_city()


@pytest.fixture(scope="session", autouse=True)
def _some_other_day():
    """Run on the day TEST_DAY, so that nothing depends on the day it is (make test says which)."""
    if "TEST_DAY" not in os.environ:
        yield
        return
    with time_machine.travel(datetime.fromisoformat(os.environ["TEST_DAY"]), tick=True):
        yield


@pytest.fixture(autouse=True)
def _fresh_memory():
    clear_caches()


@pytest.fixture
def now():
    """Freeze the clock on an ordinary Tuesday of the term."""
    with clock.travel(NOON):
        yield NOON


@pytest.fixture
def city(copied_city, db, now):
    """星見市 with slots and seats, in a database that forgets it afterwards."""
    paste_city(copied_city)


@pytest.fixture
def asks_sex(city, now):
    """A city that asks for 性別."""
    decide_rule(key="ask_sex", value=True, effective_from=now, note="", actor=SYSTEM)


@pytest.fixture
def lasting_city(copied_city, transactional_db, now):
    """星見市 for races and durable workflows: really committed, emptied afterwards."""
    paste_city(copied_city)
