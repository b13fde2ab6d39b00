"""Where `make test` measures coverage: in the quick tests of ledgers, workflows and single pages.

Measured, Python takes two thirds more time. These tests have to cover what decides and writes; tests of all
pages, long and slow tests, and the programs that tests start run unmeasured.
"""

import os
from pathlib import Path

import pytest
from coverage import Coverage

TESTS = Path(__file__).parents[1]
MEASURED = (
    "accounts",
    "audit",
    "backups",
    "contract",
    "notifications",
    "offices",
    "rate_limits",
    "reservations",
    "retention",
    "sealing",
    "sites/citizen",
    "sites/api/test_visits.py",
    "sites/city",
    "sites/office",
    "sites/operator",
    "sites/secretariat",
    "workflows",
)
# A third of the time of the tests above, and hardly a line that no other test runs through.
LONG = (
    "sites/citizen/test_family.py",
    "sites/citizen/test_lookup.py",
    "sites/citizen/test_work.py",
    "sites/operator/test_desk.py",
    "sites/operator/test_desk_family.py",
    "sites/secretariat/test_offices.py",
)


def is_measured(item):
    """Tell whether what a test runs through counts as covered."""
    here = item.path.relative_to(TESTS)
    return (
        any(map(here.is_relative_to, MEASURED))
        and str(here) not in LONG
        and not item.get_closest_marker("slow")
    )


class Measuring:
    """A plugin for pytest that rests coverage in tests that do not count; idle without `coverage run`."""

    def __init__(self):
        self.coverage = Coverage.current()
        self.is_on = self.coverage is not None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)  # not before: the runners of pytest-xdist need it
        if self.coverage and is_measured(item) != self.is_on:
            self.is_on = not self.is_on
            self.coverage.start() if self.is_on else self.coverage.stop()
        return (yield)
