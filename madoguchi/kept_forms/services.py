"""Keep for some minutes what was typed into a form that was refused or left (仕様書 4(3)ア)."""

import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from madoguchi.common import clock
from madoguchi.kept_forms.models import KeptForm
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import index_hash, new_key, seal

TABLE: Final = "kept_forms_keptform"
KEPT_FOR: Final = timedelta(minutes=10)


@transaction.atomic
def keep_form(*, address: str, typed: Mapping[str, object]) -> str:
    """Keep what was typed on the page at an address, sealed; return the token that opens it on that page."""
    token, row = secrets.token_urlsafe(24), uuid.uuid4()
    key = new_key()
    key.save(force_insert=True)
    KeptForm(
        id=row,
        token_hash=token_hash(address, token),
        key=key,
        # In ASCII: a sentence about something unreadable is no unreadable value.
        typed=seal(key, TABLE, row, "typed", json.dumps(typed)),
        created_at=clock.now(),
    ).save(force_insert=True)
    return token


@transaction.atomic
def purge_forms(*, now: datetime) -> int:
    """Delete what was kept long enough, with its keys, and return how many forms that were."""
    over = KeptForm.objects.filter(created_at__lte=now - KEPT_FOR)
    gone = dict(over.select_for_update(of=("self",), skip_locked=True).values_list("pk", "key_id"))
    KeptForm.objects.filter(pk__in=list(gone)).delete()
    PersonKey.objects.filter(pk__in=list(gone.values())).delete()
    return len(gone)


def token_hash(address: str, token: str) -> bytes:
    """Return the hash under which a form is kept: a token opens nothing on another page."""
    return index_hash("kept form", f"{address} {token}")
