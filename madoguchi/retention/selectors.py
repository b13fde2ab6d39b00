"""Erasure orders, their certificates, and legal holds; no person is opened (仕様書 6)."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min

from madoguchi.common.errors import NotVisible
from madoguchi.reservations.personal_data import Selection, count_people
from madoguchi.retention.models import ErasureOrder, LegalHold
from madoguchi.sealing.shown import shown


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the city wrote: number and day of its document, and which section."""

    document_number: str
    document_on: date
    instructed_by: str


@dataclass(frozen=True, slots=True)
class Extent:
    """How many people would be erased, how many of those are within their term, and how many are held."""

    people: int
    within_term: int
    on_legal_hold: int


@dataclass(frozen=True, slots=True)
class ErasureOrderRow:
    """An order of the city, and how far it has come."""

    id: uuid.UUID
    reason: str
    reason_name: str
    until: date | None
    instruction: Instruction
    asked_at: datetime
    asked_by: str
    counts: Mapping[str, int]
    ended_at: datetime | None
    number: int | None


@dataclass(frozen=True, slots=True)
class LegalHoldRow:
    """A reservation that is kept from erasure."""

    reservation: uuid.UUID
    reference: str
    starts_at: datetime
    reason: str
    set_at: datetime
    set_by: str


def extent(*, until: date, expired_before: date) -> Extent:
    """Return who would be erased by an order for all visits up to a day."""
    selection = Selection(until=until, besides=all_held())
    people = count_people(selection)
    return Extent(
        people=people,
        within_term=count_people(selection, since=expired_before),
        on_legal_hold=count_people(Selection(until=until)) - people,
    )


def erasure_order(order_id: uuid.UUID) -> ErasureOrderRow:
    """Return one order. Raises NotVisible."""
    row = ErasureOrder.objects.defer("certificate").filter(pk=order_id).first()
    if row is None:
        raise NotVisible
    return _row(row)


def erasure_orders() -> list[ErasureOrderRow]:
    """Return every order, latest first."""
    return [_row(row) for row in ErasureOrder.objects.defer("certificate").order_by("-asked_at", "pk")]


def unfinished_since() -> datetime | None:
    """Return when the oldest order was given that has not been carried out, None without one."""
    oldest: datetime | None = ErasureOrder.objects.filter(ended_at=None).aggregate(at=Min("asked_at"))["at"]
    return oldest


def certificate(order_id: uuid.UUID) -> tuple[int, bytes]:
    """Return number and PDF of a certificate. Raises NotVisible before the erasure has ended."""
    row = ErasureOrder.objects.filter(pk=order_id, ended_at__isnull=False).first()
    if row is None or row.number is None:
        raise NotVisible
    return row.number, bytes(row.certificate)


def all_held() -> frozenset[uuid.UUID]:
    """Return the reservations under a legal hold."""
    return frozenset(LegalHold.objects.filter(lifted_at=None).values_list("reservation", flat=True))


def held(reservations: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the reason for each of these reservations that is under a legal hold."""
    rows = LegalHold.objects.filter(lifted_at=None, reservation__in=list(reservations))
    return dict(rows.values_list("reservation", "reason"))


def shown_session(reservation_id: uuid.UUID) -> str:
    """Return the fingerprint of the legal hold on a reservation, or of none (docs/adr/0028)."""
    return shown("legal hold", str(reservation_id), held([reservation_id]).get(reservation_id, ""))


def legal_holds() -> list[LegalHoldRow]:
    """Return what is kept from erasure, latest first."""
    rows = LegalHold.objects.filter(lifted_at=None).select_related("reservation").order_by("-set_at", "pk")
    return [
        LegalHoldRow(
            row.reservation_id,
            row.reservation.reference,
            row.reservation.starts_at,
            row.reason,
            row.set_at,
            row.set_by,
        )
        for row in rows
    ]


def _row(row: ErasureOrder) -> ErasureOrderRow:
    return ErasureOrderRow(
        id=row.id,
        reason=row.reason,
        reason_name=row.get_reason_display(),
        until=row.until,
        instruction=Instruction(row.document_number, row.document_on, row.instructed_by),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        counts=row.counts,
        ended_at=row.ended_at,
        number=row.number,
    )
