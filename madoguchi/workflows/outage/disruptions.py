"""Tell the people hit by a change of hours or a pause by mail; the others are called (仕様書 4(3)ア)."""

from datetime import datetime

from django.db import transaction

from madoguchi.audit.actor import Actor
from madoguchi.common.errors import Refusal
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.services import queue_mails, withdraw_mails
from madoguchi.reservations import disruptions
from madoguchi.workflows.messages.mail import occasion_of


class PeopleChanged(Refusal):
    """As many people as were confirmed are no longer those who would get the mail."""

    code = "people_changed"
    message = "送る人数が、入力した数と違います。人数を確かめて、もう一度入力してください。"


def mail_affected(*, disruption_id: int, people: int, actor: Actor) -> int:
    """Ask everyone of a list with a mail address, and not told yet, to choose another time.

    They count as told then. `people` is how many a person confirmed; raises PeopleChanged when it is
    another number, so that nobody mails hundreds by mistake. Two who press at once send one mail each.
    """
    with transaction.atomic(durable=True):
        disruptions.lock_disruption(disruption_id)
        rows = disruptions.affected_visits(disruption_id, part="mail")
        if len(rows) != people:
            raise PeopleChanged
        queue_mails(
            kind=MailKind.MOVE_REQUEST,
            news=[(str(row.reservation), occasion_of_disruption(row.was_at, disruption_id)) for row in rows],
        )
        disruptions.mark_notified(visits=[row.id for row in rows], actor=actor)
        return len(rows)


def mail_reinstated(*, actor: Actor) -> int:
    """Take off the lists whose time is served again, in the caller's transaction, and return how many.

    A mail that has not left is withdrawn. Who had the bad news is told that the visit stands: by mail, else
    the list keeps them until somebody has called.
    """
    rows = disruptions.reinstate_visits(actor=actor)
    unsent = withdraw_mails(
        kind=MailKind.MOVE_REQUEST,
        news=[(str(row.reservation), occasion_of_disruption(row.was_at, row.disruption)) for row in rows],
    )
    disruptions.unmark_notified(visits=[row.id for row in rows if str(row.reservation) in unsent])
    by_mail = [row for row in rows if row.was_told and row.has_email and str(row.reservation) not in unsent]
    queue_mails(
        kind=MailKind.AS_PLANNED,
        news=[(str(row.reservation), occasion_of_disruption(row.was_at, row.disruption)) for row in by_mail],
    )
    disruptions.mark_reinstated_notified(visits=[row.id for row in by_mail], actor=actor)
    return len(rows)


def occasion_of_disruption(was_at: datetime, disruption_id: int) -> str:
    """Return what tells the mails about one time and one list from all others."""
    return f"{occasion_of(was_at)} {disruption_id}"
