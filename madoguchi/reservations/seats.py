"""Take and release seats (仕様書 4(3)ア; docs/adr/0003-seats-are-rows.md).

Scarcity rule: whatever makes seats fewer goes through `take_seats` or `fit_seats`; whoever frees seats locks
them first, by key, so that two never wait for each other.
Lock order: `offices.services.lock_offering` (changes of what is offered only), slot rows (these and the slow
pass only), seat rows by key, other rows, audit entry.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg import Cursor
from psycopg.errors import LockNotAvailable

from madoguchi.common import clock
from madoguchi.common.statements import execute_prepared
from madoguchi.reservations.errors import SlotFull

# Web hour of a seat that is not kept for the telephone.
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
# Staff may take a seat before its web hour.
ANY_HOUR = datetime(9999, 1, 1, tzinfo=UTC)
LOCK_TIMEOUT = "300ms"

FREE_NOW = """seat.reservation_id IS NULL AND NOT seat.is_withdrawn AND seat.web_from <= %(web_hour)s
          AND (seat.session_id IS NULL OR seat.held_until <= %(now)s OR seat.session_id = %(session)s)"""

# Telephone callers get the seats kept for them first, so that web seats stay on the web.
# Materialised: a plan that looked for the free seat once for each seat of the table would take several.
TAKE = """
    WITH free AS MATERIALIZED (
        SELECT lowest.slot_id, lowest.seat_no
          FROM unnest(%(slots)s::bigint[], %(seats)s::int[]) AS run(slot_id, seats)
         CROSS JOIN LATERAL (
            SELECT seat.slot_id, seat.seat_no FROM reservations_seat AS seat
             WHERE seat.slot_id = run.slot_id AND {free_now}
             ORDER BY {order}
             LIMIT run.seats FOR UPDATE {skip_locked}) AS lowest)
    UPDATE reservations_seat AS mine
       SET reservation_id = %(reservation)s, session_id = {new_session}, held_until = %(held_until)s
      FROM free WHERE mine.slot_id = free.slot_id AND mine.seat_no = free.seat_no
    RETURNING mine.slot_id"""


def take_seats(
    *,
    slot_ids: Sequence[int],
    session: uuid.UUID | None = None,
    held_until: datetime | None = None,
    reservation: uuid.UUID | None = None,
    any_hour: bool = False,
) -> None:
    """Take one seat of every slot for a session or a reservation, or none at all; of a slot named twice, two.

    Runs inside the caller's transaction. Seats already under the caller's own session count as free.
    `any_hour` also takes seats kept for the telephone. Raises SlotFull; then nothing was taken.
    """
    wanted = Counter(slot_ids)
    slots = sorted(wanted)
    values = _wanted(
        slot_ids, session=session, held_until=held_until, reservation=reservation, any_hour=any_hour
    )
    if _take(values, holds=reservation is None, any_hour=any_hour, wait=False):
        return
    # Short: either full, or others are at the seats this very moment. Only the second is worth waiting for.
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT seat.slot_id, count(*) FROM reservations_seat AS seat "  # noqa: S608 - own words
            f"WHERE seat.slot_id = ANY(%(slots)s) AND {FREE_NOW} GROUP BY seat.slot_id",
            values,
        )
        if wanted - Counter(dict(cursor.fetchall())):
            raise SlotFull
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            cursor.execute("SELECT 1 FROM offices_slot WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [slots])
            taken = _take(values, holds=reservation is None, any_hour=any_hour, wait=True)
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        # A lost connection is no full house.
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise SlotFull from error
    if not taken:
        raise SlotFull


def _wanted(
    slot_ids: Sequence[int],
    *,
    session: uuid.UUID | None,
    held_until: datetime | None,
    reservation: uuid.UUID | None,
    any_hour: bool,
) -> dict[str, Any]:
    wanted = Counter(slot_ids)
    slots = sorted(wanted)
    return {
        "slots": slots,
        "seats": [wanted[slot] for slot in slots],
        "now": clock.now(),
        "web_hour": ANY_HOUR if any_hour else clock.now(),
        "session": session,
        "held_until": held_until,
        "reservation": reservation,
    }


def try_seats(
    *,
    slot_ids: Sequence[int],
    session: uuid.UUID | None = None,
    held_until: datetime | None = None,
    reservation: uuid.UUID | None = None,
    any_hour: bool = False,
) -> Cursor[Any]:
    """Take what is free of the seats that `take_seats` takes, without waiting for anybody; for a pipeline.

    Where the rows of the cursor are fewer than the slots, the caller goes back to a savepoint before it and
    calls `take_seats`.
    """
    values = _wanted(
        slot_ids, session=session, held_until=held_until, reservation=reservation, any_hour=any_hour
    )
    statement = _take_statement(holds=reservation is None, any_hour=any_hour, wait=False)
    return execute_prepared(statement, values)


def _take_statement(*, holds: bool, any_hour: bool, wait: bool) -> str:
    return TAKE.format(
        free_now=FREE_NOW,
        new_session="%(session)s" if holds else "NULL",
        order="seat.web_from DESC, seat.seat_no" if any_hour else "seat.seat_no",
        skip_locked="" if wait else "SKIP LOCKED",
    )


def _take(values: dict[str, Any], *, holds: bool, any_hour: bool, wait: bool) -> bool:
    """Run the one UPDATE; undo it and return False when it found fewer seats than slots."""
    statement = _take_statement(holds=holds, any_hour=any_hour, wait=wait)
    wanted: int = sum(values["seats"])
    if wanted == 1:
        return execute_prepared(statement, values).rowcount == 1
    savepoint = transaction.savepoint()
    complete = execute_prepared(statement, values).rowcount == wanted
    if complete:
        transaction.savepoint_commit(savepoint)
    else:
        transaction.savepoint_rollback(savepoint)
    return complete


def book_held_seats(*, session: uuid.UUID, reservation: uuid.UUID, slot_ids: Sequence[int]) -> Cursor[Any]:
    """Turn one seat that a session holds in every slot into a seat of a reservation; for a pipeline.

    A hold whose time ran out still counts while nobody took its seats. Where the rows of the cursor are fewer
    than the slots, a seat was taken by somebody else or withdrawn, and the caller raises SlotFull.
    """
    return execute_prepared(
        "WITH mine AS (SELECT DISTINCT ON (slot_id) slot_id, seat_no FROM reservations_seat "
        "WHERE session_id = %s AND slot_id = ANY(%s) AND reservation_id IS NULL AND NOT is_withdrawn "
        "ORDER BY slot_id, seat_no) "
        "UPDATE reservations_seat AS seat SET reservation_id = %s, session_id = NULL, held_until = NULL "
        "FROM mine WHERE (seat.slot_id, seat.seat_no) = (mine.slot_id, mine.seat_no)",
        [session, list(slot_ids), reservation],
    )


def release_holds(sessions: Iterable[uuid.UUID]) -> None:
    """Free the seats that sessions hold."""
    ended = list(sessions)
    _lock_seats("session_id", ended)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reservations_seat SET session_id = NULL, held_until = NULL WHERE session_id = ANY(%s)",
            [ended],
        )


def release_reservation(*, reservation: uuid.UUID, keep: Sequence[int] = ()) -> None:
    """Free the seats of a reservation, but for those of the slots to keep.

    Where somebody sits on a withdrawn seat of the same slot, the freed place is theirs: it is offered to
    nobody else, or the slot would be over the capacity it was lowered to.
    """
    _lock_seats("reservation_id", [reservation])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reservations_seat SET reservation_id = NULL "
            "WHERE reservation_id = %s AND NOT slot_id = ANY(%s) RETURNING slot_id, seat_no, is_withdrawn",
            [reservation, list(keep)],
        )
        freed = [(slot, seat_no) for slot, seat_no, is_withdrawn in cursor.fetchall() if not is_withdrawn]
        for slot, seat_no in sorted(freed):
            cursor.execute(
                "SELECT seat_no FROM reservations_seat WHERE slot_id = %s AND is_withdrawn "
                "AND reservation_id IS NOT NULL ORDER BY seat_no LIMIT 1 FOR UPDATE",
                [slot],
            )
            if surplus := cursor.fetchone():
                cursor.execute(
                    "UPDATE reservations_seat SET is_withdrawn = (seat_no = %s) "
                    "WHERE slot_id = %s AND seat_no = ANY(%s)",
                    [seat_no, slot, [seat_no, surplus[0]]],
                )


def move_seats(*, reservation: uuid.UUID, slot_ids: Sequence[int], any_hour: bool) -> None:
    """Move a reservation to other slots: keep shared seats, take the new ones, then free the old ones.

    Raises SlotFull; then the old seats are untouched.
    """
    had = _lock_seats("reservation_id", [reservation])
    missing = [slot for slot in slot_ids if slot not in had]
    if missing:
        take_seats(slot_ids=missing, reservation=reservation, any_hour=any_hour)
    release_reservation(reservation=reservation, keep=slot_ids)


def _lock_seats(column: str, owners: list[uuid.UUID]) -> set[int]:
    """Lock the seats of sessions or reservations and return their slots; by key, as `fit_seats` does."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT slot_id FROM reservations_seat WHERE {column} = ANY(%s) "  # noqa: S608 - own words
            "ORDER BY slot_id, seat_no FOR UPDATE",
            [owners],
        )
        return {row[0] for row in cursor.fetchall()}


def fit_seats(*, slot_ids: Sequence[int]) -> list[uuid.UUID]:
    """Make the seats of slots match their capacity, and return the reservations that no longer fit.

    Free seats come and go; a seat with a person on it stays and is marked withdrawn when it is one too
    many, so that it is offered to nobody once it is free. Waits for whoever is at these slots.
    """
    slots = sorted(set(slot_ids))
    if not slots:
        return []
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM offices_slot WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [slots])
        cursor.execute(
            "SELECT 1 FROM reservations_seat WHERE slot_id = ANY(%s) ORDER BY slot_id, seat_no FOR UPDATE",
            [slots],
        )
        cursor.execute(
            """
            WITH taken AS (
                SELECT seat.slot_id, seat.seat_no,
                       row_number() OVER (PARTITION BY seat.slot_id ORDER BY
                                          (seat.reservation_id IS NULL), seat.seat_no) > slot.capacity
                       AS is_withdrawn
                  FROM reservations_seat AS seat JOIN offices_slot AS slot ON slot.id = seat.slot_id
                 WHERE seat.slot_id = ANY(%(slots)s)
                   AND (seat.reservation_id IS NOT NULL OR seat.held_until > %(now)s))
            UPDATE reservations_seat AS seat SET is_withdrawn = taken.is_withdrawn
              FROM taken WHERE (seat.slot_id, seat.seat_no) = (taken.slot_id, taken.seat_no)
               AND seat.is_withdrawn <> taken.is_withdrawn
            """,
            {"slots": slots, "now": now},
        )
        cursor.execute(
            """
            WITH free AS (
                SELECT seat.slot_id, seat.seat_no,
                       row_number() OVER (PARTITION BY seat.slot_id ORDER BY seat.seat_no) AS place,
                       slot.capacity - (SELECT count(*) FROM reservations_seat AS other
                                         WHERE other.slot_id = seat.slot_id AND NOT other.is_withdrawn
                                           AND (other.reservation_id IS NOT NULL
                                                OR other.held_until > %(now)s)) AS room
                  FROM reservations_seat AS seat JOIN offices_slot AS slot ON slot.id = seat.slot_id
                 WHERE seat.slot_id = ANY(%(slots)s) AND seat.reservation_id IS NULL
                   AND (seat.session_id IS NULL OR seat.held_until <= %(now)s))
            DELETE FROM reservations_seat AS seat USING free
             WHERE (seat.slot_id, seat.seat_no) = (free.slot_id, free.seat_no)
               AND (free.place > free.room OR seat.is_withdrawn)
            """,
            {"slots": slots, "now": now},
        )
        cursor.execute(
            """
            INSERT INTO reservations_seat (slot_id, seat_no, web_from, is_withdrawn)
            SELECT slot.id, coalesce(used.last, 0) + extra.place, %(always)s, false
              FROM offices_slot AS slot
             CROSS JOIN LATERAL (SELECT max(seat.seat_no) AS last,
                                        count(*) FILTER (WHERE NOT seat.is_withdrawn) AS offered
                                   FROM reservations_seat AS seat WHERE seat.slot_id = slot.id) AS used
             CROSS JOIN LATERAL generate_series(1, slot.capacity - used.offered) AS extra(place)
             WHERE slot.id = ANY(%(slots)s)
            """,
            {"slots": slots, "always": ALWAYS},
        )
        cursor.execute(
            "SELECT DISTINCT reservation_id FROM reservations_seat "
            "WHERE slot_id = ANY(%s) AND is_withdrawn AND reservation_id IS NOT NULL",
            [slots],
        )
        return [row[0] for row in cursor.fetchall()]


def keep_for_telephone(
    *, slot_ids: Sequence[int], seat_numbers: Sequence[int], web_from: Sequence[datetime]
) -> None:
    """Set from when each of these seats is offered on the web."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS MATERIALIZED (
                SELECT seat.slot_id, seat.seat_no, wanted.web_from
                  FROM reservations_seat AS seat
                  JOIN unnest(%s::bigint[], %s::smallint[], %s::timestamptz[])
                       AS wanted(slot_id, seat_no, web_from) USING (slot_id, seat_no)
                 WHERE seat.web_from <> wanted.web_from
                 ORDER BY seat.slot_id, seat.seat_no FOR UPDATE OF seat)
            UPDATE reservations_seat AS seat SET web_from = wanted.web_from FROM wanted
             WHERE (seat.slot_id, seat.seat_no) = (wanted.slot_id, wanted.seat_no)
            """,
            [list(slot_ids), list(seat_numbers), list(web_from)],
        )
