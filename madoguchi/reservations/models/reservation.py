"""Reservations, their procedures, and what makes booking idempotent (仕様書 4(3)ア)."""

import uuid

from django.db import models
from django.db.models import Q

from madoguchi.common.privacy import Privacy
from madoguchi.reservations.kinds import (
    ChangeReason,
    Channel,
    ReservationStatus,
)
from madoguchi.reservations.models.applicant import Applicant


class Reservation(models.Model):
    """One person's visit: office, time and status."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=10)
    applicant = models.OneToOneField(Applicant, on_delete=models.PROTECT, related_name="reservation")
    office = models.ForeignKey(
        "offices.Office", on_delete=models.PROTECT, related_name="reservations", db_index=False
    )
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    status = models.CharField(
        max_length=10, choices=ReservationStatus.choices, default=ReservationStatus.BOOKED
    )
    channel = models.CharField(max_length=12, choices=Channel.choices)
    # The same for all who were booked together; a family's visits are tied by nothing else.
    party = models.UUIDField(null=True)
    link_hash = models.BinaryField(unique=True)
    booked_at = models.DateTimeField()
    booked_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=80, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=80, blank=True)
    cancel_reason = models.CharField(max_length=20, blank=True)
    # The secretariat looked it through before it goes to the city. Corrected details of who comes open
    # it again; another time or office does not.
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=80, blank=True)
    # From then on it is a visit without a person: counted, never shown (docs/adr/0024).
    erased_at = models.DateTimeField(null=True)

    privacy = Privacy(
        plain=(
            "id",
            "reference",
            "applicant",
            "office",
            "starts_at",
            "minutes",
            "status",
            "channel",
            "party",
            "booked_at",
            "booked_by",
            "changed_at",
            "changed_by",
            "cancelled_at",
            "cancelled_by",
            "cancel_reason",
            "checked_at",
            "checked_by",
            "erased_at",
        ),
        hashed=("link_hash",),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_status_is_known",
                condition=Q(status__in=ReservationStatus.values),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_channel_is_known", condition=Q(channel__in=Channel.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_cancellation_is_whole",
                condition=Q(
                    status=ReservationStatus.CANCELLED,
                    cancelled_at__isnull=False,
                    cancel_reason__in=ChangeReason.values,
                )
                & ~Q(cancelled_by="")
                | Q(
                    status=ReservationStatus.BOOKED,
                    cancelled_at__isnull=True,
                    cancelled_by="",
                    cancel_reason="",
                ),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_changed_at_and_by_go_together",
                condition=Q(changed_at__isnull=True, changed_by="")
                | Q(changed_at__isnull=False) & ~Q(changed_by=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_checked_at_and_by_go_together",
                condition=Q(checked_at__isnull=True, checked_by="")
                | Q(checked_at__isnull=False) & ~Q(checked_by=""),
            ),
            models.CheckConstraint(name="%(app_label)s_%(class)s_takes_time", condition=Q(minutes__gte=1)),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_reference_has_10_characters",
                condition=Q(reference__regex=r"^[0-9A-Z]{10}$"),
            ),
            models.UniqueConstraint(fields=["reference"], name="%(app_label)s_%(class)s_reference_is_unique"),
        ]
        indexes = [
            models.Index(fields=["office", "starts_at"], name="reservation_office_day"),
            models.Index(fields=["starts_at"], name="reservation_starts"),
            models.Index(fields=["booked_at"], name="reservation_booked"),
            # Few rows, none of them new: a booking writes no entry. For the figures of a day on every page.
            models.Index(
                fields=["changed_at"], name="reservation_changed", condition=Q(changed_at__isnull=False)
            ),
            models.Index(
                fields=["cancelled_at"],
                name="reservation_cancelled",
                condition=Q(cancelled_at__isnull=False),
            ),
            models.Index(fields=["party"], name="reservation_party", condition=Q(party__isnull=False)),
        ]


class ReservedProcedure(models.Model):
    """A procedure of a reservation. `claim` (name and birth date) is unique while the reservation stands.

    A repeat that staff booked knowingly has none.
    """

    # The two constraints below serve both keys as indexes.
    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="procedures", db_index=False
    )
    procedure = models.ForeignKey(
        "contract.Procedure", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    claim = models.BinaryField(null=True)

    privacy = Privacy(plain=("id", "reservation", "procedure"), hashed=("claim",))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reservation", "procedure"], name="%(app_label)s_%(class)s_once_per_reservation"
            ),
            models.UniqueConstraint(
                fields=["procedure", "claim"], name="%(app_label)s_%(class)s_one_active_per_person"
            ),
        ]


class Submission(models.Model):
    """The answer to a request that may be repeated (idempotency)."""

    scope = models.CharField(max_length=80)
    key_hash = models.BinaryField()
    fingerprint = models.BinaryField()
    # Written before the reservation itself: the key is checked when the transaction ends.
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    privacy = Privacy(plain=("id", "scope", "reservation", "created_at"), hashed=("key_hash", "fingerprint"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key_hash"], name="%(app_label)s_%(class)s_once"),
        ]


class AccessCode(models.Model):
    """An access code mailed to the registered address; it unlocks the whole reservation for a while."""

    reservation = models.OneToOneField(Reservation, on_delete=models.CASCADE, related_name="access_code")
    code = models.BinaryField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    privacy = Privacy(
        plain=("id", "reservation", "expires_at", "tries"),
        sealed=("code",),
        required=("code",),
        key="reservation__applicant__key",
        row="reservation_id",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_has_at_most_5_tries", condition=Q(tries__lte=5)
            ),
        ]


class ReminderCall(models.Model):
    """A reminder call to a person without mail, reached or not (仕様書 4(5)ウ)."""

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="reminder_calls")
    visit_at = models.DateTimeField()
    reached = models.BooleanField()
    called_at = models.DateTimeField()
    called_by = models.CharField(max_length=80)

    privacy = Privacy(plain=("id", "reservation", "visit_at", "reached", "called_at", "called_by"))
