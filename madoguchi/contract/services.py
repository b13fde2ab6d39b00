"""Write the contract: rows of a loaded pack, and rules decided on screen."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import ProtectedError

from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches_on_commit
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.contract.actions import ContractAction
from madoguchi.contract.errors import StillInUse
from madoguchi.contract.models import LoadedPack, Rule
from madoguchi.contract.rows import ContractRow
from madoguchi.contract.rules import read_rule_value, refuse_common_rule, written_rule_value
from madoguchi.contract.selectors import TABLES, loaded_pack


@transaction.atomic
def decide_rule(
    *,
    key: str,
    scope: str = "",
    value: object,
    effective_from: datetime,
    actor: Actor,
    note: str = "",
    proposal_id: int | None = None,
) -> None:
    """Add a version of a rule that holds from an instant on (仕様書 4(3)ア 締切日時を設定及び変更).

    None as the value of an office gives the rule back to the value of the program. Raises RuleNotValid for an
    unknown rule, one that holds for all offices alike or a value outside its limits, ForbiddenValue for a
    note that must not be stored.
    """
    refuse_forbidden(note)
    if value is None and scope:
        refuse_common_rule(key)
        written = None
    else:
        written = written_rule_value(read_rule_value(key, value, scope=scope))
    Rule.objects.create(
        key=key,
        scope=scope,
        value=written,
        effective_from=effective_from,
        decided_by=str(actor),
        note=note,
        created_at=clock.now(),
        proposal_id=proposal_id,
    )
    record(
        action=ContractAction.RULE_DECIDED,
        actor=actor,
        target=f"rule:{key}:{scope}" if scope else f"rule:{key}",
        detail={"value": written, "effective_from": effective_from.isoformat()},
    )
    clear_caches_on_commit()


@transaction.atomic
def put_rows(*, kind: type[ContractRow], rows: Collection[ContractRow]) -> None:
    """Write rows of one kind, new or changed; those with other keys stay as they are."""
    model = TABLES[kind]
    columns = {name: f"{name}_id" if hasattr(model, f"{name}_id") else name for name in kind.columns()}
    model.objects.bulk_create(
        (model(**{column: getattr(row, name) for name, column in columns.items()}) for row in rows),
        update_conflicts=True,
        unique_fields=kind.KEY,
        update_fields=[name for name in columns if name not in kind.KEY],
    )
    clear_caches_on_commit()


@transaction.atomic
def change_row(
    *, kind: type[ContractRow], key: str, values: Mapping[str, Any], actor: Actor, target: str
) -> None:
    """Change some columns of one row, on record under `target`. Raises NotVisible."""
    changed = TABLES[kind].objects.filter(pk=key).update(**values)
    if not changed:
        raise NotVisible
    content = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()
    }
    record(action=ContractAction.MASTER_CHANGED, actor=actor, target=target, detail={"content": content})
    clear_caches_on_commit()


@transaction.atomic
def remove_row(*, kind: type[ContractRow], row: Mapping[str, Any]) -> None:
    """Delete the row with this key. Raises StillInUse when another row refers to it."""
    try:
        TABLES[kind].objects.filter(**{name: row[name] for name in kind.KEY}).delete()
    except ProtectedError:
        raise StillInUse(f"{kind.LABEL}「{row}」は使われているため、削除できません。") from None
    clear_caches_on_commit()


def begin_loading() -> Mapping[str, Any]:
    """Lock loading and return the content of the pack loaded last, {} before the first.

    Until the caller's transaction ends, so that two packs are never compared with the same one.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE contract_loadedpack IN SHARE ROW EXCLUSIVE MODE")
    return loaded_pack()


@transaction.atomic
def record_loaded_pack(*, content: Mapping[str, Any], actor: Actor, changes: Mapping[str, int]) -> None:
    """Store a pack's content to compare the next one with; `changes` counts its changes by kind."""
    LoadedPack.objects.create(loaded_at=clock.now(), loaded_by=str(actor), content=content)
    record(action=ContractAction.PACK_LOADED, actor=actor, target="pack", detail=changes)
