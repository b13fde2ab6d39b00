"""Pause service, notify the affected people, and resume, within minutes (仕様書 4(3)ア).

A storm, a stopped national system, an accident. One durable transaction each; mail leaves only when a person
has confirmed to how many.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction

from madoguchi.audit.actor import Actor
from madoguchi.common import clock, era
from madoguchi.contract.selectors import guidance, procedures, program
from madoguchi.notifications.announcements import (
    announcement,
    end_announcement,
    put_announcement,
)
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.rules import filled
from madoguchi.offices.pauses import (
    WORDS,
    PauseRow,
    Scope,
    announce_pause,
    begin_pause,
    close_slots,
    extend_pause,
    lift_pause,
    pause,
)
from madoguchi.offices.selectors import office, offices
from madoguchi.offices.services import lock_offering
from madoguchi.reservations.disruptions import list_affected
from madoguchi.reservations.seats import fit_seats
from madoguchi.reservations.waiting import take_back_offers
from madoguchi.workflows.capacity.slots import lay_out
from madoguchi.workflows.outage.disruptions import PeopleChanged, mail_reinstated

TITLE_LENGTH: Final = 60


@dataclass(frozen=True, slots=True)
class Banner:
    """What stands on top of every citizen page while a pause lasts."""

    title: str
    body: str


def begin(
    *, scope: Scope, cause: str, is_open_ended: bool, title: str, banner: Banner | None, actor: Actor
) -> int:
    """Stop service: no more bookings at these times, a banner, and a list of the affected people.

    Returns the pause's id. Nobody is moved, cancelled or told by it. Raises PauseWithoutTime and
    AlreadyPaused, and ForbiddenValue for a banner that must not be stored; then nothing is stopped.
    """
    with transaction.atomic(durable=True):
        pause_id = begin_pause(scope=scope, cause=cause, is_open_ended=is_open_ended, actor=actor)
        if banner and banner.title and pause(pause_id).announcement is None:
            notice = put_announcement(
                kind="OUTAGE",
                title=banner.title,
                body=banner.body,
                shows_from=clock.now(),
                shows_until=scope.ends_at,
                actor=actor,
            )
            announce_pause(pause_id=pause_id, announcement=notice)
        _stop(pause_id, scope, title, actor)
        return pause_id


def extend(
    *,
    pause_id: int,
    ends_at: datetime,
    is_open_ended: bool,
    title: str,
    actor: Actor,
    seen: str | None = None,
) -> int:
    """Extend a pause and its banner, and return how many more visits are affected.

    Raises ContentChanged, NotVisible, PauseOver and PauseWithoutTime.
    """
    with transaction.atomic(durable=True):
        lock_offering()
        row = pause(pause_id)
        extend_pause(pause_id=pause_id, ends_at=ends_at, is_open_ended=is_open_ended, actor=actor, seen=seen)
        if row.announcement:
            notice = announcement(row.announcement)
            put_announcement(
                kind=notice.kind,
                title=notice.title,
                body=notice.body,
                shows_from=notice.shows_from,
                shows_until=ends_at,
                announcement_id=notice.id,
                actor=actor,
            )
        # Who came into the time that was stopped before is on the list, or was kept knowingly.
        added = replace(row.scope, starts_at=row.scope.ends_at, ends_at=ends_at)
        return _stop(pause_id, added, title, actor)


def lift(*, pause_id: int, people: int, actor: Actor, seen: str | None = None) -> int:
    """Start again: times are offered at once, the banner goes, and visits to come stand as planned.

    Returns how many those are, on all lists. Who was notified and has an address gets a mail that the visit
    stands, or neither mail where the first has not left; `people` is how many of these a person confirmed.
    Whose time has passed meanwhile, or is stopped by something else as well, stays on the list.
    Raises NotVisible, PauseOver, ContentChanged and PeopleChanged; then nothing is lifted.
    """
    with transaction.atomic(durable=True):
        lock_offering()
        row = pause(pause_id)
        lift_pause(pause_id=pause_id, actor=actor, seen=seen)
        if row.announcement:
            end_announcement(announcement_id=row.announcement, actor=actor)
        if not row.scope.procedure:
            _lay_out(row.scope)
        reinstated = mail_reinstated(actor=actor)
        to_mail = sum(each.was_notified and each.has_email for each in reinstated)
        if to_mail != people:
            raise PeopleChanged(
                f"「予定どおり」のメールを送る方は、いま{to_mail}人です。"
                "人数を確かめて、もう一度入力してください。"
            )
        return len(reinstated)


def _stop(pause_id: int, scope: Scope, title: str, actor: Actor) -> int:
    # Before the seats are taken away: whoever has locked a session locks its seats next.
    take_back_offers(scope=scope)
    if not scope.procedure:
        fit_seats(slot_ids=close_slots(scope))
    return list_affected(scope=scope, pause=pause_id, title=title, actor=actor)


def _lay_out(scope: Scope) -> None:
    lay_out(
        scope.offices or [row.code for row in offices()],
        since=clock.to_jst(scope.starts_at).date(),
        until=clock.to_jst(scope.ends_at - timedelta(microseconds=1)).date(),
    )


def end_of_term() -> datetime:
    """Return until when a pause lasts whose end nobody knows."""
    return clock.at(program().term_ends_on, clock.MIDNIGHT) + clock.DAY


def end_of_day(day: date) -> datetime:
    """Return the instant at which a day ends."""
    return clock.at(day, clock.MIDNIGHT) + clock.DAY


def banner_for(*, scope: Scope, cause: str, is_open_ended: bool) -> Banner:
    """Return the words of the city for a banner, filled in; plain ones where the city decided none."""
    rows = guidance(f"pause.{cause}") or guidance("pause.OTHER")
    where = "、".join(office(code).name for code in scope.offices) or "すべての郵便局"
    names = {row.code: row.name for row in procedures(enabled_only=False)}
    values = {
        "cause": WORDS[cause],
        "where": where,
        "what": f"「{names[scope.procedure]}」" if scope.procedure else "手続き",
        "when": format_when(scope, is_open_ended=is_open_ended),
        "phone": program().call_centre_phone,
        "phone_hours": program().call_centre_hours,
    }
    title, body = (rows[0].title, rows[0].body) if rows else ("{cause}のため、受付を止めています", "{when}")
    return Banner(filled(title, values)[:TITLE_LENGTH], filled(body, values).strip())


def format_when(scope: Scope, *, is_open_ended: bool) -> str:
    """Return from when to when something is stopped, as citizens read it."""
    since = era.citizen_datetime(scope.starts_at)
    if is_open_ended:
        return f"{since}から、再開するまで"
    last = clock.to_jst(scope.ends_at)
    if last.time() == clock.MIDNIGHT:
        first, day = clock.to_jst(scope.starts_at), last.date() - timedelta(days=1)
        if first.date() == day and first.time() == clock.MIDNIGHT:
            return era.citizen_day(day)
        if first.time() == clock.MIDNIGHT:
            since = era.citizen_day(first.date())
        return f"{since}から{era.citizen_day(day)}まで"
    return f"{since}から{era.citizen_datetime(last)}まで"


@dataclass(frozen=True, slots=True)
class Record:
    """The outcome of a pause, in numbers of affected visits."""

    affected: int
    mailed: int
    queued: int
    called: int
    moved: int
    cancelled: int
    kept: int
    left: int
    last_mail_at: datetime | None

    def minutes_to_last_mail(self, row: PauseRow) -> int | None:
        """Return the minutes from the decision to the last mail, None without any."""
        if self.last_mail_at is None:
            return None
        return max(0, round((self.last_mail_at - row.created_at).total_seconds() / 60))


def records() -> dict[int, Record]:
    """Return the outcome of every pause that affected somebody, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT list.pause_id, count(*),
                   count(*) FILTER (WHERE mail.state = 'sent'),
                   count(*) FILTER (WHERE mail.state IN ('queued', 'sending')),
                   count(*) FILTER (WHERE entry.notified_at IS NOT NULL AND mail.id IS NULL),
                   count(*) FILTER (WHERE entry.resolution = 'MOVED'),
                   count(*) FILTER (WHERE entry.resolution = 'CANCELLED'),
                   count(*) FILTER (WHERE entry.resolution = 'KEPT'),
                   count(*) FILTER (WHERE entry.resolution = ''), max(mail.sent_at)
              FROM reservations_disruption AS list
              JOIN reservations_disruptedvisit AS entry ON entry.disruption_id = list.id
              LEFT JOIN notifications_mail AS mail
                ON mail.target = entry.reservation_id::text AND mail.kind = %s AND mail.state <> 'withdrawn'
               AND mail.occasion =
                   to_char(entry.was_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00 "') || list.id
             WHERE list.pause_id IS NOT NULL GROUP BY list.pause_id
            """,
            [MailKind.MOVE_REQUEST],
        )
        return {row[0]: Record(*row[1:]) for row in cursor.fetchall()}
