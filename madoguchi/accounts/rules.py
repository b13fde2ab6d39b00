"""Rules of sign-in in plain Python: login ids, PINs, one-time codes, sessions, who may manage whom."""

import re
import secrets
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import pairwise

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.roles import ROLE_ZONES, Zone

PIN_LENGTHS = range(6, 9)
PIN_FAILURES = 5
PIN_LOCK = timedelta(minutes=15)
START_CODE_LIFE = timedelta(days=7)
DEVICE_CODE_LIFE = timedelta(hours=1)
SESSION_IDLE = timedelta(minutes=15)
SESSION_LENGTH = timedelta(hours=12)
# The time of last use is stored at most once in this time, so that not every click writes a row.
SESSION_STEP = timedelta(minutes=1)
# Twelve of these are 59 bits: too many to guess while a code is valid. No two look alike.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12


def is_well_formed_username(username: str) -> bool:
    """Tell whether a login id is 3 to 32 of a-z, 0-9, period, underscore, hyphen, a letter first."""
    return re.fullmatch(r"[a-z][a-z0-9._-]{2,31}", username) is not None


def is_well_formed_pin(pin: str) -> bool:
    """Tell whether a PIN is six to eight ASCII digits."""
    return len(pin) in PIN_LENGTHS and pin.isascii() and pin.isdigit()


def is_trivial_pin(pin: str) -> bool:
    """Tell whether a PIN repeats a part of itself or counts: 111111, 121212, 123123, 345678, 987654."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    repeats = any(pin == (pin[:size] * len(pin))[: len(pin)] for size in range(1, len(pin) // 2 + 1))
    return steps <= {1} or steps <= {9} or repeats


def new_code() -> str:
    """Return a random one-time code, of CODE_LENGTH characters of CODE_ALPHABET, to be typed from paper."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def show_code(code: str) -> str:
    """Return the code in three groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(text: str) -> str:
    """Return a typed code without width, case and grouping; what is not of CODE_ALPHABET is left out."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign in CODE_ALPHABET)


def session_is_over(*, started: datetime, seen: datetime, now: datetime) -> bool:
    """Tell whether a session was idle for longer than SESSION_IDLE or is older than SESSION_LENGTH."""
    return now - seen > SESSION_IDLE or now - started > SESSION_LENGTH


def is_of_one_zone(zone: Zone, roles: Collection[Role]) -> bool:
    """Tell whether all of these roles belong to a zone."""
    return all(ROLE_ZONES[role] == zone for role in roles)


def may_manage(
    *, actor: Collection[Role], zone: Zone, before: Collection[Role], after: Collection[Role]
) -> bool:
    """Tell whether somebody with the roles `actor` may change an account of a zone from roles to roles.

    The administrators of the city change its accounts. Of the contractor's, the secretariat changes all but
    the administrators; administrators change every one.
    """
    if zone == Zone.CITY:
        return Role.CITY_ADMIN in actor
    return Role.ADMIN in actor or (
        Role.SECRETARIAT in actor and Role.ADMIN not in before and Role.ADMIN not in after
    )
