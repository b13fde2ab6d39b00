"""Figures of the reservation ledger: each is a count of its rows (仕様書 5(1)イ)."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Min, Q
from django.db.models.functions import TruncDate

from madoguchi.common import clock
from madoguchi.reservations.kinds import Channel, ReservationStatus
from madoguchi.reservations.models import (
    Reservation,
)


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


@dataclass(frozen=True, slots=True)
class Backlog:
    """A backlog: the number of items, and the instant of the oldest."""

    count: int
    oldest: datetime | None


def unchecked() -> Backlog:
    """Return the backlog of unchecked reservations (仕様書 4(6)ア)."""
    found = Reservation.objects.filter(
        status=ReservationStatus.BOOKED, checked_at=None, starts_at__gt=clock.now()
    ).aggregate(count=Count("pk"), oldest=Min("booked_at"))
    return Backlog(found["count"], found["oldest"])


def last_booked_at() -> datetime | None:
    """Return when the latest reservation was made, None before the first."""
    return Reservation.objects.order_by("-booked_at").values_list("booked_at", flat=True).first()


def unchecked_before(instant: datetime) -> list[uuid.UUID]:
    """Return the unchecked reservations made before an instant, the oldest first."""
    return list(
        Reservation.objects.filter(status=ReservationStatus.BOOKED, checked_at=None, booked_at__lt=instant)
        .order_by("booked_at")
        .values_list("pk", flat=True)
    )


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of a day, each a count of rows."""

    visits: int
    booked_web: int
    booked_phone: int
    changed: int
    cancelled: int


def day_figures(day: date) -> DayFigures:
    """Return the figures of a day in one query."""
    since = clock.at(day, clock.MIDNIGHT)
    until = since + clock.DAY
    found = Reservation.objects.aggregate(
        visits=Count(
            "pk", filter=Q(status=ReservationStatus.BOOKED, starts_at__gte=since, starts_at__lt=until)
        ),
        booked_web=Count("pk", filter=Q(channel=Channel.WEB, booked_at__gte=since, booked_at__lt=until)),
        booked_phone=Count("pk", filter=Q(channel=Channel.PHONE, booked_at__gte=since, booked_at__lt=until)),
        changed=Count("pk", filter=Q(changed_at__gte=since, changed_at__lt=until)),
        cancelled=Count("pk", filter=Q(cancelled_at__gte=since, cancelled_at__lt=until)),
    )
    return DayFigures(**found)
