"""Announcements on top of citizen pages: information, maintenance, outages (仕様書 4(3)ア)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.cache import cached, clear_caches
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.notifications.actions import AnnouncementAction
from madoguchi.notifications.errors import EndsBeforeItStarts
from madoguchi.notifications.kinds import AnnouncementKind
from madoguchi.notifications.models import Announcement

KINDS: Final = AnnouncementKind.choices
OUTAGE: Final[str] = AnnouncementKind.OUTAGE.value


@dataclass(frozen=True, slots=True)
class AnnouncementRow:
    """One announcement as pages show it."""

    id: int
    kind: str
    kind_name: str
    title: str
    body: str
    shows_from: datetime
    shows_until: datetime
    changed_at: datetime
    changed_by: str

    def is_shown(self, now: datetime) -> bool:
        """Tell whether citizens see it at an instant; its last instant is no longer shown."""
        return self.shows_from <= now < self.shows_until


def announcements() -> list[AnnouncementRow]:
    """Return all announcements, the latest to be shown first."""
    return [_row(row) for row in Announcement.objects.order_by("-shows_from", "-pk")]


def announcement(announcement_id: int) -> AnnouncementRow:
    """Return one announcement; raises NotVisible when there is none."""
    found = Announcement.objects.filter(pk=announcement_id).first()
    if found is None:
        raise NotVisible
    return _row(found)


def shown_announcements() -> tuple[AnnouncementRow, ...]:
    """Return the announcements shown now: outages, then maintenance, then information (R199)."""
    now = clock.now()
    order: list[str] = [AnnouncementKind.OUTAGE, AnnouncementKind.MAINTENANCE, AnnouncementKind.INFORMATION]
    return tuple(
        sorted((row for row in _current() if row.is_shown(now)), key=lambda row: order.index(row.kind))
    )


@cached
def _current() -> tuple[AnnouncementRow, ...]:
    rows = Announcement.objects.filter(shows_until__gt=clock.now()).order_by("-shows_from", "-pk")
    return tuple(_row(row) for row in rows)


def _row(row: Announcement) -> AnnouncementRow:
    return AnnouncementRow(
        id=row.pk,
        kind=row.kind,
        kind_name=row.get_kind_display(),
        title=row.title,
        body=row.body,
        shows_from=row.shows_from,
        shows_until=row.shows_until,
        changed_at=row.updated_at or row.created_at,
        changed_by=row.updated_by or row.created_by,
    )


@transaction.atomic
def put_announcement(
    *,
    kind: str,
    title: str,
    body: str,
    shows_from: datetime,
    shows_until: datetime,
    actor: Actor,
    announcement_id: int | None = None,
    proposal_id: int | None = None,
) -> int:
    """Create an announcement, or change the one of this id, and return its id (R199).

    Raises EndsBeforeItStarts, ForbiddenValue for a text that must not be stored, NotVisible for an
    unknown id.
    """
    refuse_forbidden(title)
    refuse_forbidden(body)
    if shows_from >= shows_until:
        raise EndsBeforeItStarts
    facts = {"kind": kind, "title": title, "body": body, "shows_from": shows_from, "shows_until": shows_until}
    if announcement_id is None:
        row_id = Announcement.objects.create(
            **facts, created_at=clock.now(), created_by=str(actor), proposal_id=proposal_id
        ).pk
    else:
        row_id = announcement_id
        changed = Announcement.objects.filter(pk=row_id).update(
            **facts, updated_at=clock.now(), updated_by=str(actor)
        )
        if not changed:
            raise NotVisible
    record(
        action=AnnouncementAction.MADE if announcement_id is None else AnnouncementAction.CHANGED,
        actor=actor,
        target=f"announcement:{row_id}",
        detail={
            "kind": kind,
            "title": title,
            "body": body,
            "from": shows_from.isoformat(),
            "until": shows_until.isoformat(),
        },
    )
    _forget()
    return row_id


def announcement_of(proposal_id: int) -> int | None:
    """Return the id of the announcement of an approved proposal."""
    return Announcement.objects.filter(proposal=proposal_id).values_list("pk", flat=True).first()


@transaction.atomic
def end_announcement(*, announcement_id: int, actor: Actor, at: datetime | None = None) -> None:
    """End an announcement now, or at a future instant; one that has not begun is never shown.

    Twice changes nothing.
    """
    now = clock.now()
    end = Greatest(F("shows_from"), at or now)
    still_to_show = Announcement.objects.filter(shows_until__gt=end)
    changed = still_to_show.filter(pk=announcement_id).update(
        shows_until=end, updated_at=now, updated_by=str(actor)
    )
    if changed:
        record(action=AnnouncementAction.ENDED, actor=actor, target=f"announcement:{announcement_id}")
        _forget()


def _forget() -> None:
    """Clear cached reads now, for this transaction, and after the commit, for all others."""
    clear_caches()
    transaction.on_commit(clear_caches)
