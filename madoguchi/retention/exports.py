"""Files of lists that leave the system: asked for, made by a job, kept sealed for a day (仕様書 4(5)イ)."""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db import transaction

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import births, clock
from madoguchi.common.errors import NotVisible
from madoguchi.common.unreadable import Unreadable
from madoguchi.reservations.search import Search
from madoguchi.retention.actions import RetentionAction
from madoguchi.retention.kinds import ExportState
from madoguchi.retention.models import Export
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import new_key, seal, unseal, unseal_to_show

TABLE = "retention_export"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A file as the person who requested it sees it."""

    id: uuid.UUID
    asked_by: str
    kind: str
    reason: str
    state: str
    people: int
    note: str
    asked_at: datetime
    ended_at: datetime | None


def create_export(*, query: Search, kind: str, reason: str, actor: Actor) -> uuid.UUID:
    """Create a file that waits to be made, and return its id; the caller queues the job.

    The query is sealed, since it may hold a name.
    """
    key, row = new_key(), uuid.uuid4()
    key.save(force_insert=True)
    Export(
        id=row,
        key=key,
        asked_by=str(actor),
        asked_at=clock.now(),
        kind=kind,
        reason=reason,
        query=seal(key, TABLE, row, "query", _query_text(query)),
    ).save(force_insert=True)
    return row


def store_finished_export(*, kind: str, reason: str, content: bytes, actor: Actor) -> uuid.UUID:
    """Store a file about one person that was made at once, sealed, for the actor; return its id."""
    row = create_export(query=Search(), kind=kind, reason=reason, actor=actor)
    keep_file(export_id=row, people=1, content=content)
    return row


def lock_waiting_export(export_id: uuid.UUID) -> tuple[ExportRow, Search] | None:
    """Lock a file that still waits, and return it with its query; None once made, failed or withdrawn."""
    row = (
        Export.objects.select_for_update(of=("self",))
        .select_related("key")
        .filter(pk=export_id, state=ExportState.WAITING)
        .first()
    )
    if row is None:
        return None
    return _row(row), _query_of(row)


def keep_file(*, export_id: uuid.UUID, people: int, content: bytes) -> None:
    """Store the content of a file, sealed; it is then ready for the person who requested it."""
    row = Export.objects.select_related("key").get(pk=export_id)
    row.content = seal(row.key, TABLE, row.id, "content", base64.b64encode(content).decode())
    row.state, row.people, row.ended_at = ExportState.READY, people, clock.now()
    row.save(update_fields=["content", "state", "people", "ended_at"])


def give_up(*, export_id: uuid.UUID, note: str) -> None:
    """Mark a waiting file as failed, with the reason."""
    Export.objects.filter(pk=export_id, state=ExportState.WAITING).update(
        state=ExportState.FAILED, note=note, ended_at=clock.now()
    )


def exports_of(actor: Actor) -> list[tuple[ExportRow, Search | None]]:
    """Return the files that an actor requested, the latest first, each with its query, None if unreadable."""
    rows = Export.objects.select_related("key").defer("content").filter(asked_by=str(actor))
    found = []
    for row in rows.order_by("-asked_at", "pk"):
        text = unseal_to_show(row.key, TABLE, row.id, "query", row.query)
        # A file that did not come over whole from the table before has none.
        is_query = text and not isinstance(text, Unreadable)
        found.append((_row(row), _read_query(text) if is_query else None))
    return found


def _query_of(row: Export) -> Search:
    return _read_query(unseal(row.key, TABLE, row.id, "query", row.query))


def open_export(*, export_id: uuid.UUID, actor: Actor) -> tuple[ExportRow, Search, bytes]:
    """Return a file, its query and its content to the actor who requested it, and record the download.

    Raises NotVisible for the files of others and for those that are not ready.
    """
    row = (
        Export.objects.select_related("key")
        .filter(pk=export_id, asked_by=str(actor), state=ExportState.READY)
        .first()
    )
    if row is None:
        raise NotVisible
    record(
        action=RetentionAction.EXPORT_DOWNLOADED,
        actor=actor,
        target=f"export:{row.id}",
        detail={"file": row.kind, "reason": row.reason, "people": row.people},
    )
    return _row(row), _query_of(row), base64.b64decode(unseal(row.key, TABLE, row.id, "content", row.content))


@transaction.atomic
def remove_export(*, export_id: uuid.UUID, actor: Actor) -> bool:
    """Delete the actor's own file, made or not, and return whether it is gone: not while a job makes it."""
    mine = {"pk": export_id, "asked_by": str(actor)}
    _remove(mine)
    return not Export.objects.filter(**mine).exists()


@transaction.atomic
def purge_exports(*, before: datetime) -> None:
    """Delete the files requested before an instant, with their keys."""
    _remove({"asked_at__lt": before})


def _remove(which: Mapping[str, object]) -> None:
    # A job may hold a row for a minute: nobody waits for it.
    rows = Export.objects.select_for_update(skip_locked=True).filter(**which)
    gone = dict(rows.values_list("pk", "key_id"))
    Export.objects.filter(pk__in=list(gone)).delete()
    PersonKey.objects.filter(pk__in=list(gone.values())).delete()


def _query_text(query: Search) -> str:
    kept = {each.name: getattr(query, each.name) for each in fields(query)}
    return json.dumps(kept, default=lambda day: day.isoformat())


def _read_query(text: str) -> Search:
    kept = json.loads(text)
    days = {name: date.fromisoformat(kept[name]) for name in ("first", "last") if kept.get(name)}
    born = {"birth_date": births.from_iso(kept["birth_date"])} if kept.get("birth_date") else {}
    names = ("offices", "statuses", "procedures", "channels", "wards")
    lists = {name: tuple(kept.get(name, ())) for name in names}
    return Search(**{**kept, **lists, **days, **born})


def _row(row: Export) -> ExportRow:
    return ExportRow(
        id=row.id,
        asked_by=row.asked_by,
        kind=row.kind,
        reason=row.reason,
        state=row.state,
        people=row.people,
        note=row.note,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
    )
