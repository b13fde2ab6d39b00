"""The job queue survives a killed worker."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from madoguchi.workflows import tasks


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
