from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from madoguchi.audit.actor import Actor
from madoguchi.audit.selectors import entries_about
from madoguchi.common.clock import travel
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import ForbiddenValue
from madoguchi.notifications.announcements import (
    announcement,
    announcements,
    end_announcement,
    put_announcement,
    shown_announcements,
)
from madoguchi.notifications.errors import EndsBeforeItStarts
from madoguchi.notifications.models import Announcement

pytestmark = pytest.mark.django_db
STAFF = Actor("staff", "1")
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now():
    with travel(NOW):
        yield


def make(**facts):
    values = {"kind": "INFORMATION", "title": "12月1日に12局を開設します", "body": "", "actor": STAFF}
    return put_announcement(**{**values, "shows_from": NOW - HOUR, "shows_until": NOW + HOUR, **facts})


def test_citizens_see_outages_first_and_only_while_they_are_shown():
    make()
    make(kind="OUTAGE", title="ただいま予約ができません")
    make(title="まだ", shows_from=NOW + HOUR, shows_until=NOW + 2 * HOUR)
    make(title="もう", shows_from=NOW - 2 * HOUR, shows_until=NOW)
    assert [row.title for row in shown_announcements()] == [
        "ただいま予約ができません",
        "12月1日に12局を開設します",
    ]
    assert len(announcements()) == 4


def test_a_change_is_audited_with_its_words():
    row = make()
    put_announcement(
        announcement_id=row, kind="MAINTENANCE", title="保守", body="夜間に停止します", actor=STAFF,
        shows_from=NOW, shows_until=NOW + HOUR,
    )  # fmt: skip
    changed, made = entries_about(f"announcement:{row}")
    assert (made.action, changed.action) == (
        "notifications.announcement.made",
        "notifications.announcement.changed",
    )
    assert changed.detail["body"] == "夜間に停止します"
    assert announcement(row).changed_by == "staff:1"


def test_ended_early_it_is_gone_at_once_and_ended_before_it_began_it_never_shows():
    running, coming = make(), make(shows_from=NOW + HOUR, shows_until=NOW + 2 * HOUR)
    end_announcement(announcement_id=running, actor=STAFF)
    end_announcement(announcement_id=coming, actor=STAFF)
    end_announcement(announcement_id=coming, actor=STAFF)
    assert shown_announcements() == ()
    with travel(NOW + HOUR + timedelta(minutes=1)):
        assert shown_announcements() == ()
    assert len(entries_about(f"announcement:{coming}")) == 2


def test_no_long_number_and_no_wrong_interval_gets_in():
    with pytest.raises(ForbiddenValue):
        make(body="123456789018")
    with pytest.raises(EndsBeforeItStarts):
        make(shows_until=NOW - HOUR)
    with pytest.raises(NotVisible):
        make(announcement_id=0)
    with pytest.raises(NotVisible):
        announcement(0)


def test_the_database_refuses_a_number_that_the_code_did_not_check():
    row = make()
    with pytest.raises(IntegrityError):
        Announcement.objects.filter(pk=row).update(body="1234 5678 9018")
