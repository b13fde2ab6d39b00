"""What the tests take: seconds for each folder, and a test that takes far more CPU than it used to fails.

`cpu_seconds.txt` lists tests that took a second of CPU or more; all others are counted as UNLISTED.
The time is that of the test's own process and of the programs it waited for, on a machine whose calibration
loop takes REFERENCE; a slower or busier one gives as much more (docs/how-to/keep-the-suite-quick.md).
"""

import resource
from collections import defaultdict
from pathlib import Path
from time import process_time

import pytest

LIST = Path(__file__).with_name("cpu_seconds.txt")
ALLOWED_TIMES = 3
LISTED_FROM = 1.0
# More than LISTED_FROM, so that a test near it is not held to it by chance.
UNLISTED = 2.0
REFERENCE = 0.03


def cpu_seconds():
    """Return the CPU seconds of this process, its threads and the programs it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def calibration():
    """Return how many times as long as on the machine of the list a loop takes here and now."""

    def loop():
        began = process_time()
        sum(number * number % 7 for number in range(700_000))
        return process_time() - began

    return max(1.0, min(loop() for _ in range(3)) / REFERENCE)


def key_of(nodeid):
    """Return the file and name of a test, wherever its folder lies and whatever its parameters."""
    return nodeid.partition("[")[0].rpartition("/")[2]


def listed():
    """Return the CPU seconds of the tests that are listed."""
    rows = (line.split() for line in LIST.read_text(encoding="utf-8").splitlines())
    return {key: float(seconds) for seconds, key in rows}


class Timing:
    """A plugin for pytest; `record` says to write the list, `hold` to hold tests to it."""

    def __init__(self, *, record, hold):
        self.record, self.hold = record, hold and not record
        self.listed = listed()
        self.folders, self.taken = defaultdict(float), {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        began = cpu_seconds()
        result = yield
        took = cpu_seconds() - began
        item.user_properties.append(("cpu", took))
        allowed = ALLOWED_TIMES * self.listed.get(key_of(item.nodeid), UNLISTED)
        if self.hold and took > allowed and took > allowed * (scale := calibration()):
            pytest.fail(f"{took:.1f} CPU seconds; allowed are {allowed:.1f} times {scale:.1f}", pytrace=False)
        return result

    def pytest_runtest_logreport(self, report):
        self.folders[report.nodeid.partition("::")[0].rpartition("/")[0]] += report.duration
        if report.when == "call":
            took, key = dict(report.user_properties).get("cpu", 0), key_of(report.nodeid)
            self.taken[key] = max(took, self.taken.get(key, 0))

    def pytest_terminal_summary(self, terminalreporter, config):
        if hasattr(config, "workerinput"):
            return
        terminalreporter.section("seconds of each folder")
        for folder, seconds in sorted(self.folders.items(), key=lambda each: -each[1]):
            terminalreporter.line(f"{seconds:7.1f}  {folder}")
        if self.record:
            found = sorted((listed() | self.taken).items())
            lines = [f"{took:.1f} {key}\n" for key, took in found if took >= LISTED_FROM]
            LIST.write_text("".join(lines), encoding="utf-8")
