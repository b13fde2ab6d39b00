"""Write the audit trail. Every service that changes something and every access to a person calls it."""

import json
from collections.abc import Mapping

from django.db import connection

from madoguchi.audit.actor import Actor
from madoguchi.audit.models import AuditEntry, CheckRun
from madoguchi.common import clock
from madoguchi.common.statements import insert_prepared

RECORD_EACH = """INSERT INTO audit_auditentry (at, actor, action, target, detail)
    SELECT %s, %s, %s, target, %s::jsonb FROM unnest(%s::text[]) AS target"""


def record(*, action: str, actor: Actor, target: str, detail: Mapping[str, object] | None = None) -> None:
    """Write one entry in the caller's transaction; it can never be changed or removed (仕様書 6).

    `detail` holds codes, counts and instants, never personal data.
    """
    insert_prepared(
        AuditEntry(at=clock.now(), actor=str(actor), action=action, target=target, detail=dict(detail or {}))
    )


def record_each(
    *, action: str, actor: Actor, targets: list[str], detail: Mapping[str, object] | None = None
) -> None:
    """Write one entry per target in a single statement: a list of twenty people is twenty accesses."""
    if targets:
        with connection.cursor() as cursor:
            cursor.execute(
                RECORD_EACH, [clock.now(), str(actor), action, json.dumps(dict(detail or {})), targets]
            )


def record_check(*, name: str, findings: list[dict[str, object]]) -> None:
    """Store the result of a check for the status page, replacing the previous one."""
    CheckRun.objects.update_or_create(name=name, defaults={"ran_at": clock.now(), "findings": findings})
