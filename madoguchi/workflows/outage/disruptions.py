"""Notify the affected people of a disruption by mail; the others are called (仕様書 4(3)ア)."""

from datetime import datetime

from django.db import transaction

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import Actor
from madoguchi.common.errors import Refusal
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.services import queue_mails, withdraw_mails
from madoguchi.reservations import disruption_lists, disruptions
from madoguchi.workflows.messages.mail import occasion_of


class PeopleChanged(Refusal):
    """The number of people who would get the mail is not the number that was confirmed."""

    code = "people_changed"
    message = "送る人数が、入力した数と違います。人数を確かめて、もう一度入力してください。"


def mail_affected(*, disruption_id: int, people: int, actor: Actor) -> int:
    """Queue a mail that asks to choose another time, to everyone of a list with an address and not notified.

    They are marked as notified. `people` is the number that staff confirmed; raises PeopleChanged when it
    differs, so that nobody mails hundreds by mistake. Idempotent: each person gets one mail.
    """
    with transaction.atomic(durable=True):
        disruptions.lock_disruption(disruption_id)
        rows = disruption_lists.affected_visits(disruption_id, part="mail", scope=EVERYWHERE)
        if len(rows) != people:
            raise PeopleChanged
        queue_mails(
            kind=MailKind.MOVE_REQUEST,
            news=[(str(row.reservation), occasion_of_disruption(row.was_at, disruption_id)) for row in rows],
        )
        disruptions.mark_notified(visits=[row.id for row in rows], actor=actor)
        return len(rows)


def mail_reinstated(*, actor: Actor) -> list[disruptions.ReinstatedVisit]:
    """Resolve the entries whose time is served again, in the caller's transaction, and return them.

    Withdraws mails that were not sent yet. People who were notified of the disruption get a mail that the
    visit takes place; those without an address stay listed until somebody has called.
    """
    rows = disruptions.reinstate_visits(actor=actor)
    unsent = withdraw_mails(
        kind=MailKind.MOVE_REQUEST,
        news=[(str(row.reservation), occasion_of_disruption(row.was_at, row.disruption)) for row in rows],
    )
    disruptions.unmark_notified(visits=[row.id for row in rows if str(row.reservation) in unsent])
    by_mail = [
        row for row in rows if row.was_notified and row.has_email and str(row.reservation) not in unsent
    ]
    queue_mails(
        kind=MailKind.AS_PLANNED,
        news=[(str(row.reservation), occasion_of_disruption(row.was_at, row.disruption)) for row in by_mail],
    )
    disruptions.mark_reinstated_notified(visits=[row.id for row in by_mail], actor=actor)
    return rows


def occasion_of_disruption(was_at: datetime, disruption_id: int) -> str:
    """Return the key that identifies the mails about one time and one list."""
    return f"{occasion_of(was_at)} {disruption_id}"
