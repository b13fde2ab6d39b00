"""The machine of the primary dies in mid-load: the standby takes over, no acknowledged booking is lost."""

import http.client
import os
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

import psycopg
import pytest
from django.db import connection
from support.city import NOON
from support.web_server import Server, free_slots

from madoguchi.accounts.partners import issue_token
from madoguchi.audit.actor import SYSTEM
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import Reservation
from madoguchi.workflows.operations import status

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city")]
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "postgres.sh"
USER, NAME = "madoguchi_owner", "madoguchi"
# So many that a quick machine has not booked them all before the line is cut.
CLIENTS, EACH = 4, 25


class Machine:
    """A PostgreSQL that can be cloned into a standby, cut off, lost and promoted."""

    def __init__(self, folder):
        self.folder = folder

    def start(self):
        socket = f"unix_socket_directories={self.folder}"
        subprocess.run([SCRIPT, "start", self.folder, "-c", "fsync=off", "-c", socket], check=True)

    def standby(self, folder):
        """Return a running standby of this one, called by the name of its folder."""
        line = f"user={USER} host={self.folder} application_name={folder.name}"
        as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [
                *as_server, "pg_basebackup", "-d", line, "-D", folder / "data", "--checkpoint=fast",
                "--write-recovery-conf",
            ],
            check=True, cwd="/",
        )  # fmt: skip
        other = Machine(folder)
        other.start()
        return other

    def ask(self, statement, database=NAME):
        address = f"user={USER} host={self.folder} dbname={database}"
        with psycopg.connect(address, autocommit=True) as line:
            done = line.execute(statement)
            return done.fetchall() if done.description else []

    def cut_off(self):
        """Let nothing more through to the standby."""
        for (sender,) in self.ask("SELECT pid FROM pg_stat_replication"):
            os.kill(sender, signal.SIGSTOP)

    def die(self):
        """Kill all its processes at once, as a machine without power."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)  # it starts no others from here on
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in (*map(int, children), postmaster):
            os.kill(process, signal.SIGKILL)


@pytest.fixture
def token(lasting_city):
    return issue_token(name="見本アプリ", actor=SYSTEM)


@pytest.fixture
def machines(token):
    """A primary with the city of the tests, and the folders of two machines to come."""
    base = Path(tempfile.mkdtemp(prefix="mf.", dir="/tmp"))
    base.chmod(0o777)
    places = [base / name for name in "abc"]
    first = Machine(places[0])
    try:
        first.start()
        first.ask(f"CREATE DATABASE {NAME}", database="postgres")
        parts = connection.settings_dict
        dump = ["pg_dump", "-h", parts["HOST"], "-U", parts["USER"], "--no-owner", parts["NAME"]]
        text = subprocess.run(dump, check=True, capture_output=True).stdout
        load = ["psql", "-X", "-q", "-1", "-o", "/dev/null", "-h", places[0], "-U", USER, NAME]
        subprocess.run(load, check=True, input=text)
        yield first, places
    finally:
        for place in places:
            subprocess.run([SCRIPT, "stop", place, "immediate"], check=False, stderr=subprocess.DEVNULL)
        rmtree(base)


@contextmanager
def ledgers_of(machine):
    """Read the ledgers of another machine than the one of the tests."""
    here = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(HOST=str(machine.folder), NAME=NAME)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(here)


class Crowd:
    """Careful clients: each posts its bookings with the same key until an answer with a reference comes."""

    def __init__(self, servers, slots, token, first):
        self.servers, self.slots, self.token, self.first = servers, slots, token, first
        self.acknowledged, self.answers = {}, set()

    def client(self, place):
        for number in range(self.first + place * EACH, self.first + (place + 1) * EACH):
            deadline = time.monotonic() + 40
            while number not in self.acknowledged:
                assert time.monotonic() < deadline
                server = self.servers[number % len(self.servers)]
                try:
                    status, answer = server.book(number, self.slots[number], self.token)
                except (OSError, http.client.HTTPException, ValueError) as error:
                    status, answer = type(error).__name__, {}
                self.answers.add(status)
                if status == 201:
                    self.acknowledged[number] = answer["reference"].replace("-", "")
                else:
                    time.sleep(0.05)

    def has(self, number, *, seconds=1):
        """Wait until so many are acknowledged, or the time is over."""
        deadline = time.monotonic() + seconds
        while len(self.acknowledged) < number and time.monotonic() < deadline:
            time.sleep(0.01)
        return len(self.acknowledged) >= number


def lose_the_primary(primary, standby, crowd):
    """Cut the line in mid-load, kill the primary a moment later, promote; tell whether bookings went on."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        done = [pool.submit(crowd.client, place) for place in range(CLIENTS)]
        assert crowd.has(CLIENTS * EACH // 4, seconds=20)
        primary.cut_off()
        time.sleep(0.1)  # what had passed the line already
        went_on = crowd.has(len(crowd.acknowledged) + CLIENTS)
        primary.die()
        standby.ask("ALTER SYSTEM SET synchronous_standby_names = ''")
        standby.ask("SELECT pg_promote(), pg_reload_conf()")
        for each in done:
            each.result()
    with ledgers_of(standby):
        assert breaches(NOON) == []
        kept = list(Reservation.objects.values_list("reference", flat=True))
    assert len(kept) == len(set(kept))
    return went_on, set(crowd.acknowledged.values()) - set(kept), set(kept)


@pytest.fixture
def servers(machines):
    """Two web servers that know all the machines, and write to the one that takes writes."""
    _, places = machines
    hosts = ",".join(map(str, places))
    both = [
        Server(f"postgresql://{USER}@/{NAME}?host={hosts}&target_session_attrs=read-write") for _ in range(2)
    ]
    with ThreadPoolExecutor() as pool:
        list(pool.map(Server.start, both))
    yield both
    for server in both:
        server.kill()


def test_a_primary_lost_in_mid_load_loses_no_acknowledged_booking(token, machines, servers):
    first, places = machines
    second = first.standby(places[1])
    first.ask("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (b)'")
    first.ask("SELECT pg_reload_conf()")
    slots = free_slots()
    with ledgers_of(first):
        deadline = time.monotonic() + 10
        while status.system_status().standbys.synchronous < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        seen = status.system_status().standbys
    assert (seen.synchronous, seen.commits_wait) == (1, True)

    crowd = Crowd(servers, slots, token, first=0)
    went_on, lost, kept = lose_the_primary(first, second, crowd)
    assert not went_on, "a commit did not wait for its standby"
    assert not lost
    assert kept == set(crowd.acknowledged.values())
    assert len(kept) == CLIENTS * EACH
    assert crowd.answers == {201, 503}

    # Control: without synchrony the same loss is found, by the same servers, which nobody has restarted.
    crowd = Crowd(servers, slots, token, first=CLIENTS * EACH)
    went_on, lost, _ = lose_the_primary(second, second.standby(places[2]), crowd)
    assert went_on
    assert lost
