"""A worker that was away for a day: the alarm is up meanwhile, and everything is made up for, once."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from support.crowd import sell_out
from support.people import HANAKO, OPERATOR, somebody
from support.secretariat import book

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.seals import unsealed
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.offices.models import Slot
from madoguchi.reservations.invariants import breaches
from madoguchi.reservations.models import BookingSession, Seat
from madoguchi.reservations.waiting import wait
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.workflows import tasks
from madoguchi.workflows.booking import changes, waiting
from madoguchi.workflows.operations.status import gauges, system_status

# The worker stops at six in the morning and is back the next day. The first reminder of a visit on the 14th
# is due an hour before: nobody could queue it.
STOPPED = datetime(2026, 12, 10, 6, tzinfo=JST)
EVENING_BEFORE = datetime(2026, 12, 9, 20, 30, tzinfo=JST)
BACK = datetime(2026, 12, 11, 13, 30, tzinfo=JST)
FULL_DAY = date(2026, 12, 22)
WISH = Wish(("HM02",), FULL_DAY, FULL_DAY)
PERIODIC = ("queue_reminders", "offer_seats", "purge", "seal_audit", "extend_slots", "check_invariants")


def work():
    """Do what a worker does in its first hours."""
    for name in PERIODIC:
        getattr(tasks, name).func(timestamp=0)


def everything():
    return (
        sorted(Mail.objects.values_list("target", "kind", "state", "due_at")),
        Slot.objects.count(),
        Seat.objects.count(),
        BookingSession.objects.count(),
    )


def alarms():
    return {gauge.name for gauge in gauges(system_status()) if gauge.is_alarm}


@pytest.mark.usefixtures("city", "seal_keys_set")
def test_after_a_day_without_a_worker_all_is_made_up_for_once_and_the_alarm_was_up():
    full = sell_out(FULL_DAY, "HM02")
    made = book(HANAKO, day=14)
    first = waiting.enter(person=somebody(9901), procedures=("CERT_RENEW",), wish=WISH)
    with clock.travel(EVENING_BEFORE):
        second = waiting.enter(person=somebody(9902), procedures=("CERT_RENEW",), wish=WISH)
        changes.cancel(reservation_id=full[0].id, actor=OPERATOR, channel="PHONE")
    with clock.travel(STOPPED):
        work()
        assert wait(first.id, scope=EVERYWHERE).state == "OFFERED"
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [STOPPED])
        reach = Slot.objects.count()
        assert not Mail.objects.filter(kind=MailKind.REMINDER_3).exists()

    with clock.travel(STOPPED + timedelta(hours=3)):
        book(somebody(9903), day=22)
    with clock.travel(BACK):
        assert alarms() >= {
            "madoguchi_worker_silent_seconds",
            "madoguchi_invariants_age_seconds",
            "madoguchi_audit_unsealed_seconds",
            "madoguchi_offer_overdue_seconds",
        }
        work()
        reminded = Mail.objects.filter(kind=MailKind.REMINDER_3).values_list("target", flat=True)
        assert list(reminded) == [str(made.id)]
        assert [wait(each.id, scope=EVERYWHERE).state for each in (first, second)] == ["LAPSED", "OFFERED"]
        assert unsealed().count == 0
        assert Slot.objects.count() > reach
        assert breaches(clock.now()) == []
        made_up_for = everything()
        work()
        assert everything() == made_up_for
        # The mail process is another one, and the backup is of tonight.
        elsewhere = {"mail_oldest_seconds", "backup_age_seconds"}
        assert alarms() - {f"madoguchi_{name}" for name in elsewhere} == {"madoguchi_worker_silent_seconds"}
