"""Delete people from the waiting list, with their keys (仕様書 4(3)ア, 6)."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from madoguchi.reservations.models import BookingSession, Wait, WaitingPerson
from madoguchi.reservations.seats import release_holds
from madoguchi.sealing.services import destroy_keys


@transaction.atomic
def purge_ended(*, before: datetime) -> None:
    """Delete who left the list before an instant, with the session; mail sent to them becomes unreadable."""
    _delete(Wait.objects.filter(ended_at__lt=before)[:1000])


def delete_waits(*, wait_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Delete people from the list, in line or not, and return who was still there; seats offered are free.

    The ids are those of the people (`WaitingPerson`). A family has one entry and one key: it goes as a whole.
    """
    found = WaitingPerson.objects.filter(pk__in=list(wait_ids)).order_by("pk")
    gone = dict(found.values_list("pk", "wait"))
    waits = list(gone.values())
    list(BookingSession.objects.select_for_update(of=("self",)).filter(wait__in=waits).order_by("pk"))
    deleted = _delete(Wait.objects.filter(pk__in=waits))
    return [person for person, wait in gone.items() if wait in deleted]


def delete_waits_without_key() -> list[uuid.UUID]:
    """Delete people whose key is gone, as after an older backup was restored, and return them."""
    return _delete(Wait.objects.filter(key__wrapped=None))


def _delete(which: QuerySet[Wait]) -> list[uuid.UUID]:
    gone = list(which.values_list("pk", "session_id", "key_id"))
    waits, ended, keys = zip(*gone, strict=True) if gone else ((), (), ())
    Wait.objects.filter(pk__in=waits).delete()
    release_holds(ended)
    BookingSession.objects.filter(pk__in=ended).delete()
    destroy_keys(key_ids=keys)
    return list(waits)
