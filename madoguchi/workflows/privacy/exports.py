"""Lists as files: a short one at once, any other by a job that its owner can watch (仕様書 4(3)ア, 6)."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app

from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.accounts.selectors import names_of
from madoguchi.audit.actor import Actor
from madoguchi.common.errors import Refusal
from madoguchi.reservations.search import Search
from madoguchi.retention import exports
from madoguchi.workflows.booking.documents import list_document
from madoguchi.workflows.privacy.access import ExportReason, export_people

KEPT_FOR: Final = timedelta(hours=24)
FAILED: Final = "ファイルを作れませんでした。もう一度書き出してください。"


def is_short(query: Search) -> bool:
    """Tell whether a list is short enough to be made at once: one office, one day."""
    return len(query.offices) == 1 and query.first is not None and query.first == query.last


def request_export(*, query: Search, kind: str, reason: ExportReason, actor: Actor) -> None:
    """Ask for a file; it is made as soon as a worker is free, and listed for who asked."""
    with transaction.atomic(durable=True):
        export_id = exports.create_export(query=query, kind=kind, reason=reason, actor=actor)
        # By name, since the tasks import their workflows; the job is written in this transaction.
        app.configure_task("madoguchi.workflows.tasks.make_export").defer(export_id=str(export_id))


def make_export(*, export_id: uuid.UUID) -> None:
    """Make the requested file and record every person in it. Idempotent.

    What is refused, and a failure, stands beside the file afterwards; then nobody is on record.
    """
    try:
        with transaction.atomic(durable=True):
            waiting = exports.lock_waiting_export(export_id)
            if waiting is None:
                return
            row, query = waiting
            user_id, reason = int(row.asked_by.removeprefix("staff:")), ExportReason(row.reason)
            actor = Actor("staff", str(user_id))
            people = export_people(query=query, what=row.kind, reason=reason, actor=actor, scope=EVERYWHERE)
            by = names_of([user_id])[user_id]
            content = list_document(people, query=query, kind=row.kind, reason=reason, by=by)
            exports.keep_file(export_id=export_id, people=len(people), content=content)
    except Refusal as refusal:
        exports.give_up(export_id=export_id, note=refusal.message)
    except Exception:
        exports.give_up(export_id=export_id, note=FAILED)
        raise


def download_export(*, export_id: uuid.UUID, actor: Actor) -> tuple[exports.ExportRow, Search, bytes]:
    """Return one's own file and its query, on record.

    Raises NotVisible to others, before it is ready and after a day.
    """
    with transaction.atomic(durable=True):
        return exports.open_export(export_id=export_id, actor=actor)


def purge_exports(*, now: datetime) -> None:
    """Delete the files that are older than a day."""
    exports.purge_exports(before=now - KEPT_FOR)


def ends_at(row: exports.ExportRow) -> datetime:
    """Return until when a file can be fetched."""
    return row.asked_at + KEPT_FOR
