"""Who may take a hold while many are taken: the browser does a little work nobody sees (仕様書 4(3)ア).

Without it, or without scripts, people get in as well, but only a few times from one address
(docs/adr/0023-work-instead-of-puzzles.md).
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Final

from madoguchi.accounts.guesses import GUESS_LIMITS
from madoguchi.common import clock
from madoguchi.common.cache import cached
from madoguchi.contract.selectors import booking_rules
from madoguchi.rate_limits.errors import TooManyTries
from madoguchi.rate_limits.selectors import refused_tries
from madoguchi.rate_limits.services import hit_rate_limit
from madoguchi.reservations.booking_sessions import BookingSessionRow, count_begun, find_session
from madoguchi.reservations.errors import HighDemand
from madoguchi.sealing.services import index_hash
from madoguchi.workflows.booking import lookup, sessions
from madoguchi.workflows.booking.sessions import WINDOW_MINUTES

# About half a second of an old phone in all: the answer is any number below MAX_NUMBER, a try ROUNDS hashes.
MAX_NUMBER: Final = 256
ROUNDS: Final = 2_000
PROOF_VALID_FOR: Final = timedelta(minutes=30)
# What the rules count sessions in.
DEMAND_WINDOW: Final = timedelta(minutes=10)
WITHOUT_WORK_PER_SOURCE: Final = 5
LIMITS: Final = {
    "hold": sessions.HOLDS_PER_SOURCE,
    "hold without work": WITHOUT_WORK_PER_SOURCE,
    "look-up": lookup.LOOK_UPS_PER_SOURCE,
    "look-up reference": lookup.LOOK_UPS_PER_REFERENCE,
    "code": lookup.CODES_PER_RESERVATION,
    "code source": lookup.CODES_PER_SOURCE,
    "code tries": lookup.CODE_TRIES_PER_SOURCE,
    **GUESS_LIMITS,
}


@dataclass(frozen=True, slots=True)
class Demand:
    """Booking sessions begun in ten minutes, whether all are asked for work, tries refused in thirty."""

    sessions: int
    is_high: bool
    refused: int


@dataclass(frozen=True, slots=True)
class ProofOfWork:
    """Find the number below `most` whose PBKDF2-SHA-256 with `salt` and `rounds` is `target`."""

    salt: str
    rounds: int
    most: int
    target: str


def proof_of_work(*, token: str, source: str) -> ProofOfWork | None:
    """Return what a browser has to work out before its next hold, None while nothing is asked.

    Raises HoldExpired. Nothing is kept of it: the answer follows from the session as it stands.
    """
    session = find_session(token)
    if not is_asked(source=source):
        return None
    salt = _salt(session, int(clock.now().timestamp()))
    answer = hashlib.pbkdf2_hmac("sha256", str(_secret_number(salt)).encode(), salt.encode(), ROUNDS)
    return ProofOfWork(salt=salt, rounds=ROUNDS, most=MAX_NUMBER, target=answer.hex())


def admit(*, token: str, work: str, source: str) -> None:
    """Let a session take a hold: with the work done where it is asked for, else a few times an address.

    Raises HighDemand, and HoldExpired when the session is gone.
    """
    if not is_asked(source=source) or _is_done(find_session(token), work):
        return
    try:
        hit_rate_limit(
            scope="hold without work",
            source=source,
            limit=WITHOUT_WORK_PER_SOURCE,
            window_minutes=WINDOW_MINUTES,
        )
    except TooManyTries:
        raise HighDemand from None


def is_asked(*, source: str) -> bool:
    """Tell whether sessions are begun faster than the city's rules find usual, by all or by one address."""
    rules = booking_rules(clock.now())
    if is_high_demand():
        return True
    return count_begun(since=clock.now() - DEMAND_WINDOW, source=source) > rules.work_from_holds_of_one


def is_high_demand() -> bool:
    """Tell whether sessions are begun faster than usual in the whole city."""
    return sessions_lately() > booking_rules(clock.now()).work_from_holds


def current_demand() -> Demand:
    """Return whether somebody holds or tries more than usual, for the status page and alarms."""
    refused = refused_tries(since=clock.now() - 2 * timedelta(minutes=WINDOW_MINUTES), limits=LIMITS)
    return Demand(sessions_lately(), is_high_demand(), refused)


@cached
def sessions_lately() -> int:
    """Return how many booking sessions were begun within ten minutes."""
    return count_begun(since=clock.now() - DEMAND_WINDOW)


def _is_done(session: BookingSessionRow, work: str) -> bool:
    asked, _, number = work.partition(":")
    if not (asked.isdecimal() and number.isdecimal() and len(work) < len("1234567890:256") * 2):
        return False
    age = clock.now().timestamp() - int(asked)
    right = str(_secret_number(_salt(session, int(asked))))
    return 0 <= age + 1 <= PROOF_VALID_FOR.total_seconds() and compare_digest(right, number)


def _salt(session: BookingSessionRow, asked: int) -> str:
    # The instant until which it holds seats: another after each hold, so that an answer is good for one.
    held = int(session.held_until.timestamp()) if session.held_until else 0
    return f"{session.id}:{held}:{asked}"


def _secret_number(salt: str) -> int:
    return int.from_bytes(index_hash("work", salt)) % MAX_NUMBER
