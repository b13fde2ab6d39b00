"""The audit trail, insert-only: who did and saw what, and the seals of the entries (仕様書 4(5)イ, 6)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast

from madoguchi.common.privacy import Privacy


class AuditEntry(models.Model):
    """One audited action. Without foreign keys: deleting its target neither deletes nor is blocked by it."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=120)
    detail = models.JSONField(default=dict)
    # Lets a seal remember below which transaction every entry is sealed (docs/adr/0016).
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
            models.Index(fields=["actor", "at"], name="audit_entry_actor"),
            models.Index(fields=["action", "at"], name="audit_entry_action"),
            models.Index(fields=["transaction"], name="audit_entry_transaction"),
        ]


class AuditSeal(models.Model):
    """A sealed batch of entries: its root covers them and, through `previous`, all earlier seals."""

    number = models.PositiveIntegerField(primary_key=True)
    # The root of the seal before. Unique, so that the chain cannot fork.
    previous = models.BinaryField(unique=True)
    root = models.BinaryField()
    entries = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    key = models.CharField(max_length=32)
    signature = models.BinaryField()
    # Every entry of a transaction below this one stands in this seal or one before.
    horizon = models.BigIntegerField()

    privacy = Privacy(
        plain=("number", "previous", "root", "entries", "sealed_at", "key", "signature", "horizon")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_counted_from_one_and_not_empty",
                condition=Q(number__gte=1, entries__gte=1),
            ),
        ]


class AuditSealedEntry(models.Model):
    """The seal and position of an entry. The hash identifies an altered entry of a batch."""

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, primary_key=True)
    seal = models.ForeignKey(AuditSeal, on_delete=models.PROTECT, db_index=False)
    place = models.PositiveIntegerField()
    leaf = models.BinaryField()

    privacy = Privacy(plain=("entry", "seal", "place", "leaf"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seal", "place"], name="%(app_label)s_%(class)s_has_its_own_place"
            ),
        ]


class CheckRun(models.Model):
    """The latest run of a scheduled check, for the status page and alarms."""

    name = models.CharField(max_length=40, unique=True)
    ran_at = models.DateTimeField()
    # A list of {check, sentence, count}; empty when all is well.
    findings = models.JSONField(default=list)

    privacy = Privacy(plain=("id", "name", "ran_at", "findings"))
