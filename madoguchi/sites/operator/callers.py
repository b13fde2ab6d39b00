"""Whom this operator has made sure of: kept in the session by reference, for as long as a call lasts."""

from datetime import datetime, timedelta
from typing import Final

from madoguchi.common import clock
from madoguchi.web.policies import StaffRequest

KEY: Final = "callers"
MOST: Final = 8
LASTS: Final = timedelta(minutes=30)
# What the caller said agrees; then the person was reached at the number on file.
MATCHED, REACHED = "matched", "reached"


def note(request: StaffRequest, reference: str, stage: str) -> None:
    """Remember how far a caller has been made sure of."""
    callers = {key: value for key, value in request.session.get(KEY, {}).items() if key != reference}
    kept = dict(list(callers.items())[1 - MOST :])
    request.session[KEY] = {**kept, reference: [stage, clock.now().isoformat()]}


def stage_of(request: StaffRequest, reference: str) -> str:
    """Return how far a caller has been made sure of within the last half hour, "" for not at all."""
    stage, at = request.session.get(KEY, {}).get(reference, ("", ""))
    return stage if stage and clock.now() - datetime.fromisoformat(at) < LASTS else ""
