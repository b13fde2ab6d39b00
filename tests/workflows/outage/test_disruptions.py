"""People hit by a closure: told of it, never reminded to come, and on a list until dealt with."""

from datetime import datetime

import pytest
from support.people import SECRETARIAT, TARO
from support.secretariat import book

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.notifications.kinds import MailKind, MailState
from madoguchi.notifications.models import Mail
from madoguchi.offices.rules import Span
from madoguchi.offices.services import close_office, set_day_hours
from madoguchi.reservations.disruption_lists import disrupted_visits
from madoguchi.reservations.disruptions import keep_visit
from madoguchi.reservations.selectors import reminder_calls, reminder_calls_left
from madoguchi.workflows.capacity.slots import change_offering, preview_offering
from madoguchi.workflows.messages import mail
from madoguchi.workflows.outage.disruptions import mail_affected

pytestmark = pytest.mark.usefixtures("city")


def at(hour, minute=0, day=15):
    return datetime(2026, 12, day, hour, minute, tzinfo=JST)


def closing(first, last):
    return lambda: close_office(
        office="HM01", starts_at=at(first), ends_at=at(last), reason="TYPHOON", note="", actor=SECRETARIAT
    )


def change(what):
    return change_offering(change=what, places=["HM01"], title="台風", actor=SECRETARIAT).disruption


def close(first=9, last=12):
    """Close the office on the morning of the visit and return the list of people hit, if any."""
    return change(closing(first, last))


def hours(begin, seats):
    """Serve from this minute of the day on, with so many seats."""
    return lambda: set_day_hours(
        office="HM01", day=at(0).date(), spans=[Span(begin, 1020, seats)], actor=SECRETARIAT
    )


def keep(disruption):
    for row in disrupted_visits(disruption, scope=EVERYWHERE):
        keep_visit(visit_id=row.id, actor=SECRETARIAT)


def reminders():
    return list(Mail.objects.filter(kind=MailKind.REMINDER_1).values_list("state", flat=True))


def test_nobody_is_reminded_to_come_to_a_closed_office():
    book()
    close()
    with clock.travel(at(12, day=14)):
        mail.queue_due_reminders()
    assert reminders() == []


def test_a_reminder_queued_before_the_closure_is_withdrawn():
    book()
    with clock.travel(at(12, day=14)):
        mail.queue_due_reminders()
        close()
    with clock.travel(at(12, 30, day=14)):
        mail.send_due_mail()
    assert reminders() == [MailState.WITHDRAWN]


def test_a_visit_kept_as_planned_is_reminded_and_not_asked_to_move():
    book()
    hit = close()
    mail_affected(disruption_id=hit, people=1, actor=SECRETARIAT)
    keep(hit)
    with clock.travel(at(12, day=14)):
        mail.queue_due_reminders()
        mail.send_due_mail()
    assert reminders() == [MailState.QUEUED]
    assert Mail.objects.get(kind=MailKind.MOVE_REQUEST).state == MailState.WITHDRAWN


def test_callers_hit_by_a_closure_are_not_called_to_be_reminded():
    book(TARO)
    day = at(0).date()
    assert (len(reminder_calls(day=day, scope=EVERYWHERE)), reminder_calls_left(day=day)) == (1, 1)
    hit = close()
    assert (reminder_calls(day=day, scope=EVERYWHERE), reminder_calls_left(day=day)) == ([], 0)
    keep(hit)
    assert (len(reminder_calls(day=day, scope=EVERYWHERE)), reminder_calls_left(day=day)) == (1, 1)


def test_a_visit_kept_as_planned_is_affected_by_the_next_closure_again():
    made = book()
    keep(close())
    assert [row.id for row in preview_offering(change=closing(9, 17), places=["HM01"]).affected] == [made.id]
    again = close(9, 17)
    assert [row.visit.id for row in disrupted_visits(again, scope=EVERYWHERE)] == [made.id]


def test_a_visit_kept_as_planned_is_affected_when_the_remaining_seats_go():
    change(hours(540, 2))
    made = [book(), book(TARO)]
    keep(change(hours(540, 1)))
    again = change(hours(840, 1))
    assert {row.visit.id for row in disrupted_visits(again, scope=EVERYWHERE)} == {row.id for row in made}


def test_a_change_of_other_hours_brings_back_nobody_who_is_on_a_list_or_served_all_the_same():
    book()
    hit = close()
    assert close(9, 17) is None
    keep(hit)
    assert close(13, 17) is None
