"""Find one's own booking: by number, birth date and telephone, or by a code from the mail (仕様書 4(3)ア)."""

import uuid
from datetime import date

from django.db import transaction

from madoguchi.accounts.scope import BY_OWN_SECRET
from madoguchi.audit.actor import CITIZEN
from madoguchi.common.errors import NotVisible
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.services import queue_mail
from madoguchi.rate_limits.services import hit_rate_limit, limit_failures
from madoguchi.reservations import access_codes
from madoguchi.reservations.locking import lock_reservation
from madoguchi.reservations.selectors import (
    has_phone_end,
    references_of,
    reservation_by_birth_date,
)
from madoguchi.workflows.booking.sessions import WINDOW_MINUTES

# Failures a household survives: several people, several typing errors, one address.
LOOK_UPS_PER_REFERENCE = 10


LOOK_UPS_PER_SOURCE = 60


CODES_PER_RESERVATION = 3


CODES_PER_SOURCE = 20


CODE_TRIES_PER_SOURCE = 60


# Of 10,000 possible values, to somebody who knows the reference and the birth date.
PHONE_ENDS_PER_RESERVATION, PHONE_END_MINUTES = 5, 60


def look_up(*, reference: str, birth_date: date, source: str) -> uuid.UUID:
    """Return the reservation of a reference and a birth date; it opens the masked view only.

    A wrong reference and a wrong birth date give the same answer. Raises NotVisible and TooManyTries.
    """
    hit_rate_limit(
        scope="look-up reference",
        source=reference,
        limit=LOOK_UPS_PER_REFERENCE,
        window_minutes=WINDOW_MINUTES,
    )
    hit_rate_limit(scope="look-up", source=source, limit=LOOK_UPS_PER_SOURCE, window_minutes=WINDOW_MINUTES)
    found = reservation_by_birth_date(reference=reference, birth_date=birth_date)
    if found is None:
        raise NotVisible
    return found


def confirm_person(*, reservation_id: uuid.UUID, birth_date: date, source: str) -> None:
    """Make sure that who opens a mailed link knows the birth date; limited as looking up is.

    Raises NotVisible and TooManyTries.
    """
    reference = references_of([reservation_id], scope=BY_OWN_SECRET).get(reservation_id, "")
    look_up(reference=reference, birth_date=birth_date, source=source)


def confirm_phone_end(*, reservation_id: uuid.UUID, digits: str, source: str) -> None:
    """Make sure that who has looked up a booking knows the last four digits of its telephone number.

    Failures are counted by booking and by address. Raises NotVisible and TooManyTries.
    """
    with (
        limit_failures(
            scope="phone end source",
            source=source,
            limit=LOOK_UPS_PER_SOURCE,
            window_minutes=WINDOW_MINUTES,
        ),
        limit_failures(
            scope="phone end",
            source=str(reservation_id),
            limit=PHONE_ENDS_PER_RESERVATION,
            window_minutes=PHONE_END_MINUTES,
        ),
    ):
        if not has_phone_end(reservation_id, digits):
            raise NotVisible


def send_access_code(*, reservation_id: uuid.UUID, source: str) -> None:
    """Mail a code to the registered address, which opens the whole reservation.

    Raises TooManyTries, and NotVisible when there is no address.
    """
    hit_rate_limit(
        scope="code", source=str(reservation_id), limit=CODES_PER_RESERVATION, window_minutes=WINDOW_MINUTES
    )
    hit_rate_limit(scope="code source", source=source, limit=CODES_PER_SOURCE, window_minutes=WINDOW_MINUTES)
    with transaction.atomic(durable=True):
        reservation = lock_reservation(reservation_id)
        if not reservation.has_email:
            raise NotVisible
        expires_at = access_codes.make_access_code(reservation=reservation, actor=CITIZEN)
        queue_mail(kind=MailKind.ACCESS_CODE, target=str(reservation_id), occasion=expires_at.isoformat())


def use_access_code(*, reservation_id: uuid.UUID, code: str, source: str) -> None:
    """Check the code from the mail, which works once and for few tries.

    Raises CodeRefused and TooManyTries.
    """
    hit_rate_limit(
        scope="code tries", source=source, limit=CODE_TRIES_PER_SOURCE, window_minutes=WINDOW_MINUTES
    )
    access_codes.use_access_code(reservation_id=reservation_id, code=code, actor=CITIZEN)
