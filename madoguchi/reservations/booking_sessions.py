"""Booking sessions: what was typed, sealed, under a random token, and for some minutes the seats chosen."""

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
from madoguchi.reservations.models import BookingSession
from madoguchi.reservations.seats import release_holds, take_seats, try_seats
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import index_hash, new_key, seal, unseal_to_show
from madoguchi.sealing.shown import shown

TABLE = "reservations_bookingsession"
# Every page of a session asks these two.
FIND = """SELECT session.id, session.form_data, session.held_until, session.extensions,
                 session.reservation_id, session.booked_as, key.id, key.ring_key, key.wrapped
            FROM reservations_bookingsession AS session
                 JOIN sealing_personkey AS key ON key.id = session.key_id
           WHERE session.token_hash = %s"""
# By key, as everybody locks seats: two who want the same never wait for each other.
SEATS = """SELECT slot.id, slot.office_id, slot.starts_at
             FROM reservations_bookingsession AS session
                  JOIN reservations_seat AS seat ON seat.session_id = session.id
                  JOIN offices_slot AS slot ON slot.id = seat.slot_id
            WHERE session.token_hash = %s ORDER BY slot.id, seat.seat_no"""


@dataclass(frozen=True, slots=True)
class BookingSessionRow:
    """A booking session as pages see it.

    `slot_ids` and their `times` are in order, a slot once for each of its seats; empty until one was chosen.
    """

    id: uuid.UUID
    form_data: Mapping[str, object]
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
        """Tell whether the seats are still this session's alone."""
        return self.held_until is not None and clock.now() < self.held_until

    @property
    def shown(self) -> str:
        """What a page shows that shows all of it: what was typed and the seats chosen, not until when."""
        return shown_session(
            session=self.id, form_data=self.form_data, office=self.office, slot_ids=self.slot_ids
        )


def shown_session(
    *, session: uuid.UUID, form_data: Mapping[str, object], office: str, slot_ids: Sequence[int]
) -> str:
    """Return what a page shows of a session: what was typed and the seats it holds."""
    # "hold" is a stored code, as in `token_hash`: pages may be open while the software is renewed.
    return shown("hold", str(session), json.dumps(form_data, sort_keys=True), office, tuple(slot_ids))


def token_hash(token: str) -> bytes:
    """Return the hash under which a session is kept; "hold" is a stored code."""
    return index_hash("hold", token)


def start_session(*, source: str, form_data: Mapping[str, object], token: str = "") -> str:
    """Begin a session and return its token, which only the browser keeps.

    A `token` that is given must be as hard to guess; the caller can find the session again without a browser.
    """
    token, row, now = token or secrets.token_urlsafe(24), uuid.uuid4(), clock.now()
    key = new_key()
    key.save(force_insert=True)
    BookingSession(
        id=row,
        token_hash=token_hash(token),
        key=key,
        form_data=_sealed(key, row, form_data),
        source_hash=index_hash("source", source),
        created_at=now,
        used_at=now,
    ).save(force_insert=True)
    return token


def find_session(token: str, *, lock: bool = False) -> BookingSessionRow:
    """Return the session of a token, with what was typed opened; `lock` keeps it and its seats from others.

    Raises HoldExpired when there is none, or what was typed can no longer be read.
    """
    if not token:
        raise HoldExpired
    with pipelined():
        asked = ask_session(token, lock=lock)
    return read_session(asked)


@dataclass(frozen=True, slots=True)
class AskedSession:
    """A session that was asked for; `read_session` has the answer."""

    session: Cursor[Any]
    seats: Cursor[Any]


def ask_session(token: str, *, lock: bool = True) -> AskedSession:
    """Ask for the session of a token, and lock it and its seats; for a pipeline."""
    ours = [token_hash(token)]
    return AskedSession(
        execute_prepared(FIND + (" FOR UPDATE OF session" if lock else ""), ours),
        execute_prepared(SEATS + (" FOR UPDATE OF seat" if lock else ""), ours),
    )


def read_session(asked: AskedSession) -> BookingSessionRow:
    """Return the session that `ask_session` asked for. Raises HoldExpired as `find_session` does."""
    found = asked.session.fetchone()
    if found is None:
        raise HoldExpired
    session_id, sealed, held_until, extensions, reservation, booked_as, key_id, ring_key, wrapped = found
    key = PersonKey(id=key_id, ring_key=ring_key, wrapped=wrapped)
    seats = sorted(asked.seats.fetchall(), key=itemgetter(2))
    return BookingSessionRow(
        id=session_id,
        form_data=_opened(key, session_id, sealed),
        held_until=held_until,
        extensions=extensions,
        slot_ids=tuple(slot for slot, _, _ in seats),
        times=tuple(at for _, _, at in seats),
        office=seats[0][1] if seats else "",
        starts_at=seats[0][2] if seats else None,
        reservation=reservation,
        booked_as=booked_as,
    )


def booked_by(session: uuid.UUID) -> uuid.UUID | None:
    """Return the reservation that a session was booked as, None while it is not."""
    return BookingSession.objects.filter(pk=session).values_list("reservation", flat=True).first()


def held_runs(
    session: BookingSessionRow, *, slot_counts: Sequence[int], slot_minutes: int
) -> list[Run] | None:
    """Return who comes when: the run of each person in the seats a session holds; None when they do not fit.

    The seats were taken by the same rule, so the runs are those that were offered. No seat may be left over.
    """
    if session.starts_at is None or len(session.slot_ids) != sum(slot_counts):
        return None
    seats = {
        at: (slot, session.times.count(at)) for at, slot in zip(session.times, session.slot_ids, strict=True)
    }
    return runs_within(
        seats,
        office=session.office,
        start=session.starts_at,
        slot_counts=slot_counts,
        slot_minutes=slot_minutes,
    )


@transaction.atomic
def save_form_data(
    *, token: str, form_data: Mapping[str, object], before: Mapping[str, object]
) -> Mapping[str, object]:
    """Keep what was typed so far, sealed, and return it as it is kept; `before` is what it was made from.

    Raises HoldExpired, and ContentChanged where another tab has typed since; its words are not lost then.
    """
    rows = BookingSession.objects.select_related("key").select_for_update(of=("self",))
    session = rows.filter(token_hash=token_hash(token)).first()
    # Booked since it was read: nothing that was typed may stay behind on it.
    if session is None or session.reservation_id:
        raise HoldExpired
    kept = _opened(session.key, session.id, bytes(session.form_data))
    wanted: Mapping[str, object] = json.loads(json.dumps(form_data))
    if kept not in (before, wanted):
        raise ContentChanged
    BookingSession.objects.filter(pk=session.pk).update(
        form_data=_sealed(session.key, session.id, form_data), used_at=clock.now()
    )
    return wanted


def renew_token(*, token: str, new_token: str) -> None:
    """Give a session another token; the one before opens nothing any more. Without one nothing happens."""
    BookingSession.objects.filter(token_hash=token_hash(token), reservation=None).update(
        token_hash=token_hash(new_token), used_at=clock.now()
    )


def hold_run(
    *, session: uuid.UUID, slot_ids: Sequence[int], hold_minutes: int, any_hour: bool = False
) -> datetime:
    """Put the seats of one or several runs under a locked session in place of those it had.

    Returns until when. `any_hour` also holds seats kept for the telephone.
    Raises SlotFull; then the seats it had are still its own, once the caller rolled back.
    """
    held_until = clock.now() + timedelta(minutes=hold_minutes)
    with pipelined():
        # Let go first: a run that shares a slot with the one before must not end up with two of its seats.
        execute_prepared(
            "UPDATE reservations_seat SET session_id = NULL, held_until = NULL WHERE session_id = %s",
            [session],
        )
        execute_prepared(
            "UPDATE reservations_bookingsession SET held_until = %s, extensions = 0, used_at = %s "
            "WHERE id = %s",
            [held_until, clock.now(), session],
        )
        execute_prepared("SAVEPOINT taking", [])
        taken = try_seats(slot_ids=slot_ids, session=session, held_until=held_until, any_hour=any_hour)
    if taken.rowcount != len(slot_ids):
        execute_prepared("ROLLBACK TO SAVEPOINT taking", [])
        take_seats(slot_ids=slot_ids, session=session, held_until=held_until, any_hour=any_hour)
    return held_until


def extend_hold(
    *, session: BookingSessionRow, hold_minutes: int, max_extensions: int, extensions: int
) -> datetime:
    """Add the minutes to the end of a hold, as often as the rules allow, and return until when.

    `extensions` is how often it had been done on the page that was pressed: pressed twice it is done once.
    Raises NoMoreExtensions, and HoldExpired once its time ran out.
    """
    if session.held_until is None or not session.is_live:
        raise HoldExpired
    if session.extensions > extensions:
        return session.held_until
    if session.extensions >= max_extensions:
        raise NoMoreExtensions
    held_until = session.held_until + timedelta(minutes=hold_minutes)
    BookingSession.objects.filter(pk=session.id).update(
        held_until=held_until, extensions=session.extensions + 1, used_at=clock.now()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reservations_seat SET held_until = %s WHERE session_id = %s", [held_until, session.id]
        )
    return held_until


def close_session(*, session: uuid.UUID, reservation: uuid.UUID, booked_as: str = "") -> None:
    """End a session that was booked: what was typed is emptied, the answer stays for the same press again.

    For a pipeline.
    """
    execute_prepared(
        "UPDATE reservations_bookingsession SET reservation_id = %s, booked_as = %s, form_data = %s, "
        "held_until = NULL, used_at = %s WHERE id = %s",
        [reservation, booked_as, b"", clock.now(), session],
    )


def end_hold(session: BookingSessionRow) -> None:
    """End the hold of a locked session that books nothing: its seats are free at once; booked, they stay."""
    if session.reservation is None:
        release_holds([session.id])
        BookingSession.objects.filter(pk=session.id).update(held_until=None, used_at=clock.now())


@transaction.atomic
def discard_session(*, token: str) -> None:
    """Delete a session that books nothing, with what was typed and its key. Without one nothing happens."""
    session = BookingSession.objects.select_for_update().filter(token_hash=token_hash(token)).first()
    if session and session.reservation_id is None:
        release_holds([session.pk])
        session.delete()
        PersonKey.objects.filter(pk=session.key_id).delete()


def count_begun(*, since: datetime, source: str = "") -> int:
    """Return how many sessions were begun since an instant, of one source where it is named."""
    rows = BookingSession.objects.filter(created_at__gte=since)
    # What was begun lately was used lately: there is an index for that.
    rows = (
        rows.filter(source_hash=index_hash("source", source)) if source else rows.filter(used_at__gte=since)
    )
    return rows.count()


@transaction.atomic
def purge_sessions(*, now: datetime, unused_since: datetime) -> int:
    """Delete sessions nobody touched since an instant, with what was typed and keys; return how many.

    One that is being used at this moment, or whose time still runs, is left alone.
    """
    stale = BookingSession.objects.filter(used_at__lt=unused_since, wait=None).exclude(held_until__gt=now)
    gone = dict(stale.select_for_update(of=("self",), skip_locked=True).values_list("pk", "key_id")[:1000])
    release_holds(gone)
    BookingSession.objects.filter(pk__in=list(gone)).delete()
    PersonKey.objects.filter(pk__in=list(gone.values())).delete()
    return len(gone)


def _opened(key: PersonKey, row: uuid.UUID, sealed: bytes) -> dict[str, Any]:
    form_data = unseal_to_show(key, TABLE, row, "form_data", sealed)
    if isinstance(form_data, Unreadable):
        raise HoldExpired
    opened: dict[str, Any] = json.loads(form_data or "{}")
    return opened


def _sealed(key: PersonKey, row: uuid.UUID, form_data: Mapping[str, object]) -> bytes:
    return seal(key, TABLE, row, "form_data", json.dumps(form_data, ensure_ascii=False))
