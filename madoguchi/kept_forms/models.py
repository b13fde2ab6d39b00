"""What was typed into a form that is not done yet, sealed, for some minutes."""

import uuid

from django.db import models

from madoguchi.common.privacy import Privacy


class KeptForm(models.Model):
    """What one browser typed into a form. Known by a random token of which only the hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.BinaryField(unique=True)
    key = models.ForeignKey("sealing.PersonKey", on_delete=models.PROTECT, related_name="+")
    typed = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    privacy = Privacy(
        plain=("id", "key", "created_at"), sealed=("typed",), hashed=("token_hash",), required=("typed",)
    )
