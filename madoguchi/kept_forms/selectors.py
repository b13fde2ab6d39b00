"""What was kept of a form."""

import json
from typing import Any

from madoguchi.common import clock
from madoguchi.common.unreadable import Unreadable
from madoguchi.kept_forms.models import KeptForm
from madoguchi.kept_forms.services import KEPT_FOR, TABLE, token_hash
from madoguchi.sealing.services import unseal_to_show


def kept_form(*, address: str, token: str) -> dict[str, Any]:
    """Return what the page at an address keeps under a token; empty once its time is over."""
    rows = KeptForm.objects.select_related("key").filter(created_at__gt=clock.now() - KEPT_FOR)
    row = rows.filter(token_hash=token_hash(address, token)).first() if token else None
    if row is None:
        return {}
    typed = unseal_to_show(row.key, TABLE, row.id, "typed", row.typed)
    found: dict[str, Any] = {} if isinstance(typed, Unreadable) else json.loads(typed)
    return found
