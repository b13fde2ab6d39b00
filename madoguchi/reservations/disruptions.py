"""Disruptions: the people affected by a change of service, listed until each is resolved (仕様書 4(3)ア).

Written here, read in `disruption_lists`.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record, record_each
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.offices.pauses import Scope
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.disruption_lists import AFFECTED, SERVED, affected_values, entry_version
from madoguchi.reservations.kinds import DisruptionResolution, ReservationStatus
from madoguchi.reservations.models import DisruptedVisit, Disruption, Reservation
from madoguchi.sealing.shown import refuse_other


@dataclass(frozen=True, slots=True)
class ReinstatedVisit:
    """An entry whose time is served again."""

    id: int
    disruption: int
    reservation: uuid.UUID
    was_at: datetime
    was_notified: bool
    has_email: bool


@transaction.atomic
def create_disruption(*, title: str, reservations: Sequence[uuid.UUID], actor: Actor) -> int | None:
    """List those of the visits that are booked and in the future as affected, and return the id of the list.

    Returns None, and creates no list, where there are none.
    """
    affected = list(
        Reservation.objects.filter(
            pk__in=list(reservations), status=ReservationStatus.BOOKED, starts_at__gt=clock.now()
        )
    )
    if not affected:
        return None
    disruption = Disruption.objects.create(title=title, created_at=clock.now(), created_by=str(actor))
    DisruptedVisit.objects.bulk_create(
        DisruptedVisit(disruption=disruption, reservation=row, was_at=row.starts_at) for row in affected
    )
    _record_listed(disruption.pk, len(affected), actor)
    return disruption.pk


@transaction.atomic
def list_affected(*, scope: Scope, pause: int, title: str, actor: Actor) -> int:
    """Add every visit that a pause affects to its list, and return how many are new. Idempotent.

    A resolved entry of the same visit and time becomes unresolved and not notified again. The list is created
    with `title` when the first visit is affected: a pause that affects nobody has none.
    """
    values = affected_values(scope)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 {AFFECTED})", values)
        if not cursor.fetchone()[0]:
            return 0
        disruption, _made = Disruption.objects.get_or_create(
            pause_id=pause, defaults={"title": title, "created_at": clock.now(), "created_by": str(actor)}
        )
        cursor.execute(
            "INSERT INTO reservations_disruptedvisit (disruption_id, reservation_id, was_at, "
            "notified_by, resolution, resolved_by, reinstatement_notified_by) "
            f"SELECT %(disruption)s, visit.id, visit.starts_at, '', '', '', '' {AFFECTED} "
            "ON CONFLICT (disruption_id, reservation_id, was_at) DO UPDATE "
            "SET resolution = '', resolved_at = NULL, resolved_by = '', "
            "reinstatement_notified_at = NULL, reinstatement_notified_by = '', "
            "notified_at = NULL, notified_by = ''",
            {**values, "disruption": disruption.pk},
        )
        visits: int = cursor.rowcount
    _record_listed(disruption.pk, visits, actor)
    return visits


def _record_listed(disruption_id: int, visits: int, actor: Actor) -> None:
    record(
        action=ReservationAction.DISRUPTED,
        actor=actor,
        target=f"disruption:{disruption_id}",
        detail={"people": visits},
    )


@transaction.atomic
def mark_called(*, visit_id: int, actor: Actor, seen: str | None = None) -> None:
    """Record that a person was called, about the disruption or about the reinstatement. Idempotent.

    Raises NotVisible, and ContentChanged where the page showed another state (`DisruptedRow.shown`).
    """
    row = _lock_visit(visit_id)
    refuse_other(seen, entry_version(visit_id, row.resolution))
    if row.resolution == DisruptionResolution.KEPT:
        mark_reinstated_notified(visits=[visit_id], actor=actor)
    else:
        mark_notified(visits=[visit_id], actor=actor)


@transaction.atomic
def undo_called(*, visit_id: int, actor: Actor, seen: str | None = None) -> None:
    """Take back `mark_called`, pressed by mistake. Idempotent.

    Raises NotVisible, and ContentChanged where the page showed another state (`DisruptedRow.shown`).
    """
    row = _lock_visit(visit_id)
    refuse_other(seen, entry_version(visit_id, row.resolution))
    told = "reinstatement_notified" if row.resolution == DisruptionResolution.KEPT else "notified"
    if getattr(row, f"{told}_at") is None or (row.resolution and told == "notified"):
        return
    DisruptedVisit.objects.filter(pk=visit_id).update(**{f"{told}_at": None, f"{told}_by": ""})
    _record_each(ReservationAction.NOTICE_UNDONE, [visit_id], actor)


@transaction.atomic
def mark_notified(*, visits: Collection[int], actor: Actor) -> None:
    """Record that people were notified of the disruption; an earlier notification keeps its time."""
    pending = _lock_pending(visits, notified_at=None)
    DisruptedVisit.objects.filter(pk__in=pending).update(notified_at=clock.now(), notified_by=str(actor))
    _record_each(ReservationAction.NOTIFIED, pending, actor)


def unmark_notified(*, visits: Collection[int]) -> None:
    """Undo `mark_notified` for people whose mail was withdrawn before it was sent."""
    DisruptedVisit.objects.filter(pk__in=list(visits)).update(notified_at=None, notified_by="")


@transaction.atomic
def mark_reinstated_notified(*, visits: Collection[int], actor: Actor) -> None:
    """Record that people were notified that their visit takes place as planned after all.

    Skips entries that were not reinstated and entries whose person was already notified of it.
    """
    pending = _lock_pending(visits, resolution=DisruptionResolution.KEPT, reinstatement_notified_at=None)
    DisruptedVisit.objects.filter(pk__in=pending).update(
        reinstatement_notified_at=clock.now(), reinstatement_notified_by=str(actor)
    )
    _record_each(ReservationAction.REINSTATEMENT_NOTIFIED, pending, actor)


@transaction.atomic
def keep_visit(*, visit_id: int, actor: Actor, seen: str | None = None) -> None:
    """Resolve an entry: the visit takes place as planned, and staff have told the person. Idempotent.

    An entry that was resolved in another way stays as it is. Raises NotVisible, and ContentChanged where the
    page showed another state (`DisruptedRow.shown`) and the entry is not resolved in this way already.
    """
    row = _lock_visit(visit_id)
    if row.resolution != DisruptionResolution.KEPT:
        refuse_other(seen, entry_version(visit_id, row.resolution))
    if row.resolved_at:
        return
    now, by = clock.now(), str(actor)
    DisruptedVisit.objects.filter(pk=visit_id).update(
        resolution=DisruptionResolution.KEPT,
        resolved_at=now,
        resolved_by=by,
        reinstatement_notified_at=now,
        reinstatement_notified_by=by,
    )
    _record_each(ReservationAction.RESOLVED, [visit_id], actor)


def _lock_visit(visit_id: int) -> DisruptedVisit:
    row = DisruptedVisit.objects.select_for_update().filter(pk=visit_id).first()
    if row is None:
        raise NotVisible
    return row


def _lock_pending(visits: Collection[int], **pending: object) -> list[int]:
    """Lock the entries that still have these values, and return their ids."""
    rows = DisruptedVisit.objects.select_for_update().filter(pk__in=list(visits), **pending)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def reinstate_visits(*, actor: Actor) -> list[ReinstatedVisit]:
    """Resolve every unresolved entry, of any list, whose time is served again, and return what was resolved.

    `was_notified` tells whether the person had been notified of the disruption.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry.id, entry.disruption_id, entry.reservation_id, entry.was_at, "
            f"entry.notified_at IS NOT NULL, applicant.has_email {SERVED} "
            "ORDER BY entry.id FOR UPDATE OF entry",
            {"now": clock.now(), "lifted": None},
        )
        found = [ReinstatedVisit(*row) for row in cursor.fetchall()]
    if found:
        ids = [row.id for row in found]
        DisruptedVisit.objects.filter(pk__in=ids).update(
            resolution=DisruptionResolution.KEPT, resolved_at=clock.now(), resolved_by=str(actor)
        )
        _record_each(ReservationAction.RESOLVED, ids, actor)
    return found


def _record_each(action: ReservationAction, visits: Collection[int], actor: Actor) -> None:
    record_each(action=action, actor=actor, targets=[f"disrupted_visit:{each}" for each in visits])


def lock_disruption(disruption_id: int) -> None:
    """Lock a list until the transaction ends, so that nobody is notified twice. Raises NotVisible."""
    if not Disruption.objects.select_for_update().filter(pk=disruption_id):
        raise NotVisible
