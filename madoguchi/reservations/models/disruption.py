"""Disrupted visits, until each is resolved (仕様書 4(3)ア)."""

from django.db import models
from django.db.models import Q

from madoguchi.common.guards import no_long_digits
from madoguchi.common.privacy import Privacy
from madoguchi.reservations.kinds import DisruptionResolution
from madoguchi.reservations.models.reservation import Reservation


class Disruption(models.Model):
    """A change of hours, seats or opening that affected bookings: the list of affected people."""

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
    """One affected visit on a list. Open until it is moved, cancelled or explicitly kept."""

    disruption = models.ForeignKey(Disruption, on_delete=models.PROTECT, related_name="visits")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="disruptions")
    was_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True)
    notified_by = models.CharField(max_length=80, blank=True)
    resolution = models.CharField(max_length=10, choices=DisruptionResolution.choices, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=80, blank=True)
    # A person notified of the disruption is notified again when the visit is reinstated.
    reinstatement_notified_at = models.DateTimeField(null=True)
    reinstatement_notified_by = models.CharField(max_length=80, blank=True)

    privacy = Privacy(
        plain=(
            *("id", "disruption", "reservation", "was_at", "notified_at", "notified_by"),
            *(
                "resolution",
                "resolved_at",
                "resolved_by",
                "reinstatement_notified_at",
                "reinstatement_notified_by",
            ),
        )
    )

    class Meta:
        constraints = [
            # A visit moved to a time that a longer pause affects as well is listed a second time.
            models.UniqueConstraint(
                fields=["disruption", "reservation", "was_at"], name="%(app_label)s_%(class)s_once_for_a_time"
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_reinstatement_notice_says_who",
                condition=Q(reinstatement_notified_at__isnull=True, reinstatement_notified_by="")
                | Q(reinstatement_notified_at__isnull=False, resolution="KEPT")
                & ~Q(reinstatement_notified_by=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_notified_at_and_by_go_together",
                condition=Q(notified_at__isnull=True, notified_by="")
                | Q(notified_at__isnull=False) & ~Q(notified_by=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_resolution_at_and_by_go_together",
                condition=Q(resolved_at__isnull=True, resolved_by="", resolution="")
                | Q(resolved_at__isnull=False, resolution__in=DisruptionResolution.values)
                & ~Q(resolved_by=""),
            ),
        ]
