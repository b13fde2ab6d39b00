"""Lockouts: django-axes counts wrong passwords under a keyed hash of the login id and stores no form data.

仕様書 4(5)イ(イ).

People type passwords and numbers into the wrong box: what the library would keep of a form never reaches it.
"""

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.http import HttpRequest, QueryDict

from madoguchi.accounts.actions import AccountAction
from madoguchi.accounts.models import User
from madoguchi.accounts.services import unlock_pin
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.services import record
from madoguchi.sealing.services import index_hash

# Left on the request by the library, for its middleware.
OUTCOME = ("axes_locked_out", "axes_credentials", "axes_failures_since_start")


class LockoutHandler(AxesDatabaseHandler):  # type: ignore[misc]  # the library says no types
    """Counts failures by account and address; locks the account for every address."""

    def user_login_failed(
        self, sender: Any, credentials: Mapping[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """Count one failure, on a copy of the request that holds nothing its sender wrote."""
        bare: Any = copy(request)
        if bare is not None:
            bare.GET = bare.POST = QueryDict()
            bare.axes_user_agent = bare.axes_http_accept = bare.axes_path_info = ""
        super().user_login_failed(sender, credentials, bare, **kwargs)
        for name in OUTCOME if bare is not None else ():
            setattr(request, name, getattr(bare, name))


def lockout_key(username: str) -> str:
    """Return the keyed hash under which wrong passwords are counted."""
    return index_hash("lockout", username.strip().lower()).hex()


def password_lockouts(usernames: Mapping[int, str]) -> frozenset[int]:
    """Return which of these accounts, by id and login id, are locked by wrong passwords now."""
    request: Any = HttpRequest()
    request.axes_attempt_time = None  # the library keeps real time, also where ours is moved
    rows = (
        AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request))
        .values("username")
        .annotate(failures=Sum("failures_since_start"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    )
    locked = set(rows.values_list("username", flat=True))
    if not locked:
        return frozenset()
    return frozenset(key for key, username in usernames.items() if lockout_key(username) in locked)


@transaction.atomic
def unlock_account(*, user_id: int, actor: Actor, seen: str | None = None) -> None:
    """Unlock an account after wrong PINs or passwords. Idempotent. Raises OutOfReach and ContentChanged."""
    unlock_pin(user_id=user_id, actor=actor, seen=seen)
    username = User.objects.values_list("username", flat=True).get(pk=user_id)
    if AccessAttempt.objects.filter(username=lockout_key(username)).delete()[0]:
        record(action=AccountAction.PASSWORD_UNLOCKED, actor=actor, target=f"user:{user_id}")


def note_failed_sign_in(*, username: str) -> None:
    """Record a refused password, only for existing login ids: others may be passwords in the wrong field."""
    user_id = User.objects.filter(username=username.strip().lower()).values_list("pk", flat=True).first()
    if user_id is not None:
        record(action=AccountAction.SIGN_IN_FAILED, actor=SYSTEM, target=f"user:{user_id}")


def forget_failures(*, before: datetime) -> int:
    """Delete the records of failed sign-ins from before an instant and return how many (仕様書 6).

    Counters of the sign-in pages that have run out go as well: addresses stand in them.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_cache WHERE expires < %s", [before])
    count: int = AccessAttempt.objects.filter(attempt_time__lt=before).delete()[0]
    return count
