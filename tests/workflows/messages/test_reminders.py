"""Reminders leave at their instant and once, and never late or of an old time."""

from datetime import datetime, timedelta

import pytest
from support.mails import DAY, MINUTE, THIRD_DAY, VISIT, book, drain_at, slot_at, states, values
from support.people import OPERATOR

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.contract.services import decide_rule
from madoguchi.notifications.kinds import MailKind, MailState
from madoguchi.notifications.models import Mail
from madoguchi.reservations.models import Reservation
from madoguchi.workflows.booking import changes
from madoguchi.workflows.messages import mail

pytestmark = pytest.mark.usefixtures("city", "texts", "outside")
DAY_BEFORE = datetime(2026, 12, 14, 12, 30, tzinfo=JST)


@pytest.mark.parametrize(
    ("kind", "due"), [(MailKind.REMINDER_3, THIRD_DAY), (MailKind.REMINDER_1, DAY_BEFORE)]
)
def test_a_reminder_goes_out_at_its_instant_and_once(outside, kind, due):
    book()
    mail.send_due_mail()
    for instant in (due - DAY, due - timedelta(hours=1), due - timedelta(minutes=10)):
        with clock.travel(instant):
            mail.queue_due_reminders()
    assert states(kind) == [MailState.QUEUED]
    drain_at(due - MINUTE)
    assert states(kind) == [MailState.QUEUED]
    drain_at(due)
    drain_at(due + MINUTE)
    assert states(kind) == [MailState.SENT]
    assert values(outside.sent[-1])["when"] == "12月15日（火）午前10時30分"


@pytest.mark.parametrize("scope", ["", "HM01"], ids=["of the program", "of the office"])
def test_the_instants_follow_the_rules(outside, scope):
    decide_rule(key="reminder_days_first", scope=scope, value=5, effective_from=clock.now(), actor=SYSTEM)
    book()
    due = datetime(2026, 12, 10, 12, 30, tzinfo=JST)
    with clock.travel(due - MINUTE):
        mail.queue_due_reminders()
    assert Mail.objects.get(kind=MailKind.REMINDER_3).due_at == due
    drain_at(due)
    assert states(MailKind.REMINDER_3) == [MailState.SENT]


def test_a_reminder_later_than_the_program_s_is_good_until_the_second_of_its_office(outside):
    decide_rule(key="reminder_days_second", scope="HM01", value=0, effective_from=clock.now(), actor=SYSTEM)
    book()
    with clock.travel(THIRD_DAY - MINUTE):
        mail.queue_due_reminders()
    drain_at(DAY_BEFORE + MINUTE)
    assert states(MailKind.REMINDER_3) == [MailState.SENT]


def test_a_visit_booked_after_the_instant_gets_no_reminder_for_it():
    with clock.travel(datetime(2026, 12, 10, 10, tzinfo=JST)):
        book(begins=VISIT)
        mail.send_due_mail()
    moved = Reservation.objects.get()
    with clock.travel(THIRD_DAY + MINUTE):
        changes.move(
            reservation_id=moved.pk, slot=slot_at(VISIT + timedelta(hours=1)), actor=OPERATOR, channel="PHONE"
        )
        mail.queue_due_reminders()
        mail.send_due_mail()
    assert not Mail.objects.filter(kind=MailKind.REMINDER_3, state=MailState.SENT).exists()
    with clock.travel(DAY_BEFORE - MINUTE):
        mail.queue_due_reminders()
    assert states(MailKind.REMINDER_1) == [MailState.QUEUED]


def test_a_moved_visit_gets_no_old_reminder(outside):
    made = book()
    mail.send_due_mail()
    with clock.travel(THIRD_DAY - timedelta(hours=1)):
        mail.queue_due_reminders()
    # Moved behind the back of the workflow that withdraws: the drain looks for itself.
    Reservation.objects.filter(pk=made.id).update(starts_at=VISIT + DAY)
    drain_at(THIRD_DAY)
    assert states(MailKind.REMINDER_3) == [MailState.WITHDRAWN]
    assert len(outside.sent) == 1


def test_moving_away_and_back_keeps_the_reminder():
    made = book()
    mail.send_due_mail()
    with clock.travel(THIRD_DAY - timedelta(hours=2)):
        mail.queue_due_reminders()
        for begins in (VISIT + timedelta(hours=1), VISIT):
            changes.move(reservation_id=made.id, slot=slot_at(begins), actor=OPERATOR, channel="PHONE")
        assert states(MailKind.REMINDER_3) == [MailState.WITHDRAWN]
        mail.queue_due_reminders()
    drain_at(THIRD_DAY)
    assert states(MailKind.REMINDER_3) == [MailState.SENT]


@pytest.mark.parametrize(
    ("kind", "due", "last"),
    [
        (MailKind.REMINDER_3, THIRD_DAY, DAY_BEFORE),
        (MailKind.REMINDER_1, DAY_BEFORE, datetime(2026, 12, 15, tzinfo=JST)),
    ],
)
def test_after_an_outage_a_stale_reminder_is_withdrawn(kind, due, last):
    book()
    mail.send_due_mail()
    with clock.travel(due - MINUTE):
        mail.queue_due_reminders()
    drain_at(last)
    assert Mail.objects.get(kind=kind).state == MailState.WITHDRAWN


def test_after_a_short_outage_the_reminder_is_still_good():
    book()
    mail.send_due_mail()
    with clock.travel(DAY_BEFORE - MINUTE):
        mail.queue_due_reminders()
    drain_at(datetime(2026, 12, 14, 23, 59, tzinfo=JST))
    assert states(MailKind.REMINDER_1) == [MailState.SENT]


def test_the_year_ends_in_japan():
    visit = datetime(2027, 1, 4, 9, tzinfo=JST)
    with clock.travel(datetime(2026, 12, 1, 9, tzinfo=JST)):
        book(begins=visit)
    with clock.travel(datetime(2026, 12, 31, 16, tzinfo=JST)):
        mail.queue_due_reminders()
    assert Mail.objects.get(kind=MailKind.REMINDER_3).due_at == datetime(2027, 1, 1, 12, 30, tzinfo=JST)
