"""Search the audit trail: who saw, exported or changed what, when and why (仕様書 4(5)イ, 6, 7).

Entries name people by id, and a search names a person by a reservation's reference: nothing is decrypted, and
no name of a resident stands in an address. Every search and every file is itself recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from madoguchi.accounts.actions import AccountAction
from madoguchi.accounts.selectors import accounts_like
from madoguchi.audit import selectors as audit
from madoguchi.audit.actions import AuditAction
from madoguchi.audit.actor import Actor
from madoguchi.audit.selectors import MOST, EntrySearch
from madoguchi.audit.services import record
from madoguchi.backups.actions import BackupAction
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible, Refusal
from madoguchi.common.references import ReferenceUnreadable, read_reference
from madoguchi.contract.actions import ContractAction
from madoguchi.notifications.actions import AnnouncementAction, NotificationAction
from madoguchi.offices.actions import OfficeAction
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.selectors import records_of_person
from madoguchi.retention.actions import RetentionAction
from madoguchi.workflows.privacy.trail_words import TrailLine, in_words

PAGE_SIZE: Final = audit.PAGE_SIZE
# What a search may narrow to: a name in the address, its label, the actions.
NAMED: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "seen": (
        "閲覧",
        frozenset(
            {
                ReservationAction.VIEWED,
                ReservationAction.LISTED,
                ReservationAction.SEARCHED,
                ReservationAction.LOOKED_UP,
                ReservationAction.CALLER_CHECKED,
            }
        ),
    ),
    "revealed": ("伏せた値の表示", frozenset({ReservationAction.REVEALED})),
    "exported": (
        "書き出し・印刷",
        frozenset(
            {
                ReservationAction.EXPORTED,
                RetentionAction.EXPORT_DOWNLOADED,
                RetentionAction.DISCLOSED,
                RetentionAction.WAIT_DISCLOSED,
                AuditAction.EXPORTED,
            }
        ),
    ),
    "erased": (
        "消去・保留",
        frozenset(
            {
                ReservationAction.ERASED,
                ReservationAction.WAIT_ERASED,
                RetentionAction.ERASURE_ORDERED,
                RetentionAction.ERASURE_ENDED,
                RetentionAction.LEGAL_HOLD_SET,
                RetentionAction.LEGAL_HOLD_LIFTED,
            }
        ),
    ),
    "decided": ("案・締切日時・文面", frozenset({*ContractAction, *NotificationAction, *AnnouncementAction})),
    "offices": ("郵便局の枠・休業・停止", frozenset(OfficeAction)),
    "accounts": ("アカウント・サインイン", frozenset(AccountAction)),
    "audited": ("操作記録の検索・復元", frozenset({AuditAction.SEARCHED, BackupAction.RESTORED})),
}
OTHERS: Final = frozenset({*ReservationAction, *RetentionAction}) - frozenset(
    chain.from_iterable(actions for _, actions in NAMED.values())
)
ACTS: Final = {**NAMED, "booked": ("予約・連絡", OTHERS)}


class TooManyEntries(Refusal):
    """More entries were found than one file holds."""

    code = "too_many_entries"
    message = f"一度に書き出せるのは{MOST:,}件までです。日にちや操作で絞り込んでください。"


class NobodyLike(Refusal):
    """No account has this in its name or login id."""

    code = "nobody_like"
    message = "この氏名・ログインIDを含む職員はいません。"


class NoSuchReservation(Refusal):
    """No reservation has this reference."""

    code = "no_such_reservation"
    message = "この予約番号の予約はありません。"


@dataclass(frozen=True, slots=True)
class TrailSearch:
    """What somebody looks for: days (both included), a member of staff, a person by reference, acts."""

    first: date
    last: date
    staff: str = ""
    reference: str = ""
    acts: tuple[str, ...] = ()
    page: int = 1


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A page of a search; `is_cut` tells that more was found than is counted."""

    lines: list[TrailLine]
    total: int
    is_cut: bool
    page: int


def search_trail(*, query: TrailSearch, actor: Actor) -> TrailPage:
    """Return a page of entries in words; the search is on record. Raises NobodyLike, NoSuchReservation."""
    wanted = _wanted(query)
    found = audit.search_entries(wanted, page=query.page)
    _record(AuditAction.SEARCHED, query, wanted, found.total, actor)
    return TrailPage(in_words(found.rows), min(found.total, MOST), found.total > MOST, found.page)


def export_trail(*, query: TrailSearch, actor: Actor) -> list[TrailLine]:
    """Return all entries of a search for a file, on record. Raises TooManyEntries, else as search_trail."""
    wanted = _wanted(query)
    rows = audit.found_entries(wanted)
    if len(rows) > MOST:
        raise TooManyEntries
    _record(AuditAction.EXPORTED, query, wanted, len(rows), actor)
    return in_words(rows)


def _record(action: AuditAction, query: TrailSearch, wanted: EntrySearch, found: int, actor: Actor) -> None:
    asked = {"actors": wanted.actors, "acts": query.acts, "records": wanted.targets}
    record(
        action=action,
        actor=actor,
        target="audit",
        detail={
            "from": query.first.isoformat(),
            "until": query.last.isoformat(),
            **{name: list(values) for name, values in asked.items() if values},
            "found": found,
        },
    )


def _wanted(query: TrailSearch) -> EntrySearch:
    actors: list[str] | None = None
    targets: list[str] | None = None
    if query.staff:
        actors = [f"staff:{each}" for each in accounts_like(query.staff)]
        if not actors:
            raise NobodyLike
    if query.reference:
        try:
            records = records_of_person(read_reference(query.reference))
        except (ReferenceUnreadable, NotVisible):
            raise NoSuchReservation from None
        targets = [f"{kind}:{each}" for kind, each in records]
    actions = sorted(chain.from_iterable(ACTS[act][1] for act in query.acts)) if query.acts else None
    return EntrySearch(
        since=clock.at(query.first, clock.MIDNIGHT),
        until=clock.at(query.last, clock.MIDNIGHT) + clock.DAY,
        actors=actors,
        actions=actions,
        targets=targets,
    )
