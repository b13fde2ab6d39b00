"""Seats, and the sessions that hold them while somebody books (docs/adr/0003-seats-are-rows.md)."""

import uuid

from django.db import models
from django.db.models import Q

from madoguchi.common.privacy import Privacy
from madoguchi.reservations.models.reservation import (
    Reservation,
)


class BookingSession(models.Model):
    """One browser's way to a booking: what was typed so far, sealed, and for some minutes the seats chosen.

    Known by a random token of which only the hash is kept. `reservation` is set once it
    was booked, so that the same press twice gives the same answer; of a family it is the first person's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.BinaryField(unique=True)
    key = models.ForeignKey("sealing.PersonKey", on_delete=models.PROTECT, related_name="+")
    form_data = models.BinaryField(default=bytes)
    source_hash = models.BinaryField()
    created_at = models.DateTimeField()
    used_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    extensions = models.PositiveSmallIntegerField(default=0)
    reservation = models.OneToOneField(
        Reservation, null=True, on_delete=models.PROTECT, related_name="session"
    )
    # What the page showed whose press booked: the same press gives the same answer, another tab's does not.
    booked_as = models.CharField(max_length=32, default="", blank=True)

    privacy = Privacy(
        plain=("id", "key", "created_at", "used_at", "held_until", "extensions", "reservation"),
        sealed=("form_data",),
        hashed=("token_hash", "source_hash", "booked_as"),
    )

    class Meta:
        indexes = [
            models.Index(fields=["used_at"], name="bookingsession_used"),
            models.Index(fields=["source_hash", "created_at"], name="bookingsession_source"),
        ]


class Seat(models.Model):
    """A seat of a slot. Free without a reservation, without a live hold, and after `web_from`.

    `is_withdrawn`: the plan no longer offers it; it stays for the person on it and is given to nobody else.
    """

    pk = models.CompositePrimaryKey("slot_id", "seat_no")
    # The primary key serves the slot as an index; the two others index only the seats that are taken.
    slot = models.ForeignKey("offices.Slot", on_delete=models.PROTECT, related_name="seats", db_index=False)
    seat_no = models.PositiveSmallIntegerField()
    web_from = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    session = models.ForeignKey(
        BookingSession, null=True, on_delete=models.PROTECT, related_name="seats", db_index=False
    )
    reservation = models.ForeignKey(
        Reservation, null=True, on_delete=models.PROTECT, related_name="seats", db_index=False
    )
    is_withdrawn = models.BooleanField(default=False)

    privacy = Privacy(
        plain=("slot", "seat_no", "web_from", "held_until", "session", "reservation", "is_withdrawn")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_session_and_held_until_go_together",
                condition=Q(session__isnull=True, held_until__isnull=True)
                | Q(session__isnull=False, held_until__isnull=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_held_or_booked_not_both",
                condition=Q(session__isnull=True) | Q(reservation__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["session"], name="seat_session", condition=Q(session__isnull=False)),
            models.Index(
                fields=["reservation"], name="seat_reservation", condition=Q(reservation__isnull=False)
            ),
        ]
