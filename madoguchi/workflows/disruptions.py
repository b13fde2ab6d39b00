"""Tell the people hit by a change of hours by mail, where that helps; the others are called (R162)."""

from collections.abc import Sequence

from django.db import transaction

from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.services import queue_mail
from madoguchi.reservations.selectors import DisruptedRow, disrupted_visits
from madoguchi.reservations.services import tell_disrupted
from madoguchi.workflows.mail import occasion_of
from madoguchi.workflows.offering import deadlines


def people_to_mail(visits: Sequence[DisruptedRow]) -> list[DisruptedRow]:
    """Return who of a list can be asked by mail: told nothing yet, and still free to change on the web.

    Whose deadline has passed would be sent to a page that says no: these are called, as those without mail.
    """
    now = clock.now()
    return [
        row
        for row in visits
        if row.visit.has_email
        and row.visit.status == "BOOKED"
        and not (row.told_at or row.resolution)
        and now <= deadlines(row.visit.starts_at, row.visit.office).change
    ]


def people_to_call(visits: Sequence[DisruptedRow]) -> list[DisruptedRow]:
    """Return who of a list is still to be told, by whatever way."""
    return [row for row in visits if not (row.told_at or row.resolution)]


def mail_disrupted(*, disruption_id: int, actor: Actor) -> int:
    """Ask everyone who can be reached by mail to choose another time, and return how many.

    They count as told then. Pressed twice, nobody gets a second mail; who has moved meanwhile gets none.
    """
    with transaction.atomic(durable=True):
        rows = people_to_mail(disrupted_visits(disruption_id))
        for row in rows:
            queue_mail(
                kind=MailKind.MOVE_REQUEST,
                target=str(row.visit.id),
                occasion=occasion_of(row.visit.starts_at),
            )
            tell_disrupted(visit_id=row.id, actor=actor)
        return len(rows)
