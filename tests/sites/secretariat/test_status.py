"""What can fall behind has a gauge with a limit, a rule for the alarm and a line on the status page."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from support.city import NOON
from support.journeys import text_of
from support.secretariat import book

from madoguchi.audit.services import record_check
from madoguchi.backups import services
from madoguchi.backups.kinds import RunKind
from madoguchi.common import clock
from madoguchi.config import health
from madoguchi.notifications.models import Mail
from madoguchi.sites.secretariat.admin.status import views
from madoguchi.workflows.operations.status import Jobs, Standbys, gauges, system_status

pytestmark = pytest.mark.usefixtures("city")
ROOT = Path(__file__).resolve().parents[3]
MINUTES = timedelta(minutes=1)


@pytest.fixture
def healthy(city):
    """A system in which everything ran a moment ago."""
    record_check(name="invariants", findings=[])
    services.record_run(kind=RunKind.BACKUP, backup="20261124T010000Z", began_at=NOON, size=1)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [NOON])


def alarms():
    return {gauge.name for gauge in gauges(system_status()) if gauge.is_alarm}


def row_of(staff, title):
    rows = text_of(staff.get("/secretariat/status/")).split("<tr>")
    return next((row for row in rows if f">{title}</th>" in row), "")


def seen(monkeypatch, **parts):
    """Have the status look as told."""
    found = replace(system_status(), **parts)
    # Imported above: a module that is first loaded while patched would keep what it was given.
    for place in (views, health):
        monkeypatch.setattr(place, "system_status", lambda: found)
    return found


def test_every_gauge_has_its_rule_with_the_same_limit():
    rules = (ROOT / "deploy/alarms.yml").read_text(encoding="utf-8")
    told = {name: float(limit) for name, limit in re.findall(r"expr: max\((madoguchi_\w+)\) > (\d+)", rules)}
    assert told == {gauge.name: gauge.limit for gauge in gauges(system_status())}
    files = re.findall(r"docs/[\w/.-]+\.md", rules)
    assert files
    assert all((ROOT / file).exists() for file in files)


def test_on_an_empty_system_what_never_ran_is_an_alarm():
    assert alarms() == {
        "madoguchi_invariants_broken",
        "madoguchi_invariants_age_seconds",
        "madoguchi_worker_silent_seconds",
        "madoguchi_backup_age_seconds",
    }


@pytest.mark.usefixtures("healthy")
def test_a_healthy_system_is_quiet_and_each_part_speaks_when_it_is_late(staff):
    assert alarms() == set()
    book()
    Mail.objects.update(due_at=NOON, try_at=NOON)
    with clock.travel(NOON + 11 * MINUTES):
        assert alarms() == {"madoguchi_mail_oldest_seconds", "madoguchi_worker_silent_seconds"}
    with clock.travel(NOON + 21 * MINUTES):
        assert "madoguchi_audit_unsealed_seconds" in alarms()
    with clock.travel(NOON + timedelta(hours=27)):
        assert {"madoguchi_backup_age_seconds", "madoguchi_invariants_age_seconds"} < alarms()


def test_monitoring_reads_the_gauges_and_nobody_else_does(client):
    with clock.travel(NOON + 12 * MINUTES):
        record_check(name="invariants", findings=[{"what": "x"}])
        lines = text_of(client.get("/metrics")).splitlines()
    figures = dict(line.split() for line in lines if line.startswith("madoguchi_"))
    assert figures["madoguchi_invariants_broken"] == "1"
    assert figures["madoguchi_worker_silent_seconds"] == "+Inf"
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404


@pytest.mark.usefixtures("healthy")
def test_the_command_names_what_is_beyond_its_limit_and_ends_with_an_error(capsys):
    call_command("check_alarms")
    assert capsys.readouterr().out == ""
    with clock.travel(NOON + 6 * MINUTES), pytest.raises(CommandError, match="1件"):
        call_command("check_alarms")
    assert capsys.readouterr().out.startswith("madoguchi_worker_silent_seconds 360 > 300")


@pytest.mark.parametrize(
    ("standbys", "is_alarm", "says"),
    [
        (Standbys(0, 0, False, 0), False, ""),
        (Standbys(1, 1, True, 0), False, "1台のうち 1台が同じ予約を持っています"),
        (Standbys(1, 0, True, 0), True, "予約の確定が止まっています"),
        (Standbys(1, 0, False, 0), True, "受け付けた予約を失います"),
        (Standbys(2, 1, True, 0), True, "1台足りません"),
        (Standbys(1, 1, True, 2**27), False, "反映待ち 128.0"),
    ],
    ids=["none wanted", "there", "commits wait", "alone", "one of two", "behind"],
)
def test_a_lost_standby_is_an_alarm_and_says_what_it_means(staff, monkeypatch, standbys, is_alarm, says):
    found = seen(monkeypatch, standbys=standbys)
    alarm = "madoguchi_standbys_missing" in {gauge.name for gauge in gauges(found) if gauge.is_alarm}
    assert alarm == is_alarm
    row = row_of(staff, "待機サーバー")
    assert says in row
    assert ("state-overdue" in row) == is_alarm


def test_a_missing_standby_is_an_alarm_where_one_is_wanted(settings):
    settings.STANDBYS = 1
    assert system_status().standbys == Standbys(1, 0, False, 0)
    assert "madoguchi_standbys_missing" in alarms()


def test_a_job_that_waits_is_late_by_its_age(staff, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'x', 'todo');"
            "UPDATE procrastinate_events SET at = %s;"
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
            " VALUES ('default', 'later', 'todo', %s)",
            [NOON - 16 * MINUTES, NOON + 60 * MINUTES],
        )
    assert "madoguchi_job_oldest_seconds" in alarms()
    jobs = system_status().jobs
    assert (jobs.waiting, jobs.failed) == (1, 0)
    seen(monkeypatch, jobs=replace(jobs, worker_seen_at=NOON))
    assert "16分の遅れ" in row_of(staff, "定期の処理")


def test_a_failed_job_and_an_offer_nobody_ended_are_told(staff, monkeypatch):
    assert row_of(staff, "空き待ち") == ""
    found = seen(monkeypatch, jobs=Jobs(0, timedelta(), 2, NOON), offer_overdue=20 * MINUTES)
    late = {gauge.name for gauge in gauges(found) if gauge.is_alarm}
    assert {"madoguchi_jobs_failed", "madoguchi_offer_overdue_seconds"} < late
    assert "失敗 2件" in row_of(staff, "定期の処理")
    assert "20分の遅れ" in row_of(staff, "空き待ち")


def test_a_half_translated_catalogue_is_an_alarm_and_a_line(staff, monkeypatch):
    assert row_of(staff, "画面の言葉") == ""
    found = seen(monkeypatch, untranslated={"en": 3})
    assert "madoguchi_untranslated_sentences" in {gauge.name for gauge in gauges(found) if gauge.is_alarm}
    assert "English 訳のない文 3件" in row_of(staff, "画面の言葉")
