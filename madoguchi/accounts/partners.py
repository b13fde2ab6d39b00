"""Partners that book for citizens through the API, and their tokens (docs/how-to/open-the-api.md)."""

import hashlib
import secrets
from collections.abc import Mapping

from django.db import transaction

from madoguchi.accounts.actions import AccountAction
from madoguchi.accounts.models import PartnerToken
from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.forbidden import refuse_forbidden


@transaction.atomic
def issue_token(*, name: str, actor: Actor) -> str:
    """Issue another token to a partner and return it: it is shown once and not stored.

    Raises ForbiddenValue for a name that must not be stored.
    """
    refuse_forbidden(name)
    token = secrets.token_urlsafe(32)
    row = PartnerToken.objects.create(
        name=name, token_hash=fingerprint(token), created_at=clock.now(), created_by=str(actor)
    )
    record(action=AccountAction.PARTNER_ADMITTED, actor=actor, target=f"partner_token:{row.pk}")
    return token


@transaction.atomic
def revoke_tokens(*, name: str, actor: Actor) -> int:
    """Revoke every token of a partner and return how many there were."""
    rows = list(PartnerToken.objects.select_for_update().filter(name=name, revoked_at=None))
    for row in rows:
        row.revoked_at, row.revoked_by = clock.now(), str(actor)
        row.save(update_fields=["revoked_at", "revoked_by"])
        record(action=AccountAction.PARTNER_REVOKED, actor=actor, target=f"partner_token:{row.pk}")
    return len(rows)


def active_partners() -> Mapping[str, Actor]:
    """Return the actor of each active token, by the token's fingerprint."""
    rows = PartnerToken.objects.filter(revoked_at=None).values_list("token_hash", "pk")
    return {token_hash: Actor("partner", str(row)) for token_hash, row in rows}


def is_same_partner(actor: Actor, written: str) -> bool:
    """Tell whether the actor `written` in a row is this partner, with this token or another of its tokens."""
    if written == str(actor):
        return True
    kind, _, number = written.partition(":")
    if kind != actor.kind or not number.isdecimal():
        return False
    names = PartnerToken.objects.filter(pk__in=[int(actor.id), int(number)]).values_list("name", flat=True)
    return len(names) == len({actor.id, number}) and len(set(names)) == 1


def fingerprint(token: str) -> str:
    """Return the stored hash of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
