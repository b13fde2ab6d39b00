"""The outbox, which is the ledger of all mail, and the approved texts (仕様書 4(3)ア)."""

import uuid
from typing import Final

from django.db import models
from django.db.models import F, Q

from madoguchi.common.guards import no_long_digits
from madoguchi.common.privacy import Privacy
from madoguchi.notifications.kinds import AnnouncementKind, MailError, MailKind, MailState

# Plain strings, so that a migration does not import the enums.
KINDS: Final = [kind.value for kind in MailKind]
STATES: Final = [state.value for state in MailState]
ERRORS: Final = [error.value for error in MailError]
QUEUED, SENDING, SENT, WITHDRAWN, FAILED, UNSURE = STATES


class MailText(models.Model):
    """One version of a mail's text; insert-only (a trigger refuses changes)."""

    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=8, default="ja")
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=100)
    body = models.TextField()
    effective_from = models.DateTimeField()
    decided_by = models.CharField(max_length=60)
    decided_at = models.DateTimeField()
    # A version whose proposal was withdrawn before its instant is ignored.
    proposal = models.ForeignKey("contract.Proposal", null=True, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(
        plain=(
            "id", "kind", "language", "version", "subject", "body", "effective_from", "decided_by",
            "decided_at", "proposal",
        )
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(name="%(app_label)s_%(class)s_kind_is_known", condition=Q(kind__in=KINDS)),
            models.UniqueConstraint(
                name="%(app_label)s_%(class)s_version_is_given_once", fields=["kind", "language", "version"]
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_says_something", condition=~Q(subject="") & ~Q(body="")
            ),
            no_long_digits("subject", name="notifications_mailtext_subject_has_no_long_digits"),
            no_long_digits("body", name="notifications_mailtext_body_has_no_long_digits"),
        ]


class Mail(models.Model):
    """One mail to one person: queued in the transaction of its cause, sent by a worker.

    `target` and `occasion` are text, so that this package knows nothing of reservations; together with the
    kind they are unique: the same news is sent once. Subject and body are kept in training only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    target = models.CharField(max_length=64)
    occasion = models.CharField(max_length=64)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    try_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=QUEUED)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=20, default="", blank=True)
    sent_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=120)
    text = models.ForeignKey(MailText, null=True, on_delete=models.PROTECT, db_index=False)
    key = models.ForeignKey("sealing.PersonKey", null=True, on_delete=models.PROTECT, db_index=False)
    recipient = models.BinaryField(null=True)
    subject = models.BinaryField(null=True)
    body = models.BinaryField(null=True)

    privacy = Privacy(
        plain=(
            "id", "kind", "target", "occasion", "queued_at", "due_at", "try_at", "state",
            "claimed_at", "attempts", "error", "sent_at", "message_id", "text", "key",
        ),
        sealed=("recipient", "subject", "body"),
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="%(app_label)s_%(class)s_is_queued_once", fields=["target", "kind", "occasion"]
            ),
            models.CheckConstraint(name="%(app_label)s_%(class)s_kind_is_known", condition=Q(kind__in=KINDS)),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_state_is_known", condition=Q(state__in=STATES)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_error_is_known", condition=Q(error__in=["", *ERRORS])
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_sent_says_when",
                condition=Q(state=SENT, sent_at__isnull=False)
                | Q(state__in=[FAILED, UNSURE])
                | Q(state__in=[QUEUED, SENDING, WITHDRAWN], sent_at__isnull=True),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_sending_was_claimed",
                condition=~Q(state__in=[SENDING, UNSURE]) | Q(claimed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_failed_says_why",
                condition=~Q(state__in=[FAILED, UNSURE]) | ~Q(error=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_recipient_and_key_go_together",
                condition=Q(key__isnull=True, recipient__isnull=True)
                | Q(key__isnull=False, recipient__isnull=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_subject_and_body_go_together",
                condition=Q(subject__isnull=True, body__isnull=True)
                | Q(key__isnull=False, subject__isnull=False, body__isnull=False),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_not_tried_before_due", condition=Q(try_at__gte=F("due_at"))
            ),
            models.UniqueConstraint(
                fields=["message_id"], name="%(app_label)s_%(class)s_message_id_is_unique"
            ),
        ]
        indexes = [
            # What is not over yet: few of many, asked for every two seconds.
            models.Index(
                name="notifications_mail_open",
                fields=["state", "try_at"],
                condition=Q(state__in=[QUEUED, SENDING, FAILED, UNSURE]),
            ),
            models.Index(name="notifications_mail_key", fields=["key"], condition=Q(key__isnull=False)),
        ]


class Announcement(models.Model):
    """A notice on top of every citizen page for a period (仕様書 4(3)ア). Ended early, never deleted."""

    kind = models.CharField(max_length=12, choices=AnnouncementKind.choices)
    title = models.CharField(max_length=60)
    body = models.TextField(max_length=600, blank=True)
    shows_from = models.DateTimeField()
    shows_until = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField(null=True)
    updated_by = models.CharField(max_length=80, blank=True)
    # None for what could not wait for the city's approval: outages, and emergencies by hand.
    proposal = models.ForeignKey("contract.Proposal", null=True, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(
        plain=(
            "id", "kind", "title", "body", "shows_from", "shows_until", "created_at", "created_by",
            "updated_at", "updated_by", "proposal",
        )
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_kind_is_known", condition=Q(kind__in=AnnouncementKind.values)
            ),
            models.CheckConstraint(
                # Equal: ended before it began, never shown.
                name="%(app_label)s_%(class)s_never_ends_before_it_starts",
                condition=Q(shows_from__lte=F("shows_until")),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_updated_at_and_by_go_together",
                condition=Q(updated_at__isnull=True, updated_by="")
                | Q(updated_at__isnull=False) & ~Q(updated_by=""),
            ),
            no_long_digits("title", name="notifications_announcement_title_has_no_long_digits"),
            no_long_digits("body", name="notifications_announcement_body_has_no_long_digits"),
        ]
