"""Legal holds, erasure orders of the city with their certificates, and files that left (仕様書 6)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from madoguchi.common.guards import no_long_digits
from madoguchi.common.privacy import Privacy
from madoguchi.retention.kinds import ErasureReason, ExportState


class LegalHold(models.Model):
    """保留: one reservation that nobody may erase until it is lifted, with the reason (仕様書 6)."""

    reservation = models.ForeignKey("reservations.Reservation", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=80)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=80)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=80, blank=True)

    privacy = Privacy(plain=("id", "reservation", "reason", "set_at", "set_by", "lifted_at", "lifted_by"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reservation"],
                condition=Q(lifted_at=None),
                name="%(app_label)s_%(class)s_once_at_a_time",
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_lifted_at_and_by_go_together",
                condition=Q(lifted_at__isnull=True, lifted_by="")
                | Q(lifted_at__isnull=False) & ~Q(lifted_by=""),
            ),
            models.CheckConstraint(name="%(app_label)s_%(class)s_says_why", condition=~Q(reason="")),
            no_long_digits("reason", name="retention_legalhold_reason_has_no_long_digits"),
        ]


class ErasureOrder(models.Model):
    """消去: the city's instruction, how far it has come, and the certificate; it names nobody (仕様書 6).

    Whom it means: all whose visit was up to a day, or the reservations and waits that are named.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reason = models.CharField(max_length=20, choices=ErasureReason.choices)
    until = models.DateField(null=True)
    reservations = ArrayField(models.UUIDField(), default=list)
    waits = ArrayField(models.UUIDField(), default=list)
    document_number = models.CharField(max_length=40)
    document_on = models.DateField()
    instructed_by = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)
    # What has gone, by kind; added to in the transaction in which it goes.
    counts = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)
    number = models.PositiveIntegerField(null=True, unique=True)
    certificate = models.BinaryField(default=bytes)

    privacy = Privacy(
        plain=(
            *("id", "reason", "until", "reservations", "waits", "document_number", "document_on"),
            *("instructed_by", "asked_at", "asked_by", "counts", "ended_at", "number", "certificate"),
        )
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_reason_is_known", condition=Q(reason__in=ErasureReason.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_means_a_person_or_all_up_to_a_day",
                condition=Q(~Q(reason=ErasureReason.PERSON), until__isnull=False, reservations__len=0)
                | Q(reason=ErasureReason.PERSON, until__isnull=True),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_ends_with_a_certificate",
                condition=Q(ended_at__isnull=True, number__isnull=True, certificate=b"")
                | Q(ended_at__isnull=False, number__isnull=False) & ~Q(certificate=b""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_says_who_wants_it",
                condition=~Q(document_number="") & ~Q(instructed_by=""),
            ),
            no_long_digits("document_number", name="retention_erasureorder_document_has_no_long_digits"),
            no_long_digits("instructed_by", name="retention_erasureorder_instructed_by_has_no_long_digits"),
        ]


class Export(models.Model):
    """A file of a list of people, made by a job for the one who asked, and deleted after a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey("sealing.PersonKey", on_delete=models.PROTECT, related_name="+")
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    kind = models.CharField(max_length=4)
    reason = models.CharField(max_length=20)
    # A search may hold a name; the file holds many.
    query = models.BinaryField()
    content = models.BinaryField(default=bytes)
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    people = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    privacy = Privacy(
        plain=(
            "id",
            "key",
            "asked_by",
            "asked_at",
            "kind",
            "reason",
            "state",
            "people",
            "note",
            "ended_at",
        ),
        sealed=("query", "content"),
    )

    class Meta:
        constraints = [
            no_long_digits("reason", name="retention_export_reason_has_no_long_digits"),
            no_long_digits("note", name="retention_export_note_has_no_long_digits"),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_state_is_known", condition=Q(state__in=ExportState.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_ended_at_and_state_go_together",
                condition=Q(state=ExportState.WAITING, ended_at__isnull=True)
                | ~Q(state=ExportState.WAITING) & Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_ready_with_a_file",
                condition=Q(state=ExportState.READY) & ~Q(content=b"")
                | ~Q(state=ExportState.READY) & Q(content=b""),
            ),
        ]
