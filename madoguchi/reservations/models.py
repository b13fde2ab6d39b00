"""Applicants, holds, reservations and the seats they sit on (仕様書 4(3)ア).

A seat is a row. It is given away by one UPDATE of what is free now (seats.take_seats), and a trigger
refuses to hand a seat from one reservation to another: two barriers that do not know of each other.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from madoguchi.common.guards import no_long_digits
from madoguchi.common.languages import MAIN
from madoguchi.common.privacy import Privacy


class Status(models.TextChoices):
    """A reservation is booked or cancelled; what people see besides is derived from the other ledgers."""

    BOOKED = "BOOKED", "予約中"
    CANCELLED = "CANCELLED", "取消し"


class Channel(models.TextChoices):
    """Where a reservation came from; all channels use the same workflow."""

    WEB = "WEB", "Web"
    PHONE = "PHONE", "電話"
    PARTNER = "PARTNER", "連携"


class Reason(models.TextChoices):
    """Why a reservation was changed or cancelled; a list, because free text collects personal data."""

    NOT_GIVEN = "NOT_GIVEN", "理由なし"
    SCHEDULE = "SCHEDULE", "都合が悪くなった"
    DONE_ELSEWHERE = "DONE_ELSEWHERE", "ほかの窓口で済ませた"
    NOT_NEEDED = "NOT_NEEDED", "手続きが不要になった"
    WRONG_PROCEDURE = "WRONG_PROCEDURE", "手続きの選び間違い"
    WARD_REFERRAL = "WARD_REFERRAL", "区役所を案内"
    DUPLICATE = "DUPLICATE", "重複"
    OFFICE_CLOSED = "OFFICE_CLOSED", "郵便局の休業・枠の変更"
    INPUT_ERROR = "INPUT_ERROR", "入力の誤り"
    OPERATOR_ERROR = "OPERATOR_ERROR", "受付側の誤り"


class ContactBy(models.TextChoices):
    """How a person wishes to be reached."""

    PHONE = "PHONE", "電話"
    MAIL = "MAIL", "メール"
    FAX = "FAX", "ファクス"
    LETTER = "LETTER", "手紙"


class Applicant(models.Model):
    """Who comes, as typed. Everything about the person is sealed under the person's own key."""

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
    contact_by = models.CharField(max_length=10, choices=ContactBy.choices, default=ContactBy.PHONE)
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
                condition=Q(contact_by__in=ContactBy.values),
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


class Reservation(models.Model):
    """One person's visit: where, when, and whether it still stands."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=10)
    applicant = models.OneToOneField(Applicant, on_delete=models.PROTECT, related_name="reservation")
    office = models.ForeignKey(
        "offices.Office", on_delete=models.PROTECT, related_name="reservations", db_index=False
    )
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.BOOKED)
    channel = models.CharField(max_length=10, choices=Channel.choices)
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
    # The secretariat looked it through before it goes to the city (R68). Corrected details of who comes open
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
                name="%(app_label)s_%(class)s_status_is_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_channel_is_known", condition=Q(channel__in=Channel.values)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_cancellation_is_whole",
                condition=Q(
                    status=Status.CANCELLED, cancelled_at__isnull=False, cancel_reason__in=Reason.values
                )
                & ~Q(cancelled_by="")
                | Q(status=Status.BOOKED, cancelled_at__isnull=True, cancelled_by="", cancel_reason=""),
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
            models.Index(fields=["party"], name="reservation_party", condition=Q(party__isnull=False)),
        ]


class Preservation(models.Model):
    """保留: one reservation that nobody may erase until it is lifted, with the reason (R193)."""

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="preservations")
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
            no_long_digits("reason", name="reservations_preservation_reason_has_no_long_digits"),
        ]


class ErasureReason(models.TextChoices):
    """Why the city has people erased."""

    TERM_OVER = "TERM_OVER", "保存期間の満了"
    CONTRACT_END = "CONTRACT_END", "契約の終了"
    CITY = "CITY", "本市の個別の指示"
    PERSON = "PERSON", "ご本人からの請求"


class Erasure(models.Model):
    """消去: the city's instruction, how far it has come, and the certificate; it names nobody (R193).

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
            no_long_digits("document_number", name="reservations_erasure_document_has_no_long_digits"),
            no_long_digits("instructed_by", name="reservations_erasure_instructed_by_has_no_long_digits"),
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


class Hold(models.Model):
    """An attempt to book: what was typed so far, sealed, and for some minutes the seats chosen.

    One per browser, known by a random token of which only the hash is kept. `reservation` is set once it
    was booked, so that the same press twice gives the same answer; of a family it is the first person's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.BinaryField(unique=True)
    key = models.ForeignKey("sealing.PersonKey", on_delete=models.PROTECT, related_name="+")
    draft = models.BinaryField(default=bytes)
    source_hash = models.BinaryField()
    created_at = models.DateTimeField()
    used_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    extensions = models.PositiveSmallIntegerField(default=0)
    reservation = models.OneToOneField(Reservation, null=True, on_delete=models.PROTECT, related_name="hold")
    # What the page showed whose press booked: the same press gives the same answer, another tab's does not.
    booked_as = models.CharField(max_length=32, default="", blank=True)

    privacy = Privacy(
        plain=("id", "key", "created_at", "used_at", "held_until", "extensions", "reservation"),
        sealed=("draft",),
        hashed=("token_hash", "source_hash", "booked_as"),
    )

    class Meta:
        indexes = [
            models.Index(fields=["used_at"], name="hold_used"),
            models.Index(fields=["source_hash", "created_at"], name="hold_source"),
        ]


class WaitState(models.TextChoices):
    """Where somebody on the waiting list stands."""

    WAITING = "WAITING", "空き待ち"
    OFFERED = "OFFERED", "空きをご案内中"
    BOOKED = "BOOKED", "予約済み"
    LAPSED = "LAPSED", "期限切れ"
    LEFT = "LEFT", "取りやめ"


STILL_WAITING = (WaitState.WAITING, WaitState.OFFERED)


class Wait(models.Model):
    """A person on the waiting list: where and when would do, and for some hours the seats offered.

    The seats offered lie under `hold`, an attempt to book like any other, whose token is the token of the
    link: who opens it books what is held.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="wait")
    key = models.ForeignKey("sealing.PersonKey", on_delete=models.PROTECT, related_name="+")
    person = models.BinaryField()
    link_token = models.BinaryField()
    person_hash = models.BinaryField()
    has_email = models.BooleanField()
    procedures = ArrayField(models.CharField(max_length=20))
    offices = ArrayField(models.CharField(max_length=10))
    first_day = models.DateField()
    last_day = models.DateField()
    earliest = models.TimeField()
    latest = models.TimeField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=WaitState.choices, default=WaitState.WAITING)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=80)
    offered_at = models.DateTimeField(null=True)
    offer_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # How often somebody without mail was called about the offer in vain.
    tries = models.PositiveSmallIntegerField(default=0)

    privacy = Privacy(
        plain=(
            *("id", "hold", "key", "has_email", "procedures", "offices", "first_day", "last_day", "earliest"),
            *("latest", "channel", "state", "entered_at", "entered_by", "offered_at", "offer_until"),
            *("ended_at", "tries"),
        ),
        sealed=("person", "link_token"),
        hashed=("person_hash",),
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
                condition=Q(
                    first_day__lte=F("last_day"),
                    earliest__lte=F("latest"),
                    offices__len__gt=0,
                    procedures__len__gt=0,
                ),
            ),
            models.UniqueConstraint(
                name="%(app_label)s_%(class)s_waits_once",
                fields=["person_hash"],
                condition=Q(state__in=STILL_WAITING),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "entered_at"], name="wait_in_order"),
        ]


class Seat(models.Model):
    """A place at a slot. Free when nobody booked it, no live hold is on it and its web hour has come.

    `is_withdrawn`: the plan no longer offers it; it stays for the person on it and is given to nobody else.
    """

    pk = models.CompositePrimaryKey("slot_id", "seat_no")
    # The primary key serves the slot as an index; the two others index only the seats that are taken.
    slot = models.ForeignKey("offices.Slot", on_delete=models.PROTECT, related_name="seats", db_index=False)
    seat_no = models.PositiveSmallIntegerField()
    web_from = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    hold = models.ForeignKey(Hold, null=True, on_delete=models.PROTECT, related_name="seats", db_index=False)
    reservation = models.ForeignKey(
        Reservation, null=True, on_delete=models.PROTECT, related_name="seats", db_index=False
    )
    is_withdrawn = models.BooleanField(default=False)

    privacy = Privacy(
        plain=("slot", "seat_no", "web_from", "held_until", "hold", "reservation", "is_withdrawn")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_hold_and_held_until_go_together",
                condition=Q(hold__isnull=True, held_until__isnull=True)
                | Q(hold__isnull=False, held_until__isnull=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_held_or_booked_not_both",
                condition=Q(hold__isnull=True) | Q(reservation__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["hold"], name="seat_hold", condition=Q(hold__isnull=False)),
            models.Index(
                fields=["reservation"], name="seat_reservation", condition=Q(reservation__isnull=False)
            ),
        ]


class Submission(models.Model):
    """The answer already given to a request that may be sent twice."""

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
    """A code sent to the registered mail address; it opens the whole reservation for a while."""

    reservation = models.OneToOneField(Reservation, on_delete=models.CASCADE, related_name="access_code")
    code = models.BinaryField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    privacy = Privacy(
        plain=("id", "reservation", "expires_at", "tries"),
        sealed=("code",),
        key="reservation__applicant__key",
        row="reservation_id",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_has_at_most_5_tries", condition=Q(tries__lte=5)
            ),
        ]


class Disruption(models.Model):
    """A change of hours, seats or opening that hit bookings: the list of people to be dealt with."""

    pause = models.OneToOneField("offices.Pause", null=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    privacy = Privacy(plain=("id", "pause", "title", "created_at", "created_by"))

    class Meta:
        constraints = [
            no_long_digits("title", name="reservations_disruption_title_has_no_long_digits"),
        ]


class Resolution(models.TextChoices):
    """How a person hit by a disruption was dealt with."""

    MOVED = "MOVED", "日時を変更"
    CANCELLED = "CANCELLED", "取消し"
    KEPT = "KEPT", "予定どおり受け付ける"


class DisruptedVisit(models.Model):
    """One person on such a list. Open until moved, cancelled or knowingly kept."""

    disruption = models.ForeignKey(Disruption, on_delete=models.PROTECT, related_name="visits")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="disruptions")
    was_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    told_by = models.CharField(max_length=80, blank=True)
    resolution = models.CharField(max_length=10, choices=Resolution.choices, blank=True)
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
                | Q(resolved_at__isnull=False, resolution__in=Resolution.values) & ~Q(resolved_by=""),
            ),
        ]


class ReminderCall(models.Model):
    """A person without mail was reminded by telephone, or could not be reached (R170)."""

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="reminder_calls")
    visit_at = models.DateTimeField()
    reached = models.BooleanField()
    called_at = models.DateTimeField()
    called_by = models.CharField(max_length=80)

    privacy = Privacy(plain=("id", "reservation", "visit_at", "reached", "called_at", "called_by"))


class TryCount(models.Model):
    """How often something was tried from one source in a window of time."""

    scope = models.CharField(max_length=40)
    source_hash = models.BinaryField()
    window = models.DateTimeField()
    count = models.PositiveIntegerField()

    privacy = Privacy(plain=("id", "scope", "window", "count"), hashed=("source_hash",))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "source_hash", "window"], name="%(app_label)s_%(class)s_once"
            ),
        ]


class ExportState(models.TextChoices):
    """How far the file of a list has come."""

    WAITING = "WAITING", "作成中"
    READY = "READY", "作成済"
    FAILED = "FAILED", "作成できず"


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
            no_long_digits("reason", name="reservations_export_reason_has_no_long_digits"),
            no_long_digits("note", name="reservations_export_note_has_no_long_digits"),
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
