"""Visits whose time is no longer served, until each is dealt with (仕様書 4(3)ア)."""

from django.db import models
from django.db.models import Q

from madoguchi.common.guards import no_long_digits
from madoguchi.common.privacy import Privacy
from madoguchi.reservations.kinds import DisruptionResolution
from madoguchi.reservations.models.reservation import Reservation


class Disruption(models.Model):
    """A change of hours, seats or opening that affects bookings: the list of people to be dealt with."""

    pause = models.OneToOneField("offices.Pause", null=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    privacy = Privacy(plain=("id", "pause", "title", "created_at", "created_by"))

    class Meta:
        constraints = [
            no_long_digits("title", name="reservations_disruption_title_has_no_long_digits"),
        ]


class DisruptedVisit(models.Model):
    """One person on such a list. Open until moved, cancelled or knowingly kept."""

    disruption = models.ForeignKey(Disruption, on_delete=models.PROTECT, related_name="visits")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="disruptions")
    was_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    told_by = models.CharField(max_length=80, blank=True)
    resolution = models.CharField(max_length=10, choices=DisruptionResolution.choices, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=80, blank=True)
    # Who was told that the time is gone is told once more when it stands again.
    reassured_at = models.DateTimeField(null=True)
    reassured_by = models.CharField(max_length=80, blank=True)

    privacy = Privacy(
        plain=(
            *("id", "disruption", "reservation", "was_at", "told_at", "told_by"),
            *("resolution", "resolved_at", "resolved_by", "reassured_at", "reassured_by"),
        )
    )

    class Meta:
        constraints = [
            # Moved to a time that a longer pause hits as well, a visit is on the list a second time.
            models.UniqueConstraint(
                fields=["disruption", "reservation", "was_at"], name="%(app_label)s_%(class)s_once_for_a_time"
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_reassured_at_and_by_go_together",
                condition=Q(reassured_at__isnull=True, reassured_by="")
                | Q(reassured_at__isnull=False, resolution="KEPT") & ~Q(reassured_by=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_told_at_and_by_go_together",
                condition=Q(told_at__isnull=True, told_by="") | Q(told_at__isnull=False) & ~Q(told_by=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_resolution_at_and_by_go_together",
                condition=Q(resolved_at__isnull=True, resolved_by="", resolution="")
                | Q(resolved_at__isnull=False, resolution__in=DisruptionResolution.values)
                & ~Q(resolved_by=""),
            ),
        ]
