"""Access to and export of personal data: each access is recorded before it is shown (仕様書 4(5)イ, 6).

Every staff site asks here instead of the ledger. Reasons come from a list, since free text collects
personal data.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from madoguchi.accounts.scope import PeopleScope
from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record, record_each
from madoguchi.common.births import BirthDate
from madoguchi.common.errors import Refusal
from madoguchi.reservations import search, selectors
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.search import ListRow, Search, SearchPage
from madoguchi.reservations.selectors import ReservationRow

MAX_ROWS: Final = 10_000


class AccessReason(StrEnum):
    """Why a masked value was shown."""

    CALL = "CALL"
    IDENTITY = "IDENTITY"
    CORRECTION = "CORRECTION"
    CITY = "CITY"


ACCESS_REASONS: Final = {
    AccessReason.CALL: "ご本人への連絡",
    AccessReason.IDENTITY: "ご本人の確認",
    AccessReason.CORRECTION: "内容の訂正",
    AccessReason.CITY: "本市からの照会",
}


class ExportReason(StrEnum):
    """Why a list of people left the system."""

    PREPARATION = "PREPARATION"
    CHECK = "CHECK"
    CALL = "CALL"
    OUTAGE = "OUTAGE"
    CITY = "CITY"


EXPORT_REASONS: Final = {
    ExportReason.PREPARATION: "受付の準備",
    ExportReason.CHECK: "内容の確認",
    ExportReason.CALL: "電話連絡",
    ExportReason.OUTAGE: "障害への備え",
    ExportReason.CITY: "本市からの依頼",
}


class TooManyRows(Refusal):
    """The list is too long to export at once; a narrower one exports fewer people."""

    code = "too_many_rows"
    message = f"一度に書き出せるのは{MAX_ROWS:,}件までです。来局日や郵便局で絞り込んでください。"


def search_people(*, query: Search, scope: PeopleScope, actor: Actor) -> SearchPage:
    """Return a page of a list of people; everyone on it is on record as seen."""
    found = search.search(query, scope=scope)
    _record_list(ReservationAction.LISTED, found.rows, actor)
    return found


def visitors(*, query: Search, scope: PeopleScope, actor: Actor) -> list[ListRow]:
    """Return everyone of a list by time, for a day at an office; recorded as seen."""
    rows = search.search_all(query, scope=scope)
    _record_list(ReservationAction.LISTED, rows, actor)
    return rows


def similar_people(
    *, name: str, birth_date: BirthDate | None, phone: str, scope: PeopleScope, actor: Actor
) -> list[ListRow]:
    """Return reservations that may be the same person's or household's; recorded as seen."""
    rows = search.similar_people(name=name, birth_date=birth_date, phone=phone, scope=scope)
    _record_list(ReservationAction.LISTED, rows, actor)
    return rows


def open_reservation(*, reservation_id: uuid.UUID, scope: PeopleScope, actor: Actor) -> ReservationRow:
    """Return a whole reservation. Raises NotVisible and KeyDestroyed; only what was shown is recorded."""
    row = selectors.reservation(reservation_id, scope=scope)
    record(action=ReservationAction.VIEWED, actor=actor, target=f"reservation:{row.id}")
    return row


def open_reservations(
    *, reservations: Sequence[uuid.UUID], scope: PeopleScope, actor: Actor
) -> list[ReservationRow]:
    """Return whole reservations, in the order of their keys; each access is recorded. Raises KeyDestroyed."""
    rows = selectors.reservations(reservations, scope=scope)
    record_each(
        action=ReservationAction.VIEWED, actor=actor, targets=[f"reservation:{row.id}" for row in rows]
    )
    return rows


def open_to_correct(*, reservation_id: uuid.UUID, scope: PeopleScope, actor: Actor) -> ReservationRow:
    """Return a whole reservation for a form that shows everything in clear, on record as revealed for that.

    Raises NotVisible and KeyDestroyed.
    """
    row = open_reservation(reservation_id=reservation_id, scope=scope, actor=actor)
    unmask(reservation_id=row.id, what="person", reason=AccessReason.CORRECTION, actor=actor)
    return row


def record_access(*, rows: Sequence[ListRow], actor: Actor) -> None:
    """Record that people are shown who came with something else, such as the effect of a change."""
    _record_list(ReservationAction.LISTED, rows, actor)


def unmask(*, reservation_id: uuid.UUID, what: str, reason: AccessReason, actor: Actor) -> None:
    """Record that a masked value of a reservation (phone, email) is shown, and why."""
    record(
        action=ReservationAction.REVEALED,
        actor=actor,
        target=f"reservation:{reservation_id}",
        detail={"what": what, "reason": reason},
    )


def phones_for_calls(
    *, reservations: Sequence[uuid.UUID], scope: PeopleScope, actor: Actor
) -> dict[uuid.UUID, str]:
    """Return the telephone numbers of people who are to be called, each recorded as shown for that."""
    phones = selectors.phones_of(reservations, scope=scope)
    record_each(
        action=ReservationAction.REVEALED,
        actor=actor,
        targets=[f"reservation:{each}" for each in phones],
        detail={"what": "phone", "reason": AccessReason.CALL},
    )
    return phones


def export_people(
    *,
    query: Search,
    what: str,
    reason: ExportReason,
    scope: PeopleScope,
    actor: Actor,
    detail: Mapping[str, object] | None = None,
) -> list[ListRow]:
    """Return the rows of a file that leaves the system; everyone in it is on record (仕様書 4(5)イ).

    `what` is the kind of file, `detail` what else is noted of it. Raises TooManyRows; then nothing left.
    """
    rows = search.search_all(replace(query, page=1), scope=scope, limit=MAX_ROWS + 1)
    if len(rows) > MAX_ROWS:
        raise TooManyRows
    _record_list(ReservationAction.EXPORTED, rows, actor, {"file": what, "reason": reason, **(detail or {})})
    return rows


def _record_list(
    action: ReservationAction, rows: Sequence[ListRow], actor: Actor, detail: dict[str, object] | None = None
) -> None:
    record_each(
        action=action,
        actor=actor,
        targets=[f"reservation:{row.id}" for row in rows],
        detail={**(detail or {}), "people": len(rows)},
    )
