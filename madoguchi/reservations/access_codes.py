"""Access codes mailed to the registered address; a code unlocks the whole reservation (仕様書 4(3)ア)."""

import secrets
import uuid
from datetime import datetime, timedelta

from django.db import transaction

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.errors import CodeRefused
from madoguchi.reservations.locking import LockedReservation
from madoguchi.reservations.models import AccessCode
from madoguchi.reservations.people import open_access_code, seal_access_code
from madoguchi.sealing.models import PersonKey

CODE_MINUTES = 15
CODE_TRIES = 5


def make_access_code(*, reservation: LockedReservation, actor: Actor) -> datetime:
    """Set a new six-digit access code on a locked reservation and return its expiry."""
    expires_at = clock.now() + timedelta(minutes=CODE_MINUTES)
    code = f"{secrets.randbelow(10**6):06d}"
    key = PersonKey.objects.get(pk=reservation.key)
    AccessCode.objects.update_or_create(
        reservation_id=reservation.id,
        defaults={
            "code": seal_access_code(key, reservation.id, code),
            "expires_at": expires_at,
            "tries": 0,
        },
    )
    record(action=ReservationAction.CODE_SENT, actor=actor, target=f"reservation:{reservation.id}")
    return expires_at


def use_access_code(*, reservation_id: uuid.UUID, code: str, actor: Actor) -> None:
    """Check the code from the mail, which works once. A wrong one is counted in a transaction of its own.

    Raises CodeRefused.
    """
    with transaction.atomic():
        row = (
            AccessCode.objects.select_for_update(of=("self",))
            .select_related("reservation__applicant__key")
            .filter(reservation=reservation_id)
            .first()
        )
        if row is None:
            raise CodeRefused
        is_right = row.tries < CODE_TRIES and clock.now() <= row.expires_at and _is_the_code(row, code)
        if is_right:
            row.delete()
            record(action=ReservationAction.CODE_USED, actor=actor, target=f"reservation:{reservation_id}")
        elif row.tries < CODE_TRIES:
            row.tries += 1
            row.save(update_fields=["tries"])
    if not is_right:
        raise CodeRefused


def _is_the_code(row: AccessCode, code: str) -> bool:
    try:
        return secrets.compare_digest(open_access_code(row), code)
    except ValueUnreadable:
        return False  # as a wrong one: a fresh code is asked for
