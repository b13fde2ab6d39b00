"""The status page tells whether there is a backup of today, where it is, and whether it can be restored."""

from datetime import timedelta
from pathlib import Path

import pytest
from procrastinate.contrib.django import app
from support.city import NOON
from support.journeys import text_of
from support.secretariat import member

from madoguchi.backups import services
from madoguchi.backups.kinds import RunKind, SecondCopy
from madoguchi.common import clock
from madoguchi.workflows import tasks
from madoguchi.workflows.operations import backup

pytestmark = pytest.mark.usefixtures("city")
STAMP = "20261124T010000Z"


@pytest.fixture
def page(client, settings):
    """Open the status page and return the row of a part."""
    settings.BACKUP_FOLDER, settings.BACKUP_RECIPIENTS = Path("/var/backups/madoguchi"), ["age1"]
    client.force_login(member())

    def row(title="バックアップ"):
        rows = text_of(client.get("/secretariat/status/")).split("<tr>")
        return next(row for row in rows if f">{title}</th>" in row)

    return row


def run(kind=RunKind.BACKUP, *, ago=timedelta(), **facts):
    """Keep a run that ended some time ago."""
    with clock.travel(NOON - ago):
        services.record_run(kind=kind, backup=STAMP, began_at=clock.now() - timedelta(seconds=95), **facts)


def test_without_a_backup_the_page_is_red(page, settings):
    assert "state-overdue" in page()
    assert "まだ一度も作成していません" in page()
    settings.BACKUP_FOLDER = None
    assert "設定がありません" in page()


def test_a_good_backup_says_when_how_big_and_where(page):
    run(size=5_000_000, second_copy=SecondCopy.REACHED, ago=timedelta(hours=6))
    assert "state-done" in page()
    assert "11/24(火) 04:00 に作成（6時間前）" in page()
    assert "4.8" in page()
    assert "第二の保存先に保存済" in page()


def test_older_than_26_hours_is_red_and_says_what_failed(page):
    run(size=1, ago=timedelta(hours=26))
    assert "state-done" in page()
    run(failure="disk_full", ago=timedelta(hours=2))
    assert "state-attention" in page()
    assert "空き容量が足りない" in page()
    with clock.travel(NOON + timedelta(minutes=1)):
        assert "state-overdue" in page()
        assert "26時間以内にありません" in page()
        assert "空き容量が足りない" in page()


def test_an_earlier_failure_is_cleared_and_a_missed_copy_is_reported(page):
    run(failure="unexpected", ago=timedelta(hours=3))
    assert "思わぬ誤り" in page()
    run(size=1, second_copy=SecondCopy.MISSED, ago=timedelta(hours=1))
    assert "思わぬ誤り" not in page()
    assert "第二の保存先に届かず" in page()


def test_the_rehearsal_is_asked_for_once_a_year(page):
    assert "まだ一度も行っていません" in page("復元の訓練")
    run(RunKind.DRILL, size=1, ago=timedelta(days=367))
    assert "1年以上行っていません" in page("復元の訓練")
    run(RunKind.DRILL, size=1, ago=timedelta(days=300))
    assert "1分35秒で復元、内容も一致" in page("復元の訓練")
    run(RunKind.DRILL, failure="differs")
    assert "一致しません" in page("復元の訓練")


def test_monitoring_reads_the_age(client):
    assert "madoguchi_backup_age_seconds +Inf\n" in client.get("/metrics").content.decode()
    run(size=1234, ago=timedelta(hours=1))
    figures = client.get("/metrics").content.decode()
    assert "madoguchi_backup_age_seconds 3600\n" in figures


def test_the_job_of_the_night_makes_the_backup_where_there_is_a_place_for_it(settings, monkeypatch):
    made = []
    monkeypatch.setattr(backup, "back_up", lambda: made.append(1))
    tasks.back_up.func(timestamp=0)
    assert made == []
    settings.BACKUP_FOLDER, settings.BACKUP_RECIPIENTS = Path("/var/backups/madoguchi"), ["age1"]
    tasks.back_up.func(timestamp=0)
    assert made == [1]
    crons = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert crons["madoguchi.workflows.tasks.back_up"] == "30 18 * * *"
