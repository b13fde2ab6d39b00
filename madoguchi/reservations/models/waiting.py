"""Who waits for a seat (仕様書 4(3)ア)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from madoguchi.common.privacy import Privacy
from madoguchi.reservations.kinds import (
    STILL_WAITING,
    Channel,
    WaitState,
)
from madoguchi.reservations.models.seat import BookingSession
from madoguchi.reservations.rules import MAX_PARTY_SIZE


class Wait(models.Model):
    """A waiting entry: the wish for place and time, and for some hours the offered seats.

    Who comes are its `people`: one, or up to four who come together. The seats offered lie under `session`,
    a booking session like any other, whose token is the token of the link: who opens it books what is held.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The number on the slip, by which staff find an entry; of the kind of a booking's.
    reference = models.CharField(max_length=10, unique=True)
    session = models.OneToOneField(BookingSession, on_delete=models.PROTECT, related_name="wait")
    key = models.ForeignKey("sealing.PersonKey", on_delete=models.PROTECT, related_name="+")
    link_token = models.BinaryField()
    # Of the first of them, who is told.
    has_email = models.BooleanField()
    offices = ArrayField(models.CharField(max_length=10))
    first_day = models.DateField()
    last_day = models.DateField()
    earliest = models.TimeField()
    latest = models.TimeField()
    channel = models.CharField(max_length=12, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=WaitState.choices, default=WaitState.WAITING)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=80)
    offered_at = models.DateTimeField(null=True)
    offer_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # The first slots of offers that were passed on: none of them is offered again.
    passed = ArrayField(models.BigIntegerField(), default=list)
    # How often somebody without mail was called about the offer in vain.
    tries = models.PositiveSmallIntegerField(default=0)

    privacy = Privacy(
        plain=(
            *(
                "id",
                "session",
                "key",
                "has_email",
                "offices",
                "first_day",
                "last_day",
                "earliest",
            ),
            *("latest", "channel", "state", "entered_at", "entered_by", "offered_at", "offer_until"),
            *("ended_at", "tries", "passed", "reference"),
        ),
        sealed=("link_token",),
        required=("link_token",),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_state_is_known", condition=Q(state__in=WaitState.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_channel_is_known", condition=Q(channel__in=Channel.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_has_an_end_once_offered",
                condition=Q(
                    state=WaitState.OFFERED,
                    offered_at__isnull=False,
                    offer_until__isnull=False,
                    offer_until__gt=F("offered_at"),
                )
                | Q(state=WaitState.WAITING, offered_at__isnull=True, offer_until__isnull=True)
                | Q(~Q(state__in=STILL_WAITING), offer_until__isnull=True),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_over_or_not",
                condition=Q(state__in=STILL_WAITING, ended_at__isnull=True)
                | Q(~Q(state__in=STILL_WAITING), ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_wishes_are_in_order",
                condition=Q(first_day__lte=F("last_day"), earliest__lte=F("latest"), offices__len__gt=0),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "entered_at"], name="wait_in_order"),
        ]


class WaitingPerson(models.Model):
    """One of those who wait together, sealed under the key of their entry.

    The first has the id of the entry, so that what is on record about the entry is about who entered it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wait = models.ForeignKey(Wait, on_delete=models.CASCADE, related_name="people")
    place = models.PositiveSmallIntegerField()
    person = models.BinaryField()
    person_hash = models.BinaryField()
    procedures = ArrayField(models.CharField(max_length=20))
    # False once the entry is over, and once this person has a booking of another way.
    in_line = models.BooleanField(default=True)

    privacy = Privacy(
        plain=("id", "wait", "place", "procedures", "in_line"),
        sealed=("person",),
        required=("person",),
        hashed=("person_hash",),
        key="wait__key",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_one_of_four",
                condition=Q(place__gte=1, place__lte=MAX_PARTY_SIZE),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_comes_for_something", condition=Q(procedures__len__gt=0)
            ),
            models.UniqueConstraint(name="%(app_label)s_%(class)s_has_a_place", fields=["wait", "place"]),
            models.UniqueConstraint(
                name="%(app_label)s_%(class)s_waits_once",
                fields=["person_hash"],
                condition=Q(in_line=True),
            ),
        ]
        indexes = [models.Index(fields=["person_hash"], name="waiting_person_by_hash")]
