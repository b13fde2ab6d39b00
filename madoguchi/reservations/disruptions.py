"""Disruptions: the people affected by a change of service, listed until each is resolved (仕様書 4(3)ア)."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet

from madoguchi.accounts.scope import PeopleScope
from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record, record_each
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.offices.pauses import Scope
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.kinds import DisruptionResolution, ReservationStatus
from madoguchi.reservations.models import DisruptedVisit, Disruption, Reservation
from madoguchi.reservations.scopes import reservations_in
from madoguchi.reservations.search import ListRow, list_rows
from madoguchi.sealing.shown import refuse_other, shown

PAGE: Final = 50
# Who still has to be notified, and by which channel.
Part = Literal["all", "mail", "call", "notified", "reinstated", "done"]

# Future visits that a pause affects and that no list holds for their time yet. The condition on the day
# before lets the index on the start serve; no visit lasts longer.
AFFECTED = """
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
            SELECT 1 FROM reservations_disruptedvisit AS entry
             WHERE entry.reservation_id = visit.id AND entry.was_at = visit.starts_at
               AND entry.resolved_at IS NULL)"""
# Open entries of future visits whose time is served again: the seat is offered, no procedure is paused.
REINSTATED = """
    SELECT entry.id, entry.disruption_id, entry.reservation_id, entry.was_at, entry.notified_at IS NOT NULL,
           applicant.has_email
      FROM reservations_disruptedvisit AS entry
      JOIN reservations_reservation AS visit
        ON visit.id = entry.reservation_id AND visit.starts_at = entry.was_at
      JOIN reservations_applicant AS applicant ON applicant.id = visit.applicant_id
     WHERE entry.resolved_at IS NULL AND visit.status = 'BOOKED' AND visit.starts_at > %(now)s
       AND NOT EXISTS (SELECT 1 FROM reservations_seat AS seat
                        WHERE seat.reservation_id = visit.id AND seat.is_withdrawn)
       AND NOT EXISTS (
            SELECT 1 FROM offices_pause AS pause JOIN reservations_reservedprocedure AS item
                ON item.procedure_id = pause.procedure_id
             WHERE item.reservation_id = visit.id AND pause.lifted_at IS NULL
               AND pause.during && tstzrange(visit.starts_at,
                                             visit.starts_at + make_interval(mins => visit.minutes))
               AND (pause.offices = '{}' OR visit.office_id = ANY(pause.offices)))
     ORDER BY entry.id FOR UPDATE OF entry"""


@dataclass(frozen=True, slots=True)
class AffectedCounts:
    """How many visits, people and holds a pause affects; `with_mail` counts visits with an address."""

    visits: int
    people: int
    with_mail: int
    held: int

    @property
    def without_mail(self) -> int:
        """The number of visits whose people must be called."""
        return self.visits - self.with_mail


@dataclass(frozen=True, slots=True)
class DisruptionRow:
    """A change of service that affected bookings, with the number of people not resolved yet."""

    id: int
    pause: int | None
    title: str
    created_at: datetime
    created_by: str
    people: int
    left: int


@dataclass(frozen=True, slots=True)
class DisruptedRow:
    """One affected visit on a list, with its person."""

    id: int
    visit: ListRow
    was_at: datetime
    notified_at: datetime | None
    resolution: str
    resolved_at: datetime | None
    reinstatement_notified_at: datetime | None

    @property
    def needs_reinstatement_notice(self) -> bool:
        """Tell whether the person was notified of the disruption but not of the reinstatement."""
        return (
            self.resolution == DisruptionResolution.KEPT
            and self.notified_at is not None
            and self.reinstatement_notified_at is None
        )

    @property
    def shown(self) -> str:
        """The fingerprint of what the person is to be told, for the forms of the entry."""
        return _version(self.id, self.resolution)


@dataclass(frozen=True, slots=True)
class AffectedVisit:
    """One entry as far as mail needs it; no personal data is unsealed."""

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
    was_notified: bool
    has_email: bool


def affected_counts(scope: Scope) -> AffectedCounts:
    """Count the visits, people and holds that a pause would affect; no personal data is unsealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT applicant.person_hash), "
            f"count(*) FILTER (WHERE applicant.has_email) {AFFECTED}",
            _values(scope),
        )
        visits, people, with_mail = cursor.fetchone()
        held = 0
        if not scope.procedure:
            cursor.execute(
                """
                SELECT count(DISTINCT seat.session_id) FROM reservations_seat AS seat
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
    """Create the list of affected people and return its id, or None when nobody is affected."""
    affected = list(
        Reservation.objects.filter(
            pk__in=list(reservations), status=ReservationStatus.BOOKED, starts_at__gt=clock.now()
        )
    )
    if not affected:
        return None
    disruption = Disruption.objects.create(
        title=title, created_at=clock.now(), created_by=str(actor), pause_id=pause
    )
    DisruptedVisit.objects.bulk_create(
        DisruptedVisit(disruption=disruption, reservation=row, was_at=row.starts_at) for row in affected
    )
    _record_opened(disruption.pk, len(affected), actor)
    return disruption.pk


def open_disruption_of(*, title: str, actor: Actor) -> int | None:
    """Return the id of the latest list of this title and actor on which somebody is left, None without."""
    made = _counted().filter(title=title, created_by=str(actor), left__gt=0)  # type: ignore[misc]  # annotated
    return made.order_by("-pk").values_list("pk", flat=True).first()


def list_affected(*, scope: Scope, pause: int, title: str, actor: Actor) -> int:
    """Add everybody a pause affects to its list and return how many are new. Idempotent."""
    disruption, _made = Disruption.objects.get_or_create(
        pause_id=pause, defaults={"title": title, "created_at": clock.now(), "created_by": str(actor)}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reservations_disruptedvisit (disruption_id, reservation_id, was_at, "
            "notified_by, resolution, resolved_by, reinstatement_notified_by) "
            f"SELECT %(disruption)s, visit.id, visit.starts_at, '', '', '', '' {AFFECTED} "
            "ON CONFLICT (disruption_id, reservation_id, was_at) DO UPDATE "
            "SET resolution = '', resolved_at = NULL, resolved_by = '', "
            "reinstatement_notified_at = NULL, reinstatement_notified_by = '', "
            "notified_at = NULL, notified_by = ''",
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
def mark_called(*, visit_id: int, actor: Actor, seen: str | None = None) -> None:
    """Record that a person was called, about the disruption or about the reinstatement.

    Raises NotVisible, and ContentChanged where the page had something else to tell (`DisruptedRow.shown`).
    """
    row = DisruptedVisit.objects.select_for_update().filter(pk=visit_id).first()
    if row is None:
        raise NotVisible
    refuse_other(seen, _version(visit_id, row.resolution))
    if row.resolution == DisruptionResolution.KEPT:
        mark_reinstated_notified(visits=[visit_id], actor=actor)
    else:
        mark_notified(visits=[visit_id], actor=actor)


def mark_notified(*, visits: Collection[int], actor: Actor) -> None:
    """Record that people were notified of the disruption; an earlier notification keeps its time."""
    pending = DisruptedVisit.objects.filter(pk__in=list(visits), notified_at=None)
    pending.update(notified_at=clock.now(), notified_by=str(actor))
    _record_each(ReservationAction.NOTIFIED, visits, actor)


def unmark_notified(*, visits: Collection[int]) -> None:
    """Undo `mark_notified` for people whose mail was withdrawn before it was sent."""
    DisruptedVisit.objects.filter(pk__in=list(visits)).update(notified_at=None, notified_by="")


def mark_reinstated_notified(*, visits: Collection[int], actor: Actor) -> None:
    """Record that people were notified that their visit takes place as planned after all."""
    kept = DisruptedVisit.objects.filter(
        pk__in=list(visits), resolution=DisruptionResolution.KEPT, reinstatement_notified_at=None
    )
    kept.update(reinstatement_notified_at=clock.now(), reinstatement_notified_by=str(actor))
    _record_each(ReservationAction.REINSTATEMENT_NOTIFIED, visits, actor)


@transaction.atomic
def keep_visit(*, visit_id: int, actor: Actor, seen: str | None = None) -> None:
    """Resolve an entry: the person is served as planned, and staff have told them. Raises ContentChanged."""
    stands = (
        DisruptedVisit.objects.select_for_update().filter(pk=visit_id).values_list("resolution", flat=True)
    )
    if stands and stands[0] != DisruptionResolution.KEPT:
        refuse_other(seen, _version(visit_id, stands[0]))
    now, by = clock.now(), str(actor)
    changed = DisruptedVisit.objects.filter(pk=visit_id, resolved_at=None).update(
        resolution=DisruptionResolution.KEPT,
        resolved_at=now,
        resolved_by=by,
        reinstatement_notified_at=now,
        reinstatement_notified_by=by,
    )
    if changed:
        _record_each(ReservationAction.RESOLVED, [visit_id], actor)


def _version(visit_id: int, resolution: str) -> str:
    return shown("disrupted visit", visit_id, resolution)


def reinstate_visits(*, actor: Actor) -> list[ReinstatedVisit]:
    """Resolve every open entry whose time is served again, and return these entries."""
    with connection.cursor() as cursor:
        cursor.execute(REINSTATED, {"now": clock.now()})
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
    """Return the lists of affected people, the newest first."""
    rows = _counted().order_by("-created_at")
    if open_only:
        rows = rows.filter(left__gt=0)  # type: ignore[misc]  # the annotation above
    return [_row(row) for row in rows[:200]]


def disruption(disruption_id: int) -> DisruptionRow:
    """Return one list of affected people. Raises NotVisible when there is none."""
    row = _counted().filter(pk=disruption_id).first()
    if row is None:
        raise NotVisible
    return _row(row)


def disruption_of(pause_id: int) -> DisruptionRow | None:
    """Return the list of a pause, None when it affected nobody."""
    row = _counted().filter(pause=pause_id).first()
    return _row(row) if row else None


def lock_disruption(disruption_id: int) -> None:
    """Lock a list until the transaction ends, so that nobody is notified twice. Raises NotVisible."""
    if not Disruption.objects.select_for_update().filter(pk=disruption_id):
        raise NotVisible


def _counted() -> QuerySet[Disruption]:
    return Disruption.objects.annotate(
        people=Count("visits"),
        left=Count("visits", filter=Q(visits__resolved_at=None) | _needs_notice("visits__")),
    )


def _needs_notice(path: str = "") -> Q:
    """Return the condition that a person was notified of the disruption but not of the reinstatement."""
    return Q(
        **{
            f"{path}resolution": DisruptionResolution.KEPT,
            f"{path}notified_at__isnull": False,
            f"{path}reinstatement_notified_at": None,
        }
    )


def _row(row: Any) -> DisruptionRow:
    return DisruptionRow(
        row.pk, row.pause_id, row.title, row.created_at, row.created_by, row.people, row.left
    )


NOT_NOTIFIED: Final = Q(resolved_at=None, notified_at=None, reservation__status=ReservationStatus.BOOKED)
PARTS: Final[dict[Part, Q]] = {
    "all": Q(),
    "mail": NOT_NOTIFIED & Q(reservation__applicant__has_email=True),
    "call": NOT_NOTIFIED & Q(reservation__applicant__has_email=False),
    "notified": Q(resolved_at=None, notified_at__isnull=False),
    "reinstated": _needs_notice(),
    "done": Q(resolved_at__isnull=False) & ~_needs_notice(),
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
    """Count the people of a list who were notified, have a mail address and kept their old time."""
    told = _part(disruption_id, "notified").filter(reservation__applicant__has_email=True)
    return told.filter(was_at__gt=clock.now(), reservation__starts_at=F("was_at")).count()


def affected_visits(disruption_id: int, *, part: Part, scope: PeopleScope) -> list[AffectedVisit]:
    """Return the entries of one part of a list, by the time of the visit; no personal data is unsealed."""
    rows = _part(disruption_id, part).filter(reservations_in(scope, "reservation__")).order_by("was_at", "pk")
    return [AffectedVisit(*row) for row in rows.values_list("pk", "reservation_id", "was_at")]


def disrupted_visits(
    disruption_id: int, *, scope: PeopleScope, part: Part = "all", page: int | None = None
) -> list[DisruptedRow]:
    """Return the people of one list by the time of the visit, the unresolved first.

    With `page` fifty of them: a list may hold thousands, and every access to a person is recorded.
    """
    rows = _part(disruption_id, part).filter(reservations_in(scope, "reservation__"))
    rows = rows.order_by(F("resolved_at").asc(nulls_first=True), "was_at", "pk")
    return _opened(list(rows if page is None else rows[(page - 1) * PAGE : page * PAGE]))


def visits_to_call(*, scope: PeopleScope) -> list[DisruptedRow]:
    """Return the first fifty people of all lists to notify by telephone, by the time of the visit."""
    return _opened(
        list(_to_call().filter(reservations_in(scope, "reservation__")).order_by("was_at", "pk")[:PAGE])
    )


def visits_to_call_count() -> int:
    """Return how many people of all lists must be notified by telephone."""
    return _to_call().count()


def _to_call() -> QuerySet[DisruptedVisit]:
    return DisruptedVisit.objects.filter(
        PARTS["call"] | _needs_notice() & Q(reservation__applicant__has_email=False)
    )


def _opened(visits: list[DisruptedVisit]) -> list[DisruptedRow]:
    ids = [visit.reservation_id for visit in visits]
    people = {row.id: row for row in list_rows(Reservation.objects.filter(pk__in=ids))}
    return [
        DisruptedRow(
            visit.pk,
            people[visit.reservation_id],
            visit.was_at,
            visit.notified_at,
            visit.resolution,
            visit.resolved_at,
            visit.reinstatement_notified_at,
        )
        for visit in visits
    ]
