"""Attempts to book: a sealed draft under a random token, and for some minutes the seats chosen."""

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from madoguchi.common import clock
from madoguchi.reservations.errors import HoldExpired, NoMoreExtensions
from madoguchi.reservations.models import Hold, Reservation
from madoguchi.reservations.seats import release_hold, take_seats
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import index_hash, new_key, seal, unseal

TABLE = "reservations_hold"


@dataclass(frozen=True, slots=True)
class HoldRow:
    """An attempt as pages see it. `slot_ids` is empty until a time was chosen."""

    id: uuid.UUID
    draft: Mapping[str, object]
    held_until: datetime | None
    extensions: int
    slot_ids: tuple[int, ...]
    office: str
    starts_at: datetime | None
    reservation: Reservation | None

    @property
    def is_live(self) -> bool:
        """Tell whether the seats are still this attempt's alone."""
        return self.held_until is not None and clock.now() < self.held_until


def open_hold(*, source: str, draft: Mapping[str, object]) -> str:
    """Begin an attempt and return its token, which only the browser keeps."""
    token, row, now = secrets.token_urlsafe(24), uuid.uuid4(), clock.now()
    key = new_key()
    key.save(force_insert=True)
    Hold(
        id=row,
        token_hash=index_hash("hold", token),
        key=key,
        draft=_sealed(key, row, draft),
        source_hash=index_hash("source", source),
        created_at=now,
        used_at=now,
    ).save(force_insert=True)
    return token


def find_hold(token: str, *, lock: bool = False) -> HoldRow:
    """Return the attempt of a token, with its draft opened. Raises HoldExpired when there is none."""
    query = Hold.objects.select_related("key")
    if lock:
        query = query.select_for_update(of=("self",))
    hold = query.filter(token_hash=index_hash("hold", token)).first() if token else None
    if hold is None:
        raise HoldExpired
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slot.id, slot.office_id, slot.starts_at FROM reservations_seat AS seat "
            "JOIN offices_slot AS slot ON slot.id = seat.slot_id "
            "WHERE seat.hold_id = %s ORDER BY slot.starts_at",
            [hold.id],
        )
        seats = cursor.fetchall()
    draft = json.loads(unseal(hold.key, TABLE, hold.id, "draft", hold.draft) or "{}")
    return HoldRow(
        id=hold.id,
        draft=draft,
        held_until=hold.held_until,
        extensions=hold.extensions,
        slot_ids=tuple(row[0] for row in seats),
        office=seats[0][1] if seats else "",
        starts_at=seats[0][2] if seats else None,
        reservation=(
            Reservation.objects.select_related("applicant__key").get(pk=hold.reservation_id)
            if hold.reservation_id
            else None
        ),
    )


def save_draft(*, token: str, draft: Mapping[str, object]) -> None:
    """Keep what was typed so far, sealed. Raises HoldExpired."""
    hold = Hold.objects.select_related("key").filter(token_hash=index_hash("hold", token)).first()
    if hold is None or hold.reservation_id:
        raise HoldExpired
    Hold.objects.filter(pk=hold.pk).update(draft=_sealed(hold.key, hold.id, draft), used_at=clock.now())


def hold_run(*, hold: uuid.UUID, slot_ids: Sequence[int], minutes: int) -> datetime:
    """Put the seats of a run under an attempt in place of those it had, and return until when.

    Raises SlotFull; then the seats it had are still its own, once the caller rolled back.
    """
    held_until = clock.now() + timedelta(minutes=minutes)
    take_seats(slot_ids=slot_ids, hold=hold, held_until=held_until)
    release_hold(hold=hold, keep=slot_ids)
    Hold.objects.filter(pk=hold).update(held_until=held_until, extensions=0, used_at=clock.now())
    return held_until


def extend_hold(*, hold: HoldRow, minutes: int, most: int) -> datetime:
    """Give an attempt its full time again, as often as the rules allow, and return until when.

    Raises NoMoreExtensions, and HoldExpired once its time ran out.
    """
    if not hold.is_live:
        raise HoldExpired
    if hold.extensions >= most:
        raise NoMoreExtensions
    held_until = clock.now() + timedelta(minutes=minutes)
    Hold.objects.filter(pk=hold.id).update(
        held_until=held_until, extensions=hold.extensions + 1, used_at=clock.now()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reservations_seat SET held_until = %s WHERE hold_id = %s", [held_until, hold.id]
        )
    return held_until


def close_hold(*, hold: uuid.UUID, reservation: uuid.UUID) -> None:
    """End an attempt that was booked: the draft is emptied, the answer stays for the second press."""
    Hold.objects.filter(pk=hold).update(
        reservation=reservation, draft=b"", held_until=None, used_at=clock.now()
    )


def drop_hold(*, token: str) -> None:
    """End an attempt that the citizen gave up; its seats are free at once."""
    hold = Hold.objects.filter(token_hash=index_hash("hold", token), reservation=None).first()
    if hold is not None:
        _delete([hold.pk])


def purge_holds(*, unused_since: datetime) -> int:
    """Delete attempts nobody touched since an instant, their drafts and keys with them."""
    stale = list(Hold.objects.filter(used_at__lt=unused_since).values_list("pk", flat=True)[:1000])
    _delete(stale)
    return len(stale)


def _delete(holds: Sequence[uuid.UUID]) -> None:
    for hold in holds:
        release_hold(hold=hold)
    keys = list(Hold.objects.filter(pk__in=list(holds)).values_list("key_id", flat=True))
    Hold.objects.filter(pk__in=list(holds)).delete()
    PersonKey.objects.filter(pk__in=keys).delete()


def _sealed(key: PersonKey, row: uuid.UUID, draft: Mapping[str, object]) -> bytes:
    return seal(key, TABLE, row, "draft", json.dumps(draft, ensure_ascii=False))
