"""Only common.clock reads the time: in Python, in SQL and in templates."""

import re
from pathlib import Path

import pytest

import madoguchi

ROOT = Path(madoguchi.__file__).parent
READS_TIME = re.compile(
    r"\btimezone\.now\b|\bdatetime\.(now|utcnow|today)\b|\bdate\.today\b|\btime\.(time|localtime|gmtime)\b"
    r"|\bfrom time import (?!monotonic|perf_counter)|\bauto_now|\bNow\(|\{% now\b"
    r"|(?i:(?<![.\w])now\(\)|\b(current|clock|statement|transaction|local)_?timestamp\b|\bcurrent_date\b)"
)


def lines_that_read_time(text):
    return [line.strip() for line in text.splitlines() if READS_TIME.search(line)]


@pytest.mark.parametrize(
    "line",
    [
        "timezone.now()",
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "from time import time",
        "models.DateTimeField(auto_now_add=True)",
        "models.DateTimeField(db_default=Now())",
        "WHERE held_until > now()",
        "SELECT CURRENT_TIMESTAMP",
        '{% now "Y" %}',
    ],
)
def test_a_reader_of_time_is_noticed(line):
    assert lines_that_read_time(line)


@pytest.mark.parametrize("line", ["clock.now()", "clock.today()", "time.monotonic()", "time.perf_counter()"])
def test_the_clock_and_durations_are_allowed(line):
    assert not lines_that_read_time(line)


def test_nobody_but_the_clock_reads_the_time():
    sources = [
        path
        for kind in ("*.py", "*.html", "*.txt", "*.sql")
        for path in ROOT.rglob(kind)
        if path != ROOT / "common" / "clock.py" and "vendor" not in path.parts
    ]
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sources
        if (lines := lines_that_read_time(path.read_text(encoding="utf-8")))
    }
    assert found == {}
