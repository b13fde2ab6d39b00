"""The job queue survives a killed worker and an upgrade; every job is listed, beside its workflow."""

import ast
import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from madoguchi.workflows import tasks

PREFIX = "madoguchi.workflows.tasks."
# A job of an older release may still wait under its name: never change one, remove one only when none waits.
NAMES = {
    "back_up", "check_invariants", "clear_sessions", "erase", "extend_slots", "make_export", "purge",
    "queue_reminders", "reseal", "seal_audit", "serve_the_list", "tidy_jobs",
}  # fmt: skip
OURS = {name: task for name, task in app.tasks.items() if name.startswith("madoguchi.")}


def test_jobs_keep_their_names():
    assert set(OURS) == {PREFIX + name for name in NAMES}


def test_every_job_stands_beside_its_workflow_and_is_listed():
    assert {name for name, task in OURS.items() if not task.func.__module__.endswith(".jobs")} == set()
    assert {getattr(tasks, name) for name in tasks.__all__} == set(OURS.values())


def test_the_list_of_jobs_does_nothing_itself():
    body = ast.parse(Path(tasks.__file__).read_text(encoding="utf-8")).body
    assert {type(each) for each in body} == {ast.Expr, ast.ImportFrom, ast.Assign}


def test_a_periodic_job_does_not_wait_twice():
    periodic = {each.task for each in app.periodic_registry.periodic_tasks.values()}
    assert {task.name for task in periodic if PREFIX + str(task.queueing_lock) != task.name} == set()


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_killed_worker_waits_for_another():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) "
            "VALUES ('default', 'madoguchi.workflows.tasks.purge', 'doing')"
        )

    async def tidy():
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            async with working.open_async():
                await tasks.tidy_jobs.func(SimpleNamespace(app=working), timestamp=0)

    # A thread of its own: in this one a browser's loop may be running.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, tidy()).result()
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs")
        assert cursor.fetchall() == [("todo",)]
