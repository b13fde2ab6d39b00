"""Figures of the reservation ledger: each is a count of its rows (仕様書 5(1)イ)."""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from madoguchi.common import clock
from madoguchi.reservations.kinds import STILL_WAITING, Channel, ReservationStatus
from madoguchi.reservations.models import Reservation, ReservedProcedure, Wait


def visits_by_day(*, office: str, first: date, last: date) -> dict[date, int]:
    """Return how many people an office expects on each day that has any, in one query."""
    rows = (
        Reservation.objects.filter(
            office=office,
            status=ReservationStatus.BOOKED,
            starts_at__gte=clock.at(first, clock.MIDNIGHT),
            starts_at__lt=clock.at(last, clock.MIDNIGHT) + clock.DAY,
        )
        .annotate(day=TruncDate("starts_at", tzinfo=clock.JST))
        .values_list("day")
        .annotate(people=Count("pk"))
    )
    return dict(rows)


def day_version(*, office: str, day: date) -> str:
    """Return what changes whenever a visit comes to a day of an office, goes or is changed; one query."""
    found = Reservation.objects.filter(
        office=office,
        starts_at__gte=clock.at(day, clock.MIDNIGHT),
        starts_at__lt=clock.at(day, clock.MIDNIGHT) + clock.DAY,
    ).aggregate(Count("pk"), Max("booked_at"), Max("changed_at"), Max("cancelled_at"))
    return " ".join(str(value) for value in found.values())


@dataclass(frozen=True, slots=True)
class Expected:
    """Who is expected in a stretch of time: how many people, at how many offices, on how many days."""

    people: int
    offices: int
    days: int


def expected_visits(
    *,
    since: datetime,
    until: datetime | None = None,
    office: str = "",
    offices: Collection[str] = (),
    procedures: Collection[str] = (),
) -> Expected:
    """Return who is expected from an instant on; one query.

    Until before another instant, at some offices, for one of some procedures; of all where none is given.
    """
    rows = Reservation.objects.filter(status=ReservationStatus.BOOKED, starts_at__gte=since)
    if until:
        rows = rows.filter(starts_at__lt=until)
    if office:
        rows = rows.filter(office=office)
    if offices:
        rows = rows.filter(office__in=offices)
    if procedures:
        chosen = ReservedProcedure.objects.filter(procedure__in=procedures)
        rows = rows.filter(pk__in=chosen.values("reservation"))
    day = TruncDate("starts_at", tzinfo=clock.JST)
    return Expected(
        **rows.aggregate(
            people=Count("pk"), offices=Count("office", distinct=True), days=Count(day, distinct=True)
        )
    )


@dataclass(frozen=True, slots=True)
class Backlog:
    """A backlog: the number of items, and the instant of the oldest."""

    count: int
    oldest: datetime | None


def waits_for_check() -> Q:
    """Return the condition that a reservation stands, is still to come, and nobody looked it through."""
    return Q(status=ReservationStatus.BOOKED, checked_at=None, starts_at__gt=clock.now())


def _unchecked() -> QuerySet[Reservation]:
    return Reservation.objects.filter(waits_for_check())


def unchecked() -> Backlog:
    """Return the backlog of unchecked reservations whose visit is still to come (仕様書 4(6)ア)."""
    found = _unchecked().aggregate(count=Count("pk"), oldest=Min("booked_at"))
    return Backlog(found["count"], found["oldest"])


def last_booked_at() -> datetime | None:
    """Return when the latest reservation was made, None before the first."""
    return Reservation.objects.order_by("-booked_at").values_list("booked_at", flat=True).first()


def unchecked_before(instant: datetime) -> list[uuid.UUID]:
    """Return those of the backlog that were booked before an instant, the oldest first."""
    return list(_unchecked().filter(booked_at__lt=instant).order_by("booked_at").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of a day, each a count of rows.

    `visits` are booked for the day; `booked` were made on it, by channel. `changed` and `cancelled` count a
    reservation on the day of its last change and of its cancellation.
    """

    visits: int
    booked: Mapping[Channel, int]
    changed: int
    cancelled: int


def day_figures(day: date) -> DayFigures:
    """Return the figures of a day in one query, which reads the rows of that day by their indexes."""
    since = clock.at(day, clock.MIDNIGHT)
    until = since + clock.DAY
    visited, booked, changed, cancelled = (
        Q((f"{instant}__gte", since), (f"{instant}__lt", until))
        for instant in ("starts_at", "booked_at", "changed_at", "cancelled_at")
    )
    found = Reservation.objects.filter(visited | booked | changed | cancelled).aggregate(
        visits=Count("pk", filter=visited & Q(status=ReservationStatus.BOOKED)),
        changed=Count("pk", filter=changed),
        cancelled=Count("pk", filter=cancelled),
        **{channel.value: Count("pk", filter=booked & Q(channel=channel)) for channel in Channel},
    )
    return DayFigures(booked={channel: found.pop(channel.value) for channel in Channel}, **found)


def waiting_by_office() -> dict[str, int]:
    """Count the waiting entries of each office; an entry for several offices counts at each."""
    chosen = Wait.objects.filter(state__in=STILL_WAITING).values_list("offices", flat=True)
    return dict(Counter(chain.from_iterable(chosen)))
