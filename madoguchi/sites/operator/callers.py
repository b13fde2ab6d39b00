"""The callers this operator has verified, kept in the session by reference for the length of a call."""

from datetime import datetime, timedelta
from typing import Final

from madoguchi.common import clock
from madoguchi.web.policies import StaffRequest

SESSION_KEY: Final = "callers"
MAX_CALLERS: Final = 8
CALLER_LIFETIME: Final = timedelta(minutes=30)
# What the caller said agrees; then the person was reached at the number on file.
MATCHED, REACHED = "matched", "reached"


def note(request: StaffRequest, reference: str, stage: str) -> None:
    """Store the verification stage of a caller."""
    callers = {key: value for key, value in request.session.get(SESSION_KEY, {}).items() if key != reference}
    kept = dict(list(callers.items())[1 - MAX_CALLERS :])
    request.session[SESSION_KEY] = {**kept, reference: [stage, clock.now().isoformat()]}


def stage_of(request: StaffRequest, reference: str) -> str:
    """Return the verification stage of a caller within the last half hour, "" for none."""
    stage, at = request.session.get(SESSION_KEY, {}).get(reference, ("", ""))
    return stage if stage and clock.now() - datetime.fromisoformat(at) < CALLER_LIFETIME else ""
