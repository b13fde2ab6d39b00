"""Applicants, sealed under a key of their own (仕様書 4(3)ア, 6)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from madoguchi.common.languages import MAIN
from madoguchi.common.privacy import Privacy
from madoguchi.reservations.kinds import (
    ContactMethod,
)


class Applicant(models.Model):
    """An applicant, as typed. All personal data is sealed under the person's own key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey("sealing.PersonKey", on_delete=models.PROTECT, related_name="+")
    name = models.BinaryField()
    name_kana = models.BinaryField()
    birth_date = models.BinaryField()
    postal_code = models.BinaryField()
    address = models.BinaryField()
    phone = models.BinaryField()
    email = models.BinaryField()
    # What the procedures need besides: JSON, see people.Details.
    details = models.BinaryField()
    link_token = models.BinaryField()
    has_email = models.BooleanField()
    contact_by = models.CharField(max_length=10, choices=ContactMethod.choices, default=ContactMethod.PHONE)
    ward_code = models.CharField(max_length=6, blank=True)
    # In which the person reads and is written to.
    language = models.CharField(max_length=8, default=MAIN)
    name_tokens = ArrayField(models.BigIntegerField())
    # Name and birth date: also the claim on a procedure.
    person_hash = models.BinaryField()
    birth_hash = models.BinaryField()
    phone_hash = models.BinaryField()
    phone_end_hash = models.BinaryField()
    email_hash = models.BinaryField()

    privacy = Privacy(
        plain=("id", "key", "has_email", "contact_by", "ward_code", "language"),
        sealed=(
            "name",
            "name_kana",
            "birth_date",
            "postal_code",
            "address",
            "phone",
            "email",
            "details",
            "link_token",
        ),
        # Nobody is booked without them.
        required=("name", "birth_date", "details", "link_token"),
        hashed=(
            "name_tokens",
            "person_hash",
            "birth_hash",
            "phone_hash",
            "phone_end_hash",
            "email_hash",
        ),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_contact_by_is_known",
                condition=Q(contact_by__in=ContactMethod.values),
            ),
            # Its shape only: languages come and go with their catalogues.
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_language_is_a_code",
                condition=Q(language__regex=r"^[a-z]{2}(-[a-z]{2,5})?$"),
            ),
            # Nobody is without a name: who has none was erased, and nothing else of them may stay.
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_empty_once_erased",
                condition=~Q(name=b"")
                | Q(
                    name_kana=b"",
                    birth_date=b"",
                    postal_code=b"",
                    address=b"",
                    phone=b"",
                    email=b"",
                    details=b"",
                    link_token=b"",
                    has_email=False,
                    name_tokens__len=0,
                    person_hash=b"",
                    birth_hash=b"",
                    phone_hash=b"",
                    phone_end_hash=b"",
                    email_hash=b"",
                ),
            ),
        ]
        indexes = [
            GinIndex(fields=["name_tokens"], name="applicant_name_tokens"),
            models.Index(fields=["person_hash"], name="applicant_person"),
            models.Index(fields=["phone_hash"], name="applicant_phone"),
            models.Index(fields=["phone_end_hash"], name="applicant_phone_end"),
            models.Index(fields=["email_hash"], name="applicant_email"),
        ]
