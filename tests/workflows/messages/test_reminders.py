"""Reminders leave at their instant and once, never of an old time, and name the right day in their words."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.mails import DAY, MINUTE, THIRD_DAY, VISIT, book, drain_at, slot_at, states, values
from support.people import HANAKO, OPERATOR

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.clock import JST
from madoguchi.contract.services import decide_rule
from madoguchi.notifications import services
from madoguchi.notifications.errors import TextNotValid
from madoguchi.notifications.kinds import REMINDERS, MailKind, MailState
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
        (MailKind.REMINDER_1, DAY_BEFORE, VISIT),
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


TEXT = "visit_day={visit_day}\n{when}\n{office}\n{phone}"
NAMED = {
    "ja": {0: "本日、12月15日（火）", 1: "明日、12月15日（火）", 2: "12月15日（火）", 7: "12月15日（火）"},
    "ja-easy": {
        0: "今日（きょう）、12月15日（火曜日）",
        1: "明日（あした）、12月15日（火曜日）",
        2: "12月15日（火曜日）",
        7: "12月15日（火曜日）",
    },
    "en": {
        0: "today, Tuesday 15 December 2026",
        1: "tomorrow, Tuesday 15 December 2026",
        2: "on Tuesday 15 December 2026",
        7: "on Tuesday 15 December 2026",
    },
}


@pytest.mark.parametrize("language", NAMED)
@pytest.mark.parametrize("days", [0, 1, 2, 7])
def test_a_reminder_names_the_day_of_the_visit_however_many_days_ahead_it_leaves(outside, days, language):
    for kind in REMINDERS:
        for each in NAMED:
            services.put_text(kind=kind, subject="{visit_day}", body=TEXT, actor=SYSTEM, language=each)
    decide_rule(
        key="reminder_days_second", scope="HM01", value=days, effective_from=clock.now(), actor=SYSTEM
    )
    decide_rule(key="reminder_time", scope="HM01", value="08:00", effective_from=clock.now(), actor=SYSTEM)
    book(replace(HANAKO, language=language))
    mail.send_due_mail()
    due = VISIT.replace(hour=8, minute=0) - days * DAY
    with clock.travel(due - MINUTE):
        mail.queue_due_reminders()
    drain_at(due)
    assert states(MailKind.REMINDER_1) == [MailState.SENT]
    assert outside.sent[-1].subject == NAMED[language][days]
    assert values(outside.sent[-1])["visit_day"] == NAMED[language][days]


@pytest.mark.parametrize(
    ("left_at", "says"),
    [
        (DAY_BEFORE, "明日、12月15日（火）"),
        (datetime(2026, 12, 14, 23, 59, tzinfo=JST), "明日、12月15日（火）"),
        (datetime(2026, 12, 15, 0, 0, tzinfo=JST), "本日、12月15日（火）"),
        (VISIT - MINUTE, "本日、12月15日（火）"),
    ],
)
def test_a_reminder_that_an_outage_delayed_names_the_day_from_when_it_leaves(outside, left_at, says):
    book()
    mail.send_due_mail()
    with clock.travel(DAY_BEFORE - MINUTE):
        mail.queue_due_reminders()
    drain_at(left_at)
    assert values(outside.sent[-1])["visit_day"] == says


def test_of_two_reminders_due_at_one_instant_one_is_sent():
    decide_rule(key="reminder_days_second", scope="HM01", value=3, effective_from=clock.now(), actor=SYSTEM)
    book()
    with clock.travel(THIRD_DAY - MINUTE):
        mail.queue_due_reminders()
    drain_at(THIRD_DAY)
    assert states(MailKind.REMINDER_3) == [MailState.WITHDRAWN]
    assert states(MailKind.REMINDER_1) == [MailState.SENT]


def test_a_first_reminder_never_leaves_after_the_visit_has_begun():
    decide_rule(key="reminder_days_second", scope="HM01", value=0, effective_from=clock.now(), actor=SYSTEM)
    book()
    with clock.travel(THIRD_DAY - MINUTE):
        mail.queue_due_reminders()
    drain_at(VISIT + MINUTE)
    assert states(MailKind.REMINDER_3) == [MailState.WITHDRAWN]


def test_a_visit_moved_meanwhile_is_reminded_of_its_new_day(outside):
    made = book()
    mail.send_due_mail()
    with clock.travel(DAY_BEFORE - timedelta(hours=3)):
        mail.queue_due_reminders()
        changes.move(reservation_id=made.id, slot=slot_at(VISIT + DAY), actor=OPERATOR, channel="PHONE")
    with clock.travel(DAY_BEFORE + DAY - MINUTE):
        mail.queue_due_reminders()
    drain_at(DAY_BEFORE)
    assert states(MailKind.REMINDER_1) == [MailState.WITHDRAWN, MailState.QUEUED]
    drain_at(DAY_BEFORE + DAY)
    assert values(outside.sent[-1])["visit_day"] == "明日、12月16日（水）"


@pytest.mark.parametrize(
    ("subject", "says", "field"),
    [
        ("ご予約は明日です", TEXT, "subject"),
        ("Your visit is Tomorrow", TEXT, "subject"),
        ("ご予約のお知らせ", TEXT + "本日お越しください。", "body"),
        ("{when}のご予約", TEXT, "subject"),
        ("ご予約は{visit_day}です", TEXT, ""),
    ],
)
@pytest.mark.parametrize("kind", sorted(REMINDERS))
def test_no_text_of_a_reminder_fixes_the_day_that_a_rule_decides(kind, subject, says, field):
    if not field:
        services.put_text(kind=kind, subject=subject, body=says, actor=SYSTEM)
        return
    with pytest.raises(TextNotValid) as refusal:
        services.put_text(kind=kind, subject=subject, body=says, actor=SYSTEM)
    assert refusal.value.fields == {"field": field}


@pytest.mark.parametrize("days", [5, 15])
def test_a_second_reminder_before_the_first_is_queued_in_time(days):
    decide_rule(
        key="reminder_days_second", scope="HM01", value=days, effective_from=clock.now(), actor=SYSTEM
    )
    book()
    with clock.travel(THIRD_DAY - (days - 3) * DAY - MINUTE):
        mail.queue_due_reminders()
    assert states(MailKind.REMINDER_1) == [MailState.QUEUED]
