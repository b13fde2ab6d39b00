"""Submissions make booking idempotent: a repeated request gets the first answer (仕様書 4(3)ア)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Cursor

from madoguchi.common import clock
from madoguchi.common.statements import execute_prepared
from madoguchi.reservations.errors import IdempotencyMismatch
from madoguchi.reservations.models import Reservation, Submission
from madoguchi.reservations.people import open_link_token
from madoguchi.sealing.services import index_hash


@dataclass(frozen=True, slots=True)
class Created:
    """The answer to a booking: reference, token of the secret link, office and time."""

    id: uuid.UUID
    reference: str
    link_token: str
    office: str
    starts_at: datetime
    # As of `ReservationRow`.
    occupied_minutes: int


@dataclass(frozen=True, slots=True)
class SentSubmission:
    """A request that was written down, or was there before: `answer_before` tells."""

    scope: str
    key_hash: bytes
    fingerprint: bytes
    written: Cursor[Any]


def remember_submission(
    *, scope: str, key: str, fingerprint: str, reservation_id: uuid.UUID
) -> SentSubmission:
    """Store the reservation of a request, so that a repeated request gets the same answer; for a pipeline.

    Waits for the same request still under way.
    """
    key_hash, print_hash = index_hash("submission", key), index_hash("fingerprint", fingerprint)
    written = execute_prepared(
        "INSERT INTO reservations_submission (scope, key_hash, fingerprint, created_at, reservation_id) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (scope, key_hash) DO NOTHING",
        [scope, key_hash, print_hash, clock.now(), reservation_id],
    )
    return SentSubmission(scope, key_hash, print_hash, written)


def answer_before(sent: SentSubmission) -> Created | None:
    """Return the answer that was given to a request before, None the first time.

    Raises IdempotencyMismatch when the key came before with another content.
    """
    if sent.written.rowcount:
        return None
    before = Submission.objects.select_related("reservation__applicant__key").get(
        scope=sent.scope, key_hash=sent.key_hash
    )
    if bytes(before.fingerprint) != sent.fingerprint:
        raise IdempotencyMismatch
    return _created_before(before.reservation)


def created_together(reservation_id: uuid.UUID) -> list[Created]:
    """Return the answer to the request that made this reservation: all reservations of it, in order."""
    made = Reservation.objects.select_related("applicant__key")
    first = made.get(pk=reservation_id)
    if first.party is None:
        return [_created_before(first)]
    together = made.filter(party=first.party, booked_at=first.booked_at)
    return [_created_before(row) for row in together.order_by("pk")]


def _created_before(reservation: Reservation) -> Created:
    """Return the answer that was given when this reservation was made."""
    return Created(
        id=reservation.id,
        reference=reservation.reference,
        link_token=open_link_token(reservation.applicant),
        office=reservation.office_id,
        starts_at=reservation.starts_at,
        occupied_minutes=reservation.minutes,
    )
