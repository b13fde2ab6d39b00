"""Read the lists of affected people; `disruptions` writes them (仕様書 4(3)ア)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from madoguchi.accounts.scope import PeopleScope
from madoguchi.audit.actor import Actor
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.offices.pauses import Scope
from madoguchi.reservations.kinds import DisruptionResolution, ReservationStatus
from madoguchi.reservations.models import DisruptedVisit, Disruption, Reservation
from madoguchi.reservations.scopes import reservations_in
from madoguchi.reservations.search import PAGE_SIZE, ListRow, list_rows
from madoguchi.sealing.shown import shown

MAX_DISRUPTIONS: Final = 200
# The parts of a list: to be notified, by mail or by telephone ("call"); notified and unresolved; notified,
# then served as planned after all, and to be told so ("reinstated"); resolved, nobody to be told ("done").
# An entry is one time of a visit: a visit that was moved into the next affected time has two.
Part = Literal["all", "mail", "call", "notified", "reinstated", "done"]


def _needs_notice(path: str = "") -> Q:
    """Return the condition that a person was notified of the disruption but not of the reinstatement."""
    return Q(
        **{
            f"{path}resolution": DisruptionResolution.KEPT,
            f"{path}notified_at__isnull": False,
            f"{path}reinstatement_notified_at": None,
        }
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
# Unresolved entries of future visits whose time is served: the seat is offered, no procedure is paused. With
# a pause as `lifted`, as if it were lifted: what its closures alone close is served, and its procedure.
SERVED = """
      FROM reservations_disruptedvisit AS entry
      JOIN reservations_reservation AS visit
        ON visit.id = entry.reservation_id AND visit.starts_at = entry.was_at
      JOIN reservations_applicant AS applicant ON applicant.id = visit.applicant_id
     CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE closure.pause_id = %(lifted)s::bigint) AS lifted,
                   count(*) FILTER (WHERE closure.pause_id IS DISTINCT FROM %(lifted)s::bigint) AS other
              FROM offices_closure AS closure
             WHERE closure.withdrawn_at IS NULL
               AND (closure.office_id IS NULL OR closure.office_id = visit.office_id)
               AND closure.during && tstzrange(
                   visit.starts_at, visit.starts_at + make_interval(mins => visit.minutes))) AS closed
     WHERE entry.resolved_at IS NULL AND visit.status = 'BOOKED' AND visit.starts_at > %(now)s
       AND (closed.lifted > 0 AND closed.other = 0
            OR NOT EXISTS (SELECT 1 FROM reservations_seat AS seat
                            WHERE seat.reservation_id = visit.id AND seat.is_withdrawn))
       AND NOT EXISTS (
            SELECT 1 FROM offices_pause AS pause JOIN reservations_reservedprocedure AS item
                ON item.procedure_id = pause.procedure_id
             WHERE item.reservation_id = visit.id AND pause.lifted_at IS NULL
               AND pause.id IS DISTINCT FROM %(lifted)s::bigint
               AND pause.during && tstzrange(visit.starts_at,
                                             visit.starts_at + make_interval(mins => visit.minutes))
               AND (pause.offices = '{}' OR visit.office_id = ANY(pause.offices)))"""


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
    """A change of service that affected bookings: how many people, and how many of them are not done yet.

    A visit counts once, also with two of its times on the list.
    """

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
        return entry_version(self.id, self.resolution)


@dataclass(frozen=True, slots=True)
class AffectedVisit:
    """One entry as far as mail needs it; no personal data is unsealed."""

    id: int
    reservation: uuid.UUID
    was_at: datetime


def affected_counts(scope: Scope) -> AffectedCounts:
    """Count the visits, people and holds that a pause would affect; no personal data is unsealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT applicant.person_hash), "
            f"count(*) FILTER (WHERE applicant.has_email) {AFFECTED}",
            affected_values(scope),
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
                affected_values(scope),
            )
            held = cursor.fetchone()[0]
    return AffectedCounts(visits, people, with_mail, held)


def affected_values(scope: Scope) -> dict[str, Any]:
    """Return the parameters of AFFECTED."""
    return {
        "now": clock.now(),
        "since": scope.starts_at,
        "until": scope.ends_at,
        "offices": list(scope.offices),
        "procedure": scope.procedure,
    }


def disruptions(*, unresolved_only: bool = False) -> list[DisruptionRow]:
    """Return the lists of affected people, the newest first, at most 200."""
    rows = _counted().order_by("-created_at")
    if unresolved_only:
        rows = rows.filter(left__gt=0)  # type: ignore[misc]  # the annotation above
    return [_row(row) for row in rows[:MAX_DISRUPTIONS]]


def disruption(disruption_id: int) -> DisruptionRow:
    """Return one list of affected people. Raises NotVisible when there is none."""
    row = _counted().filter(pk=disruption_id).first()
    if row is None:
        raise NotVisible
    return _row(row)


def disruption_of_pause(pause_id: int) -> DisruptionRow | None:
    """Return the list of a pause, None when it affected nobody."""
    row = _counted().filter(pause=pause_id).first()
    return _row(row) if row else None


def latest_unresolved_disruption_id(*, title: str, actor: Actor) -> int | None:
    """Return the id of the latest list of this title and actor on which somebody is left, None without."""
    made = _counted().filter(title=title, created_by=str(actor), left__gt=0)  # type: ignore[misc]  # annotated
    return made.order_by("-pk").values_list("pk", flat=True).first()


def _counted() -> QuerySet[Disruption]:
    return Disruption.objects.annotate(
        people=Count("visits__reservation", distinct=True),
        left=Count(
            "visits__reservation",
            distinct=True,
            filter=Q(visits__resolved_at=None) | _needs_notice("visits__"),
        ),
    )


def _row(row: Any) -> DisruptionRow:
    return DisruptionRow(
        row.pk, row.pause_id, row.title, row.created_at, row.created_by, row.people, row.left
    )


def _part(disruption_id: int, part: Part) -> QuerySet[DisruptedVisit]:
    return DisruptedVisit.objects.filter(PARTS[part], disruption=disruption_id)


def part_sizes(disruption_id: int) -> dict[Part, int]:
    """Return how many entries of a list are in each part; one query."""
    counts = {name: Count("pk", filter=part) if part else Count("pk") for name, part in PARTS.items()}
    found = DisruptedVisit.objects.filter(disruption=disruption_id).aggregate(
        **{f"in_{name}": count for name, count in counts.items()}
    )
    return {name: found[f"in_{name}"] for name in PARTS}


def to_mail_when_lifted(pause_id: int) -> int:
    """Count the entries, of any list, whose people would be told by mail that the visit stands after all.

    These were notified, have a mail address, and nothing but the pause stops their time. Right unless the
    hours at that time were changed during the pause; `workflows.outage.pauses.lift` compares with those it
    reinstates.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) {SERVED} AND entry.notified_at IS NOT NULL AND applicant.has_email",
            {"now": clock.now(), "lifted": pause_id},
        )
        count: int = cursor.fetchone()[0]
    return count


def affected_visits(disruption_id: int, *, part: Part, scope: PeopleScope) -> list[AffectedVisit]:
    """Return the entries of one part of a list, by the time of the visit; no personal data is unsealed."""
    rows = _part(disruption_id, part).filter(reservations_in(scope, "reservation__")).order_by("was_at", "pk")
    return [AffectedVisit(*row) for row in rows.values_list("pk", "reservation_id", "was_at")]


def disrupted_visits(
    disruption_id: int, *, scope: PeopleScope, part: Part = "all", page: int | None = None
) -> list[DisruptedRow]:
    """Return the people of one list by the time of the visit, the unresolved first.

    With `page` (from 1) PAGE_SIZE of them: a list may hold thousands, and every access is recorded.
    """
    rows = _part(disruption_id, part).filter(reservations_in(scope, "reservation__"))
    rows = rows.order_by(F("resolved_at").asc(nulls_first=True), "was_at", "pk")
    if page is not None:
        rows = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return _with_people(list(rows))


def visits_to_call(*, scope: PeopleScope) -> list[DisruptedRow]:
    """Return the first PAGE_SIZE people of all lists to notify by telephone, by the time of the visit.

    Only visits to come: whose time has passed stays on the list, and would hide who can be told in time.
    """
    rows = _to_call().filter(reservations_in(scope, "reservation__")).order_by("was_at", "pk")
    return _with_people(list(rows[:PAGE_SIZE]))


def notified_visit(visit_id: int, *, scope: PeopleScope) -> DisruptedRow | None:
    """Return an entry whose person was told by telephone, which can be taken back; None for any other."""
    told = PARTS["notified"] | Q(
        resolution=DisruptionResolution.KEPT,
        reinstatement_notified_at__isnull=False,
        notified_at__isnull=False,
    )
    without_mail = Q(reservation__applicant__has_email=False)
    rows = DisruptedVisit.objects.filter(
        told & without_mail, reservations_in(scope, "reservation__"), pk=visit_id
    )
    return next(iter(_with_people(list(rows))), None)


def visits_to_call_count() -> int:
    """Return how many people of all lists must be notified by telephone before their visit."""
    return _to_call().count()


def _to_call() -> QuerySet[DisruptedVisit]:
    needs_notice = _needs_notice() & Q(reservation__applicant__has_email=False)
    return DisruptedVisit.objects.filter(PARTS["call"] | needs_notice, was_at__gt=clock.now())


def _with_people(visits: list[DisruptedVisit]) -> list[DisruptedRow]:
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


def entry_version(visit_id: int, resolution: str) -> str:
    """Return the fingerprint of what the person of an entry is to be told."""
    return shown("disrupted visit", visit_id, resolution)
