"""Limits on guessing what lets staff in: failures are counted by address, and by what they were tried on.

Passwords are counted by `lockouts`, and wrong PINs of one person by their row as well. docs/threat-model.md
lists every secret and its limits.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from typing import Final

from madoguchi.accounts.errors import AccountClosed, PasswordWeak, PinWeak
from madoguchi.rate_limits.services import limit_failures

GUESS_MINUTES: Final = 15
# All tablets, or a whole call centre, may come from one address.
FAILURES_PER_ADDRESS: Final = 60
# A tablet, a login id, an account.
FAILURES_PER_TARGET: Final = 10


class Secret(StrEnum):
    """What lets staff in and is typed by hand."""

    PIN = "pin"
    START_CODE = "start code"
    DEVICE_CODE = "device code"
    ONE_TIME_CODE = "one-time code"


# By scope, for who counts what was refused.
GUESS_LIMITS: Final = {
    **dict.fromkeys((str(secret) for secret in Secret if secret != Secret.DEVICE_CODE), FAILURES_PER_TARGET),
    **dict.fromkeys((f"{secret} address" for secret in Secret), FAILURES_PER_ADDRESS),
}


@contextmanager
def limit_guesses(secret: Secret, *, source: str, target: str = "") -> Iterator[None]:
    """Count the block as a failure of its address and its target, unless the secret proves right.

    Without a target the address alone counts. Enter it outside of a transaction. Raises TooManyTries after
    too many failures; then nothing is tried.
    """
    # Refused though the secret was right, or without it being looked at.
    harmless = (PasswordWeak, PinWeak, AccountClosed)
    counted = {f"{secret} address": source} | ({str(secret): target} if target else {})
    with ExitStack() as limits:
        for scope, whose in counted.items():
            limits.enter_context(
                limit_failures(
                    scope=scope,
                    source=whose,
                    limit=GUESS_LIMITS[scope],
                    window_minutes=GUESS_MINUTES,
                    harmless=harmless,
                )
            )
        yield
