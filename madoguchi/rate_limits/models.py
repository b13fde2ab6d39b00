"""Rate limit counters; the source is stored as a keyed hash only."""

from django.db import models

from madoguchi.common.privacy import Privacy


class RateLimitCounter(models.Model):
    """The number of tries of one source in a time window."""

    scope = models.CharField(max_length=40)
    source_hash = models.BinaryField()
    window = models.DateTimeField()
    count = models.PositiveIntegerField()

    privacy = Privacy(plain=("id", "scope", "window", "count"), hashed=("source_hash",))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "source_hash", "window"], name="%(app_label)s_%(class)s_once"
            ),
        ]
