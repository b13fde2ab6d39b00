"""The list of jobs, run by `manage.py procrastinate worker`; each stands beside its workflow, in its `jobs`.

Each may run twice with the same result. Hours are UTC: 18:10 is ten past three at night in Japan. Jobs of an
older release may wait in the queue, so a job keeps its name (`madoguchi.workflows.tasks...`) when it moves.
"""

from madoguchi.workflows.booking.jobs import offer_seats
from madoguchi.workflows.capacity.jobs import extend_slots
from madoguchi.workflows.messages.jobs import queue_reminders
from madoguchi.workflows.operations.jobs import (
    back_up,
    check_invariants,
    clear_sessions,
    reseal,
    seal_audit,
    tidy_jobs,
)
from madoguchi.workflows.privacy.jobs import erase, make_export, purge

__all__ = [
    "back_up",
    "check_invariants",
    "clear_sessions",
    "erase",
    "extend_slots",
    "make_export",
    "offer_seats",
    "purge",
    "queue_reminders",
    "reseal",
    "seal_audit",
    "tidy_jobs",
]
