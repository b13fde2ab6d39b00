"""At which offices a member of staff works (仕様書 4(5)イ)."""

from collections.abc import Sequence

from django.db import transaction

from madoguchi.accounts.actions import AccountAction
from madoguchi.accounts.models import OfficeAssignment
from madoguchi.audit.actor import Actor
from madoguchi.audit.services import record


@transaction.atomic
def assign_offices(*, user_id: int, offices: Sequence[str], actor: Actor) -> None:
    """Set the offices whose visitors and tablets a member of staff may use."""
    OfficeAssignment.objects.filter(user=user_id).exclude(office_code__in=offices).delete()
    OfficeAssignment.objects.bulk_create(
        (OfficeAssignment(user_id=user_id, office_code=code) for code in offices), ignore_conflicts=True
    )
    record(
        action=AccountAction.OFFICES_ASSIGNED,
        actor=actor,
        target=f"user:{user_id}",
        detail={"offices": list(offices)},
    )
