"""Runs of backups and restore drills with their results: evidence for SL11 (仕様書 4(6))."""

from typing import Final

from django.db import models
from django.db.models import F, Q

from madoguchi.backups.kinds import RunKind, SecondCopy
from madoguchi.common.privacy import Privacy

# Plain strings, so that a migration does not import the enums.
KINDS: Final = [kind.value for kind in RunKind]
COPIES: Final = [copy.value for copy in SecondCopy]


class Run(models.Model):
    """One run. `backup` is the stamp in its file names, `failure` the code of a refusal."""

    kind = models.CharField(max_length=10)
    backup = models.CharField(max_length=16)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    bytes = models.BigIntegerField(default=0)
    second_copy = models.CharField(max_length=10, default="NONE")
    failure = models.CharField(max_length=16, default="", blank=True)

    privacy = Privacy(
        plain=("id", "kind", "backup", "began_at", "ended_at", "bytes", "second_copy", "failure")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="%(app_label)s_%(class)s_kind_is_known", condition=Q(kind__in=KINDS)),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_second_copy_is_known", condition=Q(second_copy__in=COPIES)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_begins_before_it_ends", condition=Q(began_at__lte=F("ended_at"))
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_has_a_size_or_failed",
                condition=Q(failure="", bytes__gt=0) | ~Q(failure="") & Q(bytes=0),
            ),
        ]
