"""Run pg_dump, pg_restore and psql on the application's database, and fingerprint its tables."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from django.db import ProgrammingError, connection, transaction
from psycopg import sql

from madoguchi.backups import files
from madoguchi.backups.errors import BackupRefusal, BackupRunning, DumpFailed, MayNotCreate, RestoreFailed
from madoguchi.backups.kinds import Part
from madoguchi.common import clock

KEYS_TABLE: Final = "sealing_personkey"
# Any number, the same in every process.
ADVISORY_LOCK: Final = 7_203_114
DUMP: Final = {
    Part.DATA: (f"--exclude-table-data={KEYS_TABLE}",),
    Part.KEYS: ("--data-only", f"--table={KEYS_TABLE}"),
}
OPTIONS: Final = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


def environment() -> dict[str, str]:
    """Return the environment in which libpq's programs reach the application's database."""
    chosen = connection.settings_dict
    names = {
        "PGDATABASE": "NAME",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGHOST": "HOST",
        "PGPORT": "PORT",
    }
    found = {variable: str(chosen[name]) for variable, name in names.items() if chosen[name]}
    given = {OPTIONS[name]: str(value) for name, value in chosen["OPTIONS"].items() if name in OPTIONS}
    return {**os.environ, **found, **given}


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the lock of the running backup. Raises BackupRunning."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
        if not cursor.fetchone()[0]:
            raise BackupRunning
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


@contextmanager
def snapshot() -> Iterator[str]:
    """Open a snapshot for this connection and give its name to pg_dump."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


@contextmanager
def dumping(part: Part, snapshot_name: str) -> Iterator[IO[bytes]]:
    """Give the stream of pg_dump. Raises DumpFailed at the end when it was incomplete."""
    command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot_name}"]
    command += DUMP[part]
    with _running(command, DumpFailed, stdout=subprocess.PIPE) as process:
        assert process.stdout  # noqa: S101 - a pipe was asked for
        yield process.stdout


def load(*, data: Path, keys: Path, identities: files.Identities, keyed: Sequence[tuple[str, str]]) -> None:
    """Load both files into the database in one transaction.

    `keyed` are the columns that point at person keys. A key that is not in the file was destroyed after the
    data was backed up: its place is kept, empty, and the person stays erased. Raises RestoreFailed, Damaged,
    WrongIdentity.
    """
    command = ["psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse", "-f", "-"]
    with _running(command, RestoreFailed, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as psql:
        assert psql.stdin  # noqa: S101 - a pipe was asked for
        _script(data, psql.stdin, identities, "--section=pre-data", "--section=data")
        _script(keys, psql.stdin, identities, "--section=data")
        psql.stdin.write("".join(_place(table, column) for table, column in keyed).encode())
        psql.stdin.flush()
        _script(data, psql.stdin, identities, "--section=post-data")
        # Else the planner takes the tables for empty, and some queries take minutes.
        psql.stdin.write(b"ANALYZE;\n")


def _place(table: str, column: str) -> str:
    """Return the statement that keeps the rows of destroyed keys."""
    place = sql.SQL(
        "INSERT INTO public.sealing_personkey (id, ring_key, created_at, destroyed_at)"
        " SELECT DISTINCT {column}, '', {now}, {now} FROM public.{table} WHERE {column} IS NOT NULL"
        " AND {column} NOT IN (SELECT id FROM public.sealing_personkey);\n"
    )
    names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
    return place.format(now=sql.Literal(clock.now()), **names).as_string()


class _Feed:
    """Feeds a program that may stop reading early; the rest is still authenticated."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self.pipe: IO[bytes] | None = pipe

    def write(self, piece: bytes) -> int:
        if self.pipe:
            try:
                self.pipe.write(piece)
            except BrokenPipeError:
                self.pipe = None
        return len(piece)

    def flush(self) -> None:
        """Do nothing: the input is flushed at its end."""


def _script(path: Path, target: IO[bytes], identities: files.Identities, *sections: str) -> None:
    """Turn sections of a file into SQL for a running psql."""
    command = ["pg_restore", "--file=-", "--no-owner", "--no-privileges", "--no-comments", *sections]
    with _running(command, RestoreFailed, stdin=subprocess.PIPE, stdout=target) as process:
        assert process.stdin  # noqa: S101 - a pipe was asked for
        files.unseal(path, _Feed(process.stdin), identities)


@contextmanager
def _running(
    command: list[str],
    failure: type[BackupRefusal],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int | IO[bytes],
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program during the block: stop it when the block fails, raise when the program fails."""
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(  # noqa: S603 - our own words
                command, env=environment(), stdin=stdin, stdout=stdout, stderr=said
            )
        except OSError as error:
            raise failure(detail=str(error)) from None
        try:
            yield process
            _close(process.stdin)
            ended = process.wait()
        except BaseException:
            ended = process.poll() or 0
            # Before its input ends: psql would take the end for the whole, and commit.
            process.kill()
            process.wait()
            if not ended:
                raise
        finally:
            _close(process.stdin)
            _close(process.stdout)
        if ended:
            said.seek(0)
            raise failure(detail=said.read()[-2000:].decode(errors="replace").strip())


def _close(pipe: IO[bytes] | None) -> None:
    """Close a pipe that the other side may have closed already."""
    if pipe:
        with suppress(BrokenPipeError):
            pipe.close()


def tables() -> dict[str, tuple[int, str]]:
    """Return for each table its row count and an order-independent fingerprint."""
    found = {}
    with connection.cursor() as cursor:
        # A row as text must look the same in every session.
        for setting in (
            "timezone = 'UTC'",
            "datestyle = 'ISO'",
            "extra_float_digits = 1",
            "bytea_output = 'hex'",
        ):
            cursor.execute(f"SET {setting}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        for (table,) in cursor.fetchall():
            cursor.execute(
                sql.SQL(
                    "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint), 0)"
                    " FROM public.{} t"
                ).format(sql.Identifier(table))
            )
            rows, mark = cursor.fetchone()
            found[table] = (rows, str(mark))
    return found


def keyed_columns() -> tuple[tuple[str, str], ...]:
    """Return the tables and columns that refer to person keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
            " WHERE c.contype = 'f' AND c.confrelid = %s::regclass ORDER BY 1, 2",
            [KEYS_TABLE],
        )
        return tuple(cursor.fetchall())


def migrations() -> tuple[str, ...]:
    """Return the applied migrations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return tuple(name for (name,) in cursor.fetchall())


def server_version() -> str:
    """Return the version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def held() -> tuple[int, int]:
    """Count the tables of the database, and its reservations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), bool_or(tablename = 'reservations_reservation') FROM pg_tables"
                       " WHERE schemaname = 'public'")  # fmt: skip
        count, ours = cursor.fetchone()
        if not ours:
            return count, 0
        cursor.execute("SELECT count(*) FROM public.reservations_reservation")
        return count, cursor.fetchone()[0]


@contextmanager
def throw_away_database() -> Iterator[None]:
    """Connect the application to a new, empty database during the block, then drop it.

    For a process that does nothing else meanwhile. Raises MayNotCreate.
    """
    real = connection.settings_dict["NAME"]
    name = sql.Identifier(f"madoguchi_drill_{os.getpid()}")
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'").format(name)
            )
        except ProgrammingError as error:
            raise MayNotCreate(detail=str(error)) from None
    try:
        _connect_to(f"madoguchi_drill_{os.getpid()}")
        yield
    finally:
        _connect_to(real)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _connect_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
