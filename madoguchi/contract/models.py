"""The contract as rows: term, waves, wards, calendars, procedures, texts, and rules with effective dates.

All but the rules come from the program pack and are written by loading it (`workflows.pack`).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.db.models.lookups import Regex

from madoguchi.common.forbidden import PLAIN_LONG_NUMBER
from madoguchi.common.guards import no_long_digits
from madoguchi.common.privacy import Privacy
from madoguchi.contract.kinds import CalendarCode, ProcedureCode, ProposalKind, ProposalState

PHONE = 13  # 092-000-0000 and longer area codes, with hyphens
# Plain strings, so that a migration does not import the enums.
PROCEDURES = [code.value for code in ProcedureCode]
CALENDARS = [code.value for code in CalendarCode]
PROPOSAL_KINDS = [kind.value for kind in ProposalKind]
MASTER_KINDS = ["wave", "office", "belonging", "procedure"]
PROPOSAL_STATES = [state.value for state in ProposalState]
WRITTEN, SENT, RETURNED, APPROVED, WITHDRAWN = PROPOSAL_STATES


# The instant at which the day of opening ends in Japan; the same in a session of any time zone.
OPENING_IS_OVER = models.Func(
    "opens_on",
    template="((%(expressions)s + 1)::timestamp AT TIME ZONE 'Asia/Tokyo')",
    output_field=models.DateTimeField(),
)


class Program(models.Model):
    """The city and the term that this installation serves."""

    code = models.CharField(primary_key=True, max_length=20)
    # There is one program: this unique column can only hold true.
    is_the_one = models.BooleanField(default=True, unique=True)
    title = models.CharField(max_length=120)
    city_name = models.CharField(max_length=20)
    municipality_code = models.CharField(max_length=6)
    city_url = models.URLField()
    city_section = models.CharField(max_length=60)
    city_section_phone = models.CharField(max_length=PHONE)
    contractor_name = models.CharField(max_length=60)
    term_starts_on = models.DateField()
    term_ends_on = models.DateField()
    slot_minutes = models.PositiveSmallIntegerField()
    call_centre_name = models.CharField(max_length=60)
    call_centre_phone = models.CharField(max_length=PHONE)
    call_centre_opens = models.TimeField()
    call_centre_closes = models.TimeField()
    call_centre_hours = models.CharField(max_length=120)
    helpdesk_phone = models.CharField(max_length=PHONE)
    secretariat_phone = models.CharField(max_length=PHONE)
    lost_card_line = models.CharField(max_length=60)
    lost_card_phone = models.CharField(max_length=PHONE)

    privacy = Privacy(
        plain=(
            "code", "is_the_one", "title", "city_name", "municipality_code", "city_url", "city_section",
            "city_section_phone", "contractor_name", "term_starts_on", "term_ends_on", "slot_minutes",
            "call_centre_name", "call_centre_phone", "call_centre_opens", "call_centre_closes",
            "call_centre_hours", "helpdesk_phone", "secretariat_phone", "lost_card_line", "lost_card_phone",
        )
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(name="%(app_label)s_%(class)s_there_is_one", condition=Q(is_the_one=True)),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_term_starts_before_it_ends",
                condition=Q(term_starts_on__lt=F("term_ends_on")),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_call_centre_opens_before_it_closes",
                condition=Q(call_centre_opens__lt=F("call_centre_closes")),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_slots_have_a_length", condition=Q(slot_minutes__gt=0)
            ),
        ]


class Wave(models.Model):
    """Offices that open together."""

    code = models.CharField(primary_key=True, max_length=4)
    name = models.CharField(max_length=20)
    opens_on = models.DateField()
    booking_opens_at = models.DateTimeField()

    privacy = Privacy(plain=("code", "name", "opens_on", "booking_opens_at"))

    class Meta:
        ordering = ["opens_on", "code"]
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_takes_bookings_before_it_opens",
                condition=Q(booking_opens_at__lt=OPENING_IS_OVER),
            ),
        ]


class Ward(models.Model):
    """A ward of the city and its counter; the code is the 6-digit municipality code."""

    code = models.CharField(primary_key=True, max_length=6)
    name = models.CharField(max_length=20)
    counter_name = models.CharField(max_length=40)
    postal_code = models.CharField(max_length=7)
    address = models.CharField(max_length=120)
    phone = models.CharField(max_length=PHONE)
    hours = models.CharField(max_length=120)

    privacy = Privacy(plain=("code", "name", "counter_name", "postal_code", "address", "phone", "hours"))

    class Meta:
        ordering = ["code"]


class BranchOffice(models.Model):
    """A branch (出張所) of a ward office; papers of its area go there."""

    code = models.CharField(primary_key=True, max_length=20)
    name = models.CharField(max_length=40)
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="+")
    postal_code = models.CharField(max_length=7)
    address = models.CharField(max_length=120)
    phone = models.CharField(max_length=PHONE)
    hours = models.CharField(max_length=120)

    privacy = Privacy(plain=("code", "name", "ward", "postal_code", "address", "phone", "hours"))

    class Meta:
        ordering = ["code"]


class PostalArea(models.Model):
    """A postal code of the city; its coordinates are approximate and only order offices by distance."""

    postal_code = models.CharField(primary_key=True, max_length=7)
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="+")
    town = models.CharField(max_length=60, blank=True)
    branch = models.ForeignKey(BranchOffice, null=True, on_delete=models.PROTECT, related_name="+")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    privacy = Privacy(plain=("postal_code", "ward", "town", "branch", "latitude", "longitude"))

    class Meta:
        ordering = ["postal_code"]
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_has_both_coordinates_or_none",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
            ),
        ]


class BusinessCalendar(models.Model):
    """A calendar and the weekdays on which it is closed."""

    code = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=40)
    closed_weekdays = ArrayField(models.PositiveSmallIntegerField())

    privacy = Privacy(plain=("code", "name", "closed_weekdays"))

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_code_is_known", condition=Q(code__in=CALENDARS)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_weekdays_are_known",
                condition=Q(closed_weekdays__contained_by=[0, 1, 2, 3, 4, 5, 6]),
            ),
        ]


class CalendarDay(models.Model):
    """A day on which a calendar departs from its weekdays: a holiday, year's end, or an extra open day."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    is_open = models.BooleanField()
    reason = models.CharField(max_length=60)

    privacy = Privacy(plain=("id", "calendar", "day", "is_open", "reason"))

    class Meta:
        ordering = ["calendar", "day"]
        constraints = [
            models.UniqueConstraint(name="%(app_label)s_%(class)s_once", fields=["calendar", "day"]),
            models.CheckConstraint(name="%(app_label)s_%(class)s_says_why", condition=~Q(reason="")),
        ]


class Procedure(models.Model):
    """A procedure that is (or may be) done at post offices."""

    code = models.CharField(primary_key=True, max_length=20)
    name = models.CharField(max_length=60)
    short_name = models.CharField(max_length=20)
    explanation = models.CharField(max_length=200)
    minutes_alone = models.PositiveSmallIntegerField()
    minutes_beside = models.PositiveSmallIntegerField()
    is_enabled = models.BooleanField()
    position = models.PositiveSmallIntegerField()

    privacy = Privacy(
        plain=(
            "code", "name", "short_name", "explanation", "minutes_alone", "minutes_beside", "is_enabled",
            "position",
        )
    )  # fmt: skip

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_code_is_known", condition=Q(code__in=PROCEDURES)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_takes_time_alone", condition=Q(minutes_alone__gt=0)
            ),
        ]


class Belonging(models.Model):
    """A thing to bring; for every procedure when `procedures` is empty."""

    code = models.CharField(primary_key=True, max_length=30)
    text = models.CharField(max_length=200)
    hint = models.CharField(max_length=300, blank=True)
    procedures = ArrayField(models.CharField(max_length=20))
    position = models.PositiveSmallIntegerField()

    privacy = Privacy(plain=("code", "text", "hint", "procedures", "position"))

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_procedures_are_known",
                condition=Q(procedures__contained_by=PROCEDURES),
            ),
        ]


class GuidanceText(models.Model):
    """A text of the city by name and language."""

    name = models.CharField(max_length=60)
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=120)
    body = models.TextField()
    position = models.PositiveSmallIntegerField()

    privacy = Privacy(plain=("id", "name", "language", "title", "body", "position"))

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="%(app_label)s_%(class)s_once", fields=["language", "name"]),
            no_long_digits("body", name="contract_guidancetext_body_has_no_long_digits"),
        ]


class Proposal(models.Model):
    """What the secretariat proposes and the city approves: rules, texts, master data (仕様書 4(3)ア).

    An approved proposal of a guidance text is itself the version in force from its instant on. Rules, mails
    and announcements add versions to their ledgers, which refer to the proposal. Master data (waves, offices,
    belongings, procedures) is changed in place once the instant has come: `applied_at` says when.
    """

    kind = models.CharField(max_length=12)
    # An office's code, a text's name, or the announcement that gives way; empty for all or for a new one.
    scope = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=8, default="ja")
    content = models.JSONField()
    base = models.JSONField()
    items = ArrayField(models.CharField(max_length=100))
    effective_from = models.DateTimeField()
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default=WRITTEN)
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField(null=True)
    sent_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=80, blank=True)
    # Why the city took its approval back; empty where the secretariat withdrew.
    taken_back = models.CharField(max_length=300, blank=True)
    applied_at = models.DateTimeField(null=True)

    privacy = Privacy(
        plain=(
            "id", "kind", "scope", "language", "content", "base", "items", "effective_from", "reason",
            "state", "written_at", "written_by", "sent_at", "sent_by", "decided_at", "decided_by", "answer",
            "withdrawn_at", "withdrawn_by", "taken_back", "applied_at",
        )
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_kind_is_known", condition=Q(kind__in=PROPOSAL_KINDS)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_state_is_known", condition=Q(state__in=PROPOSAL_STATES)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_says_who_and_why",
                condition=~Q(written_by="") & ~Q(reason="") & ~Q(content={}),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_sent_at_and_by_go_together",
                condition=Q(sent_at__isnull=True, sent_by="") | Q(sent_at__isnull=False) & ~Q(sent_by=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_decided_at_and_by_go_together",
                condition=Q(decided_at__isnull=True, decided_by="")
                | Q(decided_at__isnull=False) & ~Q(decided_by=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_withdrawn_says_when_and_by_whom",
                condition=Q(state=WITHDRAWN, withdrawn_at__isnull=False) & ~Q(withdrawn_by="")
                | ~Q(state=WITHDRAWN) & Q(withdrawn_at__isnull=True, withdrawn_by=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_goes_from_hand_to_hand",
                condition=Q(state=WRITTEN, sent_at__isnull=True, decided_at__isnull=True)
                | Q(state=SENT, sent_at__isnull=False, decided_at__isnull=True)
                | Q(state__in=[RETURNED, APPROVED], sent_at__isnull=False, decided_at__isnull=False)
                | Q(state=WITHDRAWN),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_decided_by_somebody_else",
                condition=~Q(decided_by=F("written_by")) & ~Q(decided_by=F("sent_by")) | Q(decided_by=""),
            ),
            models.CheckConstraint(
                # What was in force stays explainable: an approved one (no answer) goes before its instant.
                name="%(app_label)s_%(class)s_is_not_withdrawn_once_in_force",
                condition=~Q(state=WITHDRAWN, decided_at__isnull=False, answer="")
                | Q(withdrawn_at__lt=F("effective_from")),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_returned_says_why",
                condition=~Q(state=RETURNED, answer="") & (~Q(state=APPROVED) | Q(answer="")),
            ),
            models.CheckConstraint(
                name="contract_proposal_content_has_no_long_digits",
                condition=~Q(Regex(Cast("content", models.TextField()), PLAIN_LONG_NUMBER)),
            ),
            no_long_digits("reason", name="contract_proposal_reason_has_no_long_digits"),
            no_long_digits("answer", name="contract_proposal_answer_has_no_long_digits"),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_only_an_approval_is_taken_back",
                condition=Q(taken_back="") | Q(state=WITHDRAWN, decided_at__isnull=False, answer=""),
            ),
            no_long_digits("taken_back", name="contract_proposal_taken_back_has_no_long_digits"),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_applied_once_approved_and_due",
                condition=Q(applied_at__isnull=True)
                | Q(state=APPROVED, kind__in=MASTER_KINDS, applied_at__gte=F("effective_from")),
            ),
        ]
        indexes = [models.Index(name="contract_proposal_text", fields=["kind", "state", "effective_from"])]


class Rule(models.Model):
    """One version of a rule, insert-only; of those in force the latest applies.

    `scope` is empty for the whole program or the code of the office for which it differs. A version of an
    office without a value gives the rule back: from its instant on the value of the program applies there.
    """

    key = models.CharField(max_length=40)
    scope = models.CharField(max_length=8, blank=True)
    value = models.JSONField(null=True)
    effective_from = models.DateTimeField()
    decided_by = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    # A version whose proposal was withdrawn before its instant is ignored.
    proposal = models.ForeignKey(Proposal, null=True, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(
        plain=(
            "id",
            "key",
            "scope",
            "value",
            "effective_from",
            "decided_by",
            "note",
            "created_at",
            "proposal",
        )
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="%(app_label)s_%(class)s_says_who", condition=~Q(decided_by="")),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_only_an_office_gives_back",
                condition=Q(value__isnull=False) | ~Q(scope=""),
            ),
            no_long_digits("note", name="contract_rule_note_has_no_long_digits"),
        ]


class LoadedPack(models.Model):
    """A loaded program pack, with which the next one is compared. Insert-only."""

    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=80)
    content = models.JSONField()

    privacy = Privacy(plain=("id", "loaded_at", "loaded_by", "content"))
