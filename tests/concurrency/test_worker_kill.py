"""SIGKILL of a worker in the middle of a job: another one does it, and nobody is written to twice."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from support.people import HANAKO
from support.secretariat import book

from madoguchi.common.clock import JST
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.workflows import tasks

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lasting_city", "real_day")]
# The job finds one reminder due: the visit of 15 December, three days ahead.
AT = datetime(2026, 12, 12, 12, tzinfo=JST)
WORKER = """
import sys
import django
django.setup()
from datetime import datetime
from django.core.management import call_command
from procrastinate.contrib.django import app
from madoguchi.common import clock
app.periodic_registry.periodic_tasks.clear()  # this one job alone
with clock.travel(datetime.fromisoformat(sys.argv[1])):
    call_command("procrastinate", "worker", "--one-shot")
"""


def start_worker():
    parts = connection.settings_dict
    url = f"postgresql://{parts['USER']}@/{parts['NAME']}?host={parts['HOST']}"
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, AT.isoformat()],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings_test", "DATABASE_URL": url},
    )


def states():
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE task_name LIKE '%queue_reminders'")
        return [row[0] for row in cursor.fetchall()]


def tidy():
    """Do what the periodic job of any living worker does, as if the dead one had been silent for long."""

    async def work():
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            async with working.open_async():
                await tasks.tidy_jobs.func(SimpleNamespace(app=working), timestamp=0)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    # A thread of its own: in this one a browser's loop may be running.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work()).result()


@pytest.mark.parametrize(("tidied", "reminders"), [(True, 1), (False, 0)], ids=["tidied", "control"])
def test_a_job_of_a_worker_killed_in_the_middle_is_done_once_by_another(tidied, reminders):
    book(HANAKO)
    tasks.queue_reminders.defer(timestamp=0)
    with transaction.atomic(), connection.cursor() as cursor:
        # The job writes into the outbox last: there it waits, and there it is killed.
        cursor.execute("LOCK TABLE notifications_mail IN SHARE MODE")
        worker = start_worker()
        deadline = time.monotonic() + 30
        waiting = 0
        while not waiting and time.monotonic() < deadline:
            time.sleep(0.1)
            # In this database: another process of the test run may have one of its own.
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
                " WHERE NOT granted AND datname = current_database()"
            )
            waiting = cursor.fetchone()[0]
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(10) == -signal.SIGKILL
        assert waiting
    assert states() == ["doing"]
    if tidied:
        tidy()
    assert start_worker().wait(60) == 0
    assert Mail.objects.filter(kind=MailKind.REMINDER_3).count() == reminders
    assert states() == (["succeeded"] if tidied else ["doing"])
