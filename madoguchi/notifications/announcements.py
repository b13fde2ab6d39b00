"""Announcements on top of citizen pages: information, maintenance, outages (仕様書 4(3)ア)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import connection, transaction

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.cache import cached, clear_caches_on_commit
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.notifications.actions import AnnouncementAction
from madoguchi.notifications.errors import EndsBeforeItStarts
from madoguchi.notifications.kinds import AnnouncementKind
from madoguchi.notifications.models import Announcement
from madoguchi.sealing.shown import refuse_other, shown

KINDS: Final = AnnouncementKind.choices
OUTAGE: Final[str] = AnnouncementKind.OUTAGE.value
SERIALIZE: Final = "SELECT pg_advisory_xact_lock(hashtext('notifications_announcement'))"


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

    @property
    def shown(self) -> str:
        """The fingerprint of the announcement, for the forms that change or end it."""
        times = [each.astimezone(UTC).isoformat() for each in (self.shows_from, self.shows_until)]
        return shown("announcement", self.id, self.kind, self.title, self.body, *times)


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
    """Return the announcements shown now: outages, then maintenance, then information (仕様書 4(3)ア)."""
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
    seen: str | None = None,
) -> int:
    """Create an announcement, or change the one of this id, and return its id (仕様書 4(3)ア). Idempotent.

    `seen` is what the page showed (`AnnouncementRow.shown`). Raises ContentChanged, EndsBeforeItStarts,
    ForbiddenValue for a text that must not be stored, NotVisible for an unknown id.
    """
    refuse_forbidden(title)
    refuse_forbidden(body)
    if shows_from >= shows_until:
        raise EndsBeforeItStarts
    facts = {"kind": kind, "title": title, "body": body, "shows_from": shows_from, "shows_until": shows_until}
    if announcement_id is None:
        made = {"created_by": str(actor), "proposal": proposal_id}
        with connection.cursor() as cursor:
            cursor.execute(SERIALIZE)
        if same := Announcement.objects.filter(**facts, **made).first():
            return same.pk
        row_id = Announcement.objects.create(
            **facts, created_at=clock.now(), created_by=str(actor), proposal_id=proposal_id
        ).pk
    else:
        row_id = announcement_id
        stands = _locked(row_id)
        if all(getattr(stands, name) == value for name, value in facts.items()):
            return row_id
        refuse_other(seen, stands.shown)
        Announcement.objects.filter(pk=row_id).update(**facts, updated_at=clock.now(), updated_by=str(actor))
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
    clear_caches_on_commit()
    return row_id


def announcement_of(proposal_id: int) -> int | None:
    """Return the id of the announcement of an approved proposal."""
    return Announcement.objects.filter(proposal=proposal_id).values_list("pk", flat=True).first()


@transaction.atomic
def end_announcement(
    *, announcement_id: int, actor: Actor, at: datetime | None = None, seen: str | None = None
) -> None:
    """End an announcement now, or at a future instant; one that has not begun is never shown.

    Idempotent. Raises NotVisible, and ContentChanged unless `seen` is the announcement's fingerprint.
    """
    now, stands = clock.now(), _locked(announcement_id)
    end = max(stands.shows_from, at or now)
    if stands.shows_until <= end:
        return
    refuse_other(seen, stands.shown)
    Announcement.objects.filter(pk=announcement_id).update(
        shows_until=end, updated_at=now, updated_by=str(actor)
    )
    record(action=AnnouncementAction.ENDED, actor=actor, target=f"announcement:{announcement_id}")
    clear_caches_on_commit()


def _locked(announcement_id: int) -> AnnouncementRow:
    found = Announcement.objects.select_for_update().filter(pk=announcement_id).first()
    if found is None:
        raise NotVisible
    return _row(found)
