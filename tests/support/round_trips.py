"""How often the database is waited for: what libpq itself says it sends, from one answer to the next."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg.pq import Trace

# Each of these is followed by waiting: an end of statements, one sent the simple way, and an early answer.
ENDS = ("Sync", "Query", "Flush")


@contextmanager
def round_trips() -> Iterator[list[list[str]]]:
    """Fill a list with the statements of each round trip, as they were sent."""
    found: list[list[str]] = []
    connection.ensure_connection()
    line = connection.connection.pgconn
    with tempfile.TemporaryFile(mode="w+") as written:
        line.trace(written.fileno())
        line.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield found
        finally:
            line.untrace()
        written.seek(0)
        found += _trips(written.read())


def known_statements() -> dict[str, str]:
    """Return what the names of prepared statements stand for on this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, statement FROM pg_prepared_statements")
        return dict(cursor.fetchall())


# A message of the trace; a statement of several lines goes on until the next.
MESSAGE = re.compile(r"^([FB])\t\d+\t(\w+)(.*?)(?=^[FB]\t\d+\t|\Z)", re.MULTILINE | re.DOTALL)


def _trips(trace: str) -> list[list[str]]:
    names = known_statements()
    trips: list[list[str]] = [[]]
    for side, kind, rest in MESSAGE.findall(trace):
        if side != "F":
            continue
        if kind == "Query":
            trips[-1].append(rest.strip())
        elif kind == "Parse" and (unnamed := re.match(r'\s*"" "(.*)" \d+', rest, re.DOTALL)):
            names[""] = unnamed[1]
        elif kind == "Bind":
            name = re.match(r'\s*"[^"]*" "([^"]*)"', rest)[1]
            trips[-1].append(" ".join(names.get(name, f"statement {name}").split()))
        if kind in ENDS:
            trips.append([])
    return [trip for trip in trips if trip]
