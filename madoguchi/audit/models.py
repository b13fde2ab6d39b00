"""Insert-only entries of who did and saw what; a trigger refuses every change (仕様書 4(5)イ, 6)."""

from django.db import models
from django.db.models.functions import Cast

from madoguchi.common.privacy import Privacy


class AuditEntry(models.Model):
    """One act. No foreign keys, so that nothing it speaks of can take it along or hold it back."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=120)
    detail = models.JSONField(default=dict)
    # Seals take entries below the oldest running transaction, so that none slips in behind them.
    transaction = models.BigIntegerField(
        db_default=Cast(
            Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        )
    )

    privacy = Privacy(plain=("id", "at", "actor", "action", "target", "detail", "transaction"))

    class Meta:
        indexes = [
            models.Index(fields=["target", "at"], name="audit_entry_target"),
            models.Index(fields=["at"], name="audit_entry_at"),
        ]


class CheckRun(models.Model):
    """The latest run of a check that a job makes: what the status page shows, and alarms watch."""

    name = models.CharField(max_length=40, unique=True)
    ran_at = models.DateTimeField()
    # A list of {check, sentence, count}; empty when all is well.
    findings = models.JSONField(default=list)

    privacy = Privacy(plain=("id", "name", "ran_at", "findings"))
