"""Attempts to book: a sealed draft under a random token, and for some minutes the seats chosen."""

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from psycopg import Cursor

from madoguchi.common import clock
from madoguchi.common.errors import ContentChanged
from madoguchi.common.statements import execute_prepared, pipelined
from madoguchi.common.unreadable import Unreadable
from madoguchi.reservations.availability import Run, runs_within
from madoguchi.reservations.errors import HoldExpired, NoMoreExtensions
from madoguchi.reservations.models import Hold
from madoguchi.reservations.seats import release_holds, take_seats, try_seats
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import index_hash, new_key, seal, unseal_to_show
from madoguchi.sealing.shown import shown

TABLE = "reservations_hold"
# Every page of an attempt asks these two.
FIND = """SELECT hold.id, hold.draft, hold.held_until, hold.extensions, hold.reservation_id,
                 hold.booked_as,                 key.id, key.ring_key, key.wrapped
            FROM reservations_hold AS hold JOIN sealing_personkey AS key ON key.id = hold.key_id
           WHERE hold.token_hash = %s"""
# By key, as everybody locks seats: two who want the same never wait for each other.
SEATS = """SELECT slot.id, slot.office_id, slot.starts_at
             FROM reservations_hold AS hold JOIN reservations_seat AS seat ON seat.hold_id = hold.id
                  JOIN offices_slot AS slot ON slot.id = seat.slot_id
            WHERE hold.token_hash = %s ORDER BY slot.id, seat.seat_no"""


@dataclass(frozen=True, slots=True)
class HoldRow:
    """An attempt as pages see it.

    `slot_ids` and their `times` are in order, a slot once for each of its seats; empty until one was chosen.
    """

    id: uuid.UUID
    draft: Mapping[str, object]
    held_until: datetime | None
    extensions: int
    slot_ids: tuple[int, ...]
    times: tuple[datetime, ...]
    office: str
    starts_at: datetime | None
    reservation: uuid.UUID | None
    booked_as: str

    @property
    def is_live(self) -> bool:
        """Tell whether the seats are still this attempt's alone."""
        return self.held_until is not None and clock.now() < self.held_until

    @property
    def shown(self) -> str:
        """What a page shows that shows all of it: what was typed and the seats chosen, not until when."""
        return shown_hold(hold=self.id, draft=self.draft, office=self.office, slot_ids=self.slot_ids)


def shown_hold(*, hold: uuid.UUID, draft: Mapping[str, object], office: str, slot_ids: Sequence[int]) -> str:
    """Return the word for an attempt and the seats under it."""
    return shown("hold", str(hold), json.dumps(draft, sort_keys=True), office, tuple(slot_ids))


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
    """Return the attempt of a token, with its draft opened; `lock` keeps it and its seats from others.

    Raises HoldExpired when there is none, or what was typed can no longer be read.
    """
    if not token:
        raise HoldExpired
    with pipelined():
        asked = ask_hold(token, lock=lock)
    return read_hold(asked)


@dataclass(frozen=True, slots=True)
class AskedHold:
    """An attempt that was asked for; `read_hold` has the answer."""

    attempt: Cursor[Any]
    seats: Cursor[Any]


def ask_hold(token: str, *, lock: bool = True) -> AskedHold:
    """Ask for the attempt of a token, and lock it and its seats; for a pipeline."""
    ours = [index_hash("hold", token)]
    return AskedHold(
        execute_prepared(FIND + (" FOR UPDATE OF hold" if lock else ""), ours),
        execute_prepared(SEATS + (" FOR UPDATE OF seat" if lock else ""), ours),
    )


def read_hold(asked: AskedHold) -> HoldRow:
    """Return the attempt that `ask_hold` asked for. Raises HoldExpired as `find_hold` does."""
    found = asked.attempt.fetchone()
    if found is None:
        raise HoldExpired
    hold_id, sealed, held_until, extensions, reservation, booked_as, key_id, ring_key, wrapped = found
    key = PersonKey(id=key_id, ring_key=ring_key, wrapped=wrapped)
    seats = sorted(asked.seats.fetchall(), key=itemgetter(2))
    return HoldRow(
        id=hold_id,
        draft=_opened(key, hold_id, sealed),
        held_until=held_until,
        extensions=extensions,
        slot_ids=tuple(slot for slot, _, _ in seats),
        times=tuple(at for _, _, at in seats),
        office=seats[0][1] if seats else "",
        starts_at=seats[0][2] if seats else None,
        reservation=reservation,
        booked_as=booked_as,
    )


def held_runs(hold: HoldRow, *, lengths: Sequence[int], slot_minutes: int) -> list[Run] | None:
    """Return who comes when: the run of each person in the seats an attempt holds; None when they do not fit.

    The seats were taken by the same rule, so the runs are those that were offered. No seat may be left over.
    """
    if hold.starts_at is None or len(hold.slot_ids) != sum(lengths):
        return None
    seats = {at: (slot, hold.times.count(at)) for at, slot in zip(hold.times, hold.slot_ids, strict=True)}
    return runs_within(
        seats, office=hold.office, start=hold.starts_at, lengths=lengths, slot_minutes=slot_minutes
    )


@transaction.atomic
def save_draft(
    *, token: str, draft: Mapping[str, object], before: Mapping[str, object]
) -> Mapping[str, object]:
    """Keep what was typed so far, sealed, and return it as it is kept; `before` is what it was made from.

    Raises HoldExpired, and ContentChanged where another tab has typed since; its words are not lost then.
    """
    rows = Hold.objects.select_related("key").select_for_update(of=("self",))
    hold = rows.filter(token_hash=index_hash("hold", token)).first()
    # Booked since it was read: nothing that was typed may stay behind on it.
    if hold is None or hold.reservation_id:
        raise HoldExpired
    kept = _opened(hold.key, hold.id, bytes(hold.draft))
    wanted: Mapping[str, object] = json.loads(json.dumps(draft))
    if kept not in (before, wanted):
        raise ContentChanged
    Hold.objects.filter(pk=hold.pk).update(draft=_sealed(hold.key, hold.id, draft), used_at=clock.now())
    return wanted


def renew_token(*, token: str, new_token: str) -> None:
    """Give an attempt another token; the one before opens nothing any more. Without one nothing happens."""
    Hold.objects.filter(token_hash=index_hash("hold", token), reservation=None).update(
        token_hash=index_hash("hold", new_token), used_at=clock.now()
    )


def hold_run(*, hold: uuid.UUID, slot_ids: Sequence[int], minutes: int, any_hour: bool = False) -> datetime:
    """Put the seats of one or several runs under a locked attempt in place of those it had.

    Returns until when. `any_hour` also holds seats kept for the telephone.
    Raises SlotFull; then the seats it had are still its own, once the caller rolled back.
    """
    held_until = clock.now() + timedelta(minutes=minutes)
    with pipelined():
        # Let go first: a run that shares a slot with the one before must not end up with two of its seats.
        execute_prepared(
            "UPDATE reservations_seat SET hold_id = NULL, held_until = NULL WHERE hold_id = %s", [hold]
        )
        execute_prepared(
            "UPDATE reservations_hold SET held_until = %s, extensions = 0, used_at = %s WHERE id = %s",
            [held_until, clock.now(), hold],
        )
        execute_prepared("SAVEPOINT taking", [])
        taken = try_seats(slot_ids=slot_ids, hold=hold, held_until=held_until, any_hour=any_hour)
    if taken.rowcount != len(slot_ids):
        execute_prepared("ROLLBACK TO SAVEPOINT taking", [])
        take_seats(slot_ids=slot_ids, hold=hold, held_until=held_until, any_hour=any_hour)
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


def close_hold(*, hold: uuid.UUID, reservation: uuid.UUID, booked_as: str = "") -> None:
    """End an attempt that was booked: the draft is emptied, the answer stays for the same press again.

    For a pipeline.
    """
    execute_prepared(
        "UPDATE reservations_hold SET reservation_id = %s, booked_as = %s, draft = %s, held_until = NULL, "
        "used_at = %s WHERE id = %s",
        [reservation, booked_as, b"", clock.now(), hold],
    )


def end_hold(hold: HoldRow) -> None:
    """End a locked attempt that books nothing: its seats are free at once. One that was booked stays."""
    if hold.reservation is None:
        release_holds([hold.id])
        Hold.objects.filter(pk=hold.id).update(held_until=None, used_at=clock.now())


def begun(*, since: datetime, source: str = "") -> int:
    """Return how many attempts were begun since an instant, of one source where it is named."""
    rows = Hold.objects.filter(created_at__gte=since)
    # What was begun lately was used lately: there is an index for that.
    rows = (
        rows.filter(source_hash=index_hash("source", source)) if source else rows.filter(used_at__gte=since)
    )
    return rows.count()


@transaction.atomic
def purge_holds(*, now: datetime, unused_since: datetime) -> int:
    """Delete attempts nobody touched since an instant and return how many; drafts and keys go with them.

    One that is being used at this moment, or whose time still runs, is left alone.
    """
    stale = Hold.objects.filter(used_at__lt=unused_since, wait=None).exclude(held_until__gt=now)
    gone = dict(stale.select_for_update(of=("self",), skip_locked=True).values_list("pk", "key_id")[:1000])
    release_holds(gone)
    Hold.objects.filter(pk__in=list(gone)).delete()
    PersonKey.objects.filter(pk__in=list(gone.values())).delete()
    return len(gone)


def _opened(key: PersonKey, row: uuid.UUID, sealed: bytes) -> dict[str, Any]:
    draft = unseal_to_show(key, TABLE, row, "draft", sealed)
    if isinstance(draft, Unreadable):
        raise HoldExpired
    opened: dict[str, Any] = json.loads(draft or "{}")
    return opened


def _sealed(key: PersonKey, row: uuid.UUID, draft: Mapping[str, object]) -> bytes:
    return seal(key, TABLE, row, "draft", json.dumps(draft, ensure_ascii=False))
