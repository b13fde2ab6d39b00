"""Post offices, their opening hours and the slots that follow (仕様書 4(3)ア 予約枠や受付時間)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateRangeField,
    DateTimeRangeField,
    IntegerRangeField,
    RangeOperators,
)
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from madoguchi.common.guards import no_long_digits
from madoguchi.common.privacy import Privacy
from madoguchi.offices.kinds import ClosureReason, DayKind


class Office(models.Model):
    """A post office that takes reservations."""

    code = models.CharField(primary_key=True, max_length=8)
    name = models.CharField(max_length=60)
    short_name = models.CharField(max_length=40)
    kana = models.CharField(max_length=80, blank=True)
    ward = models.ForeignKey("contract.Ward", on_delete=models.PROTECT, related_name="+")
    wave = models.ForeignKey("contract.Wave", on_delete=models.PROTECT, related_name="+")
    postal_code = models.CharField(max_length=7)
    address = models.CharField(max_length=120)
    phone = models.CharField(max_length=16, blank=True)
    access = models.CharField(max_length=200, blank=True)
    facilities = models.CharField(max_length=200, blank=True)
    notes = models.CharField(max_length=200, blank=True)
    post_office_number = models.CharField(max_length=5, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    is_demo = models.BooleanField(default=False)

    privacy = Privacy(
        plain=(
            "code",
            "name",
            "short_name",
            "kana",
            "ward",
            "wave",
            "postal_code",
            "address",
            "phone",
            "access",
            "facilities",
            "notes",
            "post_office_number",
            "latitude",
            "longitude",
            "is_demo",
        )
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_has_both_coordinates_or_none",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_postal_code_has_7_digits",
                condition=Q(postal_code__regex=r"^[0-9]{7}$"),
            ),
            no_long_digits("address", name="offices_office_address_has_no_long_digits"),
            no_long_digits("access", name="offices_office_access_has_no_long_digits"),
            no_long_digits("facilities", name="offices_office_facilities_has_no_long_digits"),
            no_long_digits("notes", name="offices_office_notes_has_no_long_digits"),
        ]

    def __str__(self) -> str:
        return self.name


class WeeklyHours(models.Model):
    """From when to when an office serves on a weekday, with how many seats; a break is a gap between rows.

    `minutes` counts from midnight, `during` holds the days it is in force.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField()
    minutes = IntegerRangeField()
    seats = models.PositiveSmallIntegerField()
    during = DateRangeField()

    privacy = Privacy(plain=("id", "office", "weekday", "minutes", "seats", "during"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_weekday_is_known", condition=Q(weekday__lte=6)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_starts_before_it_ends",
                condition=Q(minutes__isempty=False, during__isempty=False)
                & Q(minutes__contained_by=(0, 1441)),
            ),
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_never_overlap",
                expressions=[
                    ("office", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    ("minutes", RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]


class DayHours(models.Model):
    """The hours of one day, in place of that weekday's."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="day_hours")
    on = models.DateField()
    minutes = IntegerRangeField()
    seats = models.PositiveSmallIntegerField()

    privacy = Privacy(plain=("id", "office", "on", "minutes", "seats"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_starts_before_it_ends",
                condition=Q(minutes__isempty=False) & Q(minutes__contained_by=(0, 1441)),
            ),
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_never_overlap",
                expressions=[
                    ("office", RangeOperators.EQUAL),
                    ("on", RangeOperators.EQUAL),
                    ("minutes", RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Pause(models.Model):
    """An unplanned pause of service, at every office (`offices` is empty) or some.

    All procedures stop, or one. What stops altogether is closed by closures of its own; one procedure is
    refused by a trigger on bookings. Lifted early or over by itself, never deleted (ADR 0020).
    """

    cause = models.CharField(max_length=20, choices=ClosureReason.choices)
    offices = ArrayField(models.CharField(max_length=8))
    procedure = models.ForeignKey(
        "contract.Procedure", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    during = DateTimeRangeField()
    # Staff did not know an end: it was set to the end of the term.
    is_open_ended = models.BooleanField(default=False)
    announcement = models.ForeignKey(
        "notifications.Announcement", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=80, blank=True)

    privacy = Privacy(
        plain=(
            *("id", "cause", "offices", "procedure", "during", "is_open_ended", "announcement"),
            *("created_at", "created_by", "lifted_at", "lifted_by"),
        )
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_cause_is_known", condition=Q(cause__in=ClosureReason.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_starts_before_it_ends",
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_lifted_at_and_by_go_together",
                condition=Q(lifted_at__isnull=True, lifted_by="")
                | Q(lifted_at__isnull=False) & ~Q(lifted_by=""),
            ),
        ]


class Closure(models.Model):
    """A closure of one office or of all. Withdrawn, never deleted."""

    pause = models.ForeignKey(Pause, null=True, on_delete=models.PROTECT, related_name="closures")
    office = models.ForeignKey(Office, null=True, on_delete=models.PROTECT, related_name="closures")
    during = DateTimeRangeField()
    reason = models.CharField(max_length=20, choices=ClosureReason.choices)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=80, blank=True)

    privacy = Privacy(
        plain=(
            "id",
            "pause",
            "office",
            "during",
            "reason",
            "note",
            "created_at",
            "created_by",
            "withdrawn_at",
            "withdrawn_by",
        )
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_reason_is_known", condition=Q(reason__in=ClosureReason.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_starts_before_it_ends",
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_withdrawn_at_and_by_go_together",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by=""),
            ),
            no_long_digits("note", name="offices_closure_note_has_no_long_digits"),
        ]


class CapacityPreset(models.Model):
    """On a kind of day only one of every `keep_one_in` slots is offered, everywhere or at one office."""

    office = models.ForeignKey(Office, null=True, on_delete=models.PROTECT, related_name="presets")
    day_kind = models.CharField(max_length=20, choices=DayKind.choices)
    keep_one_in = models.PositiveSmallIntegerField()
    during = DateRangeField()

    privacy = Privacy(plain=("id", "office", "day_kind", "keep_one_in", "during"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_day_kind_is_known", condition=Q(day_kind__in=DayKind.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_keeps_at_least_one", condition=Q(keep_one_in__gte=1)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_starts_before_it_ends", condition=Q(during__isempty=False)
            ),
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_never_overlap",
                expressions=[
                    # NULL equals nothing, and "all offices" must not overlap with itself either.
                    (Coalesce("office_id", Value("")), RangeOperators.EQUAL),
                    ("day_kind", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Slot(models.Model):
    """A time at an office. `capacity` is what the plan allows now; the seats are rows of `reservations`."""

    # The constraint below serves as the index: two more would be a third of the work of laying out slots.
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="slots", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField()

    privacy = Privacy(plain=("id", "office", "starts_at", "ends_at", "capacity"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "starts_at"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_starts_before_it_ends", condition=Q(starts_at__lt=F("ends_at"))
            ),
        ]
