"""People whose time is no longer served: on a list until each is dealt with (仕様書 4(3)ア)."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record, record_each
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.offices.pauses import Scope
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.kinds import DisruptionResolution, ReservationStatus
from madoguchi.reservations.models import DisruptedVisit, Disruption, Reservation
from madoguchi.reservations.search import ListRow, list_rows

PAGE: Final = 50
# Who still has to hear something, and how they can be reached.
Part = Literal["all", "mail", "call", "told", "reassure", "done"]

# Visits to come that a pause stops and that stand on no list for their time yet. The day before, so that the
# index on the start serves; no visit lasts longer.
STOPPED = """
      FROM reservations_reservation AS visit
      JOIN reservations_applicant AS applicant ON applicant.id = visit.applicant_id
     WHERE visit.status = 'BOOKED' AND visit.starts_at > %(now)s AND visit.starts_at < %(until)s
       AND visit.starts_at > %(since)s - interval '1 day'
       AND visit.starts_at + make_interval(mins => visit.minutes) > %(since)s
       AND (%(offices)s::text[] = '{}' OR visit.office_id = ANY(%(offices)s::text[]))
       AND (%(procedure)s = '' OR EXISTS (
            SELECT 1 FROM reservations_reservedprocedure AS item
             WHERE item.reservation_id = visit.id AND item.procedure_id = %(procedure)s))
       AND NOT EXISTS (
            SELECT 1 FROM reservations_disruptedvisit AS hit
             WHERE hit.reservation_id = visit.id AND hit.was_at = visit.starts_at
               AND hit.resolved_at IS NULL)"""
# Open entries of visits to come whose time is served again: the seat is offered, no procedure is stopped.
STANDS_AGAIN = """
    SELECT hit.id, hit.disruption_id, hit.reservation_id, hit.was_at, hit.told_at IS NOT NULL,
           applicant.has_email
      FROM reservations_disruptedvisit AS hit
      JOIN reservations_reservation AS visit
        ON visit.id = hit.reservation_id AND visit.starts_at = hit.was_at
      JOIN reservations_applicant AS applicant ON applicant.id = visit.applicant_id
     WHERE hit.resolved_at IS NULL AND visit.status = 'BOOKED' AND visit.starts_at > %(now)s
       AND NOT EXISTS (SELECT 1 FROM reservations_seat AS seat
                        WHERE seat.reservation_id = visit.id AND seat.is_withdrawn)
       AND NOT EXISTS (
            SELECT 1 FROM offices_pause AS pause JOIN reservations_reservedprocedure AS item
                ON item.procedure_id = pause.procedure_id
             WHERE item.reservation_id = visit.id AND pause.lifted_at IS NULL
               AND pause.during && tstzrange(visit.starts_at,
                                             visit.starts_at + make_interval(mins => visit.minutes))
               AND (pause.offices = '{}' OR visit.office_id = ANY(pause.offices)))
     ORDER BY hit.id FOR UPDATE OF hit"""


@dataclass(frozen=True, slots=True)
class AffectedCounts:
    """Whom a pause hits: visits, the people they are of, and how these can be told."""

    visits: int
    people: int
    with_mail: int
    held: int

    @property
    def without_mail(self) -> int:
        """How many visits are of people to be called."""
        return self.visits - self.with_mail


@dataclass(frozen=True, slots=True)
class DisruptionRow:
    """A change that hit bookings, with how many people are left to deal with."""

    id: int
    pause: int | None
    title: str
    created_at: datetime
    created_by: str
    people: int
    left: int


@dataclass(frozen=True, slots=True)
class DisruptedRow:
    """One person on such a list."""

    id: int
    visit: ListRow
    was_at: datetime
    told_at: datetime | None
    resolution: str
    resolved_at: datetime | None
    reassured_at: datetime | None

    @property
    def has_to_hear_it_stands(self) -> bool:
        """Tell whether the person was told that the time is gone, and not yet that it stands again."""
        return (
            self.resolution == DisruptionResolution.KEPT
            and self.told_at is not None
            and self.reassured_at is None
        )


@dataclass(frozen=True, slots=True)
class AffectedVisit:
    """One entry as far as mail needs it: nothing of the person is opened."""

    id: int
    reservation: uuid.UUID
    was_at: datetime


@dataclass(frozen=True, slots=True)
class ReinstatedVisit:
    """One entry whose time is served again."""

    id: int
    disruption: int
    reservation: uuid.UUID
    was_at: datetime
    was_told: bool
    has_email: bool


def affected_counts(scope: Scope) -> AffectedCounts:
    """Return whom a pause would hit, in two counts; nobody is opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT applicant.person_hash), "
            f"count(*) FILTER (WHERE applicant.has_email) {STOPPED}",
            _values(scope),
        )
        visits, people, with_mail = cursor.fetchone()
        held = 0
        if not scope.procedure:
            cursor.execute(
                """
                SELECT count(DISTINCT seat.hold_id) FROM reservations_seat AS seat
                  JOIN offices_slot AS slot ON slot.id = seat.slot_id
                 WHERE seat.held_until > %(now)s AND slot.starts_at < %(until)s AND slot.ends_at > %(since)s
                   AND (%(offices)s::text[] = '{}' OR slot.office_id = ANY(%(offices)s::text[]))
                """,
                _values(scope),
            )
            held = cursor.fetchone()[0]
    return AffectedCounts(visits, people, with_mail, held)


def _values(scope: Scope) -> dict[str, Any]:
    return {
        "now": clock.now(),
        "since": scope.starts_at,
        "until": scope.ends_at,
        "offices": list(scope.offices),
        "procedure": scope.procedure,
    }


def open_disruption(
    *, title: str, reservations: Sequence[uuid.UUID], actor: Actor, pause: int | None = None
) -> int | None:
    """Open the list of people hit by a change; None when nobody is. Done when each is dealt with."""
    hit = list(
        Reservation.objects.filter(
            pk__in=list(reservations), status=ReservationStatus.BOOKED, starts_at__gt=clock.now()
        )
    )
    if not hit:
        return None
    disruption = Disruption.objects.create(
        title=title, created_at=clock.now(), created_by=str(actor), pause_id=pause
    )
    DisruptedVisit.objects.bulk_create(
        DisruptedVisit(disruption=disruption, reservation=row, was_at=row.starts_at) for row in hit
    )
    _record_opened(disruption.pk, len(hit), actor)
    return disruption.pk


def list_stopped(*, scope: Scope, pause: int, title: str, actor: Actor) -> int:
    """Put everybody a pause stops on its list, and return how many are new; twice adds nobody."""
    disruption, _made = Disruption.objects.get_or_create(
        pause_id=pause, defaults={"title": title, "created_at": clock.now(), "created_by": str(actor)}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reservations_disruptedvisit (disruption_id, reservation_id, was_at, "
            "told_by, resolution, resolved_by, reassured_by) "
            f"SELECT %(disruption)s, visit.id, visit.starts_at, '', '', '', '' {STOPPED} "
            "ON CONFLICT (disruption_id, reservation_id, was_at) DO UPDATE "
            "SET resolution = '', resolved_at = NULL, resolved_by = '', "
            "reassured_at = NULL, reassured_by = '', told_at = NULL, told_by = ''",
            {**_values(scope), "disruption": disruption.pk},
        )
        people: int = cursor.rowcount
    _record_opened(disruption.pk, people, actor)
    return people


def _record_opened(disruption_id: int, people: int, actor: Actor) -> None:
    record(
        action=ReservationAction.DISRUPTED,
        actor=actor,
        target=f"disruption:{disruption_id}",
        detail={"people": people},
    )


@transaction.atomic
def mark_called(*, visit_id: int, actor: Actor) -> None:
    """Record that a person on the list was told: that the time is gone, or that it stands again."""
    row = DisruptedVisit.objects.select_for_update().filter(pk=visit_id).first()
    if row is None:
        raise NotVisible
    if row.resolution == DisruptionResolution.KEPT:
        mark_reinstated_notified(visits=[visit_id], actor=actor)
    else:
        mark_notified(visits=[visit_id], actor=actor)


def mark_notified(*, visits: Collection[int], actor: Actor) -> None:
    """Record that people on a list were told; who was before stays so."""
    untold = DisruptedVisit.objects.filter(pk__in=list(visits), told_at=None)
    untold.update(told_at=clock.now(), told_by=str(actor))
    _record_each(ReservationAction.TOLD, visits, actor)


def unmark_notified(*, visits: Collection[int]) -> None:
    """Take back that people were told: their mail was withdrawn before it left."""
    DisruptedVisit.objects.filter(pk__in=list(visits)).update(told_at=None, told_by="")


def mark_reinstated_notified(*, visits: Collection[int], actor: Actor) -> None:
    """Record that people who are served as planned after all were told so."""
    kept = DisruptedVisit.objects.filter(
        pk__in=list(visits), resolution=DisruptionResolution.KEPT, reassured_at=None
    )
    kept.update(reassured_at=clock.now(), reassured_by=str(actor))
    _record_each(ReservationAction.REASSURED, visits, actor)


@transaction.atomic
def keep_visit(*, visit_id: int, actor: Actor) -> None:
    """Record that a person on the list is served as planned all the same; staff speak to them."""
    now, by = clock.now(), str(actor)
    changed = DisruptedVisit.objects.filter(pk=visit_id, resolved_at=None).update(
        resolution=DisruptionResolution.KEPT,
        resolved_at=now,
        resolved_by=by,
        reassured_at=now,
        reassured_by=by,
    )
    if changed:
        _record_each(ReservationAction.RESOLVED, [visit_id], actor)


def reinstate_visits(*, actor: Actor) -> list[ReinstatedVisit]:
    """Close every open entry whose time is served again, and return whose; they come as planned."""
    with connection.cursor() as cursor:
        cursor.execute(STANDS_AGAIN, {"now": clock.now()})
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


def disruptions(*, open_only: bool = False) -> list[DisruptionRow]:
    """Return the lists of people hit by changes, latest first."""
    rows = _counted().order_by("-created_at")
    if open_only:
        rows = rows.filter(left__gt=0)  # type: ignore[misc]  # the annotation above
    return [_row(row) for row in rows[:200]]


def disruption(disruption_id: int) -> DisruptionRow:
    """Return one list of people hit by a change. Raises NotVisible when there is none."""
    row = _counted().filter(pk=disruption_id).first()
    if row is None:
        raise NotVisible
    return _row(row)


def disruption_of(pause_id: int) -> DisruptionRow | None:
    """Return the list of a pause, None when it hit nobody."""
    row = _counted().filter(pause=pause_id).first()
    return _row(row) if row else None


def lock_disruption(disruption_id: int) -> None:
    """Keep others from telling the same people, until the transaction ends. Raises NotVisible."""
    if not Disruption.objects.select_for_update().filter(pk=disruption_id):
        raise NotVisible


def _counted() -> QuerySet[Disruption]:
    return Disruption.objects.annotate(
        people=Count("visits"),
        left=Count("visits", filter=Q(visits__resolved_at=None) | _to_reassure("visits__")),
    )


def _to_reassure(path: str = "") -> Q:
    """Return the condition that somebody was told the time is gone, and nobody said that it stands again."""
    return Q(
        **{
            f"{path}resolution": DisruptionResolution.KEPT,
            f"{path}told_at__isnull": False,
            f"{path}reassured_at": None,
        }
    )


def _row(row: Any) -> DisruptionRow:
    return DisruptionRow(
        row.pk, row.pause_id, row.title, row.created_at, row.created_by, row.people, row.left
    )


NOT_NOTIFIED: Final = Q(resolved_at=None, told_at=None, reservation__status=ReservationStatus.BOOKED)
PARTS: Final[dict[Part, Q]] = {
    "all": Q(),
    "mail": NOT_NOTIFIED & Q(reservation__applicant__has_email=True),
    "call": NOT_NOTIFIED & Q(reservation__applicant__has_email=False),
    "told": Q(resolved_at=None, told_at__isnull=False),
    "reassure": _to_reassure(),
    "done": Q(resolved_at__isnull=False) & ~_to_reassure(),
}


def _part(disruption_id: int, part: Part) -> QuerySet[DisruptedVisit]:
    return DisruptedVisit.objects.filter(PARTS[part], disruption=disruption_id)


def part_sizes(disruption_id: int) -> dict[Part, int]:
    """Return how many entries of a list are in each part, in one query."""
    counts = {name: Count("pk", filter=part) if part else Count("pk") for name, part in PARTS.items()}
    found = DisruptedVisit.objects.filter(disruption=disruption_id).aggregate(
        **{f"in_{name}": count for name, count in counts.items()}
    )
    return {name: found[f"in_{name}"] for name in PARTS}


def notified_count(disruption_id: int) -> int:
    """Return how many people of a list were told, can be mailed and would still come at their old time."""
    told = _part(disruption_id, "told").filter(reservation__applicant__has_email=True)
    return told.filter(was_at__gt=clock.now(), reservation__starts_at=F("was_at")).count()


def affected_visits(disruption_id: int, *, part: Part) -> list[AffectedVisit]:
    """Return the entries of one part of a list, by the time of the visit; nobody is opened."""
    rows = _part(disruption_id, part).order_by("was_at", "pk")
    return [AffectedVisit(*row) for row in rows.values_list("pk", "reservation_id", "was_at")]


def disrupted_visits(
    disruption_id: int, *, part: Part = "all", page: int | None = None
) -> list[DisruptedRow]:
    """Return the people of one list by the time of the visit, those still to be dealt with first.

    With `page` fifty of them: a list may hold thousands, and each look at a person is on record.
    """
    rows = _part(disruption_id, part).order_by(F("resolved_at").asc(nulls_first=True), "was_at", "pk")
    return _opened(list(rows if page is None else rows[(page - 1) * PAGE : page * PAGE]))


def visits_to_call() -> list[DisruptedRow]:
    """Return the first fifty people without mail to be told, of all lists, the first visit first."""
    return _opened(list(_to_call().order_by("was_at", "pk")[:PAGE]))


def visits_to_call_count() -> int:
    """Return how many people without mail are to be told, of all lists."""
    return _to_call().count()


def _to_call() -> QuerySet[DisruptedVisit]:
    return DisruptedVisit.objects.filter(
        PARTS["call"] | _to_reassure() & Q(reservation__applicant__has_email=False)
    )


def _opened(visits: list[DisruptedVisit]) -> list[DisruptedRow]:
    ids = [visit.reservation_id for visit in visits]
    people = {row.id: row for row in list_rows(Reservation.objects.filter(pk__in=ids))}
    return [
        DisruptedRow(
            visit.pk,
            people[visit.reservation_id],
            visit.was_at,
            visit.told_at,
            visit.resolution,
            visit.resolved_at,
            visit.reassured_at,
        )
        for visit in visits
    ]
