"""PostgreSQL takes the configuration of production, and its log holds nothing that people typed."""

import subprocess
import tempfile
from pathlib import Path
from shutil import rmtree

import psycopg
import pytest
from support.people import HANAKO

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/postgres.sh"


@pytest.fixture
def production():
    """A cluster with the configuration of deploy/, but for what it needs a network and a certificate for."""
    base = Path(tempfile.mkdtemp(prefix="ml.", dir="/tmp"))
    base.chmod(0o755)
    conf = base / "madoguchi.conf"
    conf.write_bytes((ROOT / "deploy/postgresql/madoguchi.conf").read_bytes())
    folder = base / "pg"
    subprocess.run([SCRIPT, "start", folder], check=True)
    subprocess.run([SCRIPT, "stop", folder], check=True)
    with (folder / "data/postgresql.conf").open("a") as settings:
        settings.write(f"include = '{conf}'\nssl = off\nlisten_addresses = ''\nfsync = off\n")
    subprocess.run([SCRIPT, "start", folder], check=True)
    yield folder
    subprocess.run([SCRIPT, "stop", folder, "immediate"], check=True)
    rmtree(base)


@pytest.mark.slow
def test_the_log_of_the_server_holds_nothing_that_people_typed(production):
    with psycopg.connect(f"host={production} user=madoguchi_owner dbname=postgres", autocommit=True) as line:
        line.execute("CREATE TABLE visit (name text UNIQUE CHECK (length(name) < 9))")
        line.execute("INSERT INTO visit VALUES (%s)", [HANAKO.name])
        for fault, values in (
            ("INSERT INTO visit VALUES (%s)", [HANAKO.name]),
            ("INSERT INTO visit VALUES (%s)", [HANAKO.name * 3]),
            (f"SELECT '{HANAKO.name}'::integer", None),
            ("SELECT %s::date", [HANAKO.phone]),
        ):
            with pytest.raises(psycopg.Error):
                line.execute(fault, values)
        line.execute("DO $$ BEGIN RAISE WARNING '福岡'; END $$")
        line.execute("CHECKPOINT")
    log = (production / "log").read_text(encoding="utf-8")
    assert "checkpoint starting" in log
    assert [word for word in ("福岡", "花子", "5678", "visit") if word in log] == []
