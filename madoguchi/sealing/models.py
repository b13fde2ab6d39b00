"""One key per person: destroying it erases the person everywhere, backups included."""

import uuid

from django.db import models
from django.db.models import Q

from madoguchi.common.guards import no_long_digits
from madoguchi.common.privacy import Privacy


class RingKey(models.Model):
    """A key of the ring as this database knows it: its fingerprint, without the key."""

    name = models.CharField(primary_key=True, max_length=40)
    # A keyed hash of nothing; with another key of the same name it comes out differently.
    mark = models.BinaryField()
    current_since = models.DateTimeField(null=True)
    # Since when nothing here is sealed with it any more.
    emptied_at = models.DateTimeField(null=True)

    privacy = Privacy(plain=("name", "current_since", "emptied_at"), hashed=("mark",))

    class Meta:
        constraints = [
            models.CheckConstraint(name="%(app_label)s_%(class)s_has_a_name", condition=~Q(name="")),
            no_long_digits("name", name="sealing_ringkey_name_has_no_long_digits"),
        ]


class PersonKey(models.Model):
    """A data key of a person, wrapped by the key ring; this table is backed up separately."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ring_key = models.CharField(max_length=40)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    privacy = Privacy(plain=("id", "ring_key", "created_at", "destroyed_at"), sealed=("wrapped",), key="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_gone_once_destroyed",
                condition=Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | Q(wrapped__isnull=True, destroyed_at__isnull=False),
            ),
        ]


class UnreadableValue(models.Model):
    """A sealed value that cannot be unsealed, for the alarm; without personal data."""

    table = models.CharField(max_length=63)
    row = models.UUIDField()
    column = models.CharField(max_length=63)
    found_at = models.DateTimeField()

    privacy = Privacy(plain=("id", "table", "row", "column", "found_at"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "row", "column"], name="%(app_label)s_%(class)s_is_noted_once"
            ),
        ]
