"""Read the outbox and the texts as frozen rows; recipients are masked."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Min, Q, QuerySet

from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.common.names import mask_email
from madoguchi.contract.kinds import ProposalState
from madoguchi.notifications.errors import TextNotValid
from madoguchi.notifications.kinds import (
    ERROR_NAMES,
    KIND_NAMES,
    STATE_NAMES,
    TROUBLED,
    MailKind,
    MailState,
)
from madoguchi.notifications.models import Mail, MailText
from madoguchi.notifications.rules import check_text
from madoguchi.notifications.sealed_columns import open_column
from madoguchi.notifications.services import TABLE, mail_version
from madoguchi.sealing.services import unseal

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class MailRow:
    """One mail as a list shows it; `recipient` is masked, and empty before the first attempt."""

    id: uuid.UUID
    kind: str
    kind_name: str
    target: str
    state: str
    state_name: str
    recipient: str
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    error_name: str
    shown: str

    @property
    def is_troubled(self) -> bool:
        """Tell whether staff must decide: resend or settle."""
        return self.state in TROUBLED


@dataclass(frozen=True, slots=True)
class MailPage:
    """A page of the outbox and the total number of mails."""

    rows: list[MailRow]
    total: int
    page: int


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A mail of the training system, to be read in the browser."""

    id: uuid.UUID
    kind: str
    kind_name: str
    sent_at: datetime
    recipient: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class TextRow:
    """One version of a mail's text."""

    id: int
    kind: str
    kind_name: str
    language: str
    version: int
    subject: str
    body: str
    effective_from: datetime
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """The backlog of mail: those due and not sent, and those that need a person."""

    waiting: int
    oldest: datetime | None
    troubled: int

    @property
    def age(self) -> timedelta:
        """How long the oldest has been due; more than a few minutes is an alarm."""
        return clock.now() - self.oldest if self.oldest else timedelta()


def outbox(*, states: Collection[str] = (), kinds: Collection[str] = (), page: int = 1) -> MailPage:
    """Return a page of the outbox, latest due first."""
    rows = Mail.objects.select_related("key").order_by("-due_at", "pk")
    if states:
        rows = rows.filter(state__in=states)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    shown = Paginator(rows, PAGE_SIZE).get_page(page)
    return MailPage([_row(mail) for mail in shown], shown.paginator.count, shown.number)


def troubled_mails() -> list[MailRow]:
    """Return the mails that failed or were interrupted, the oldest first, for staff (仕様書 4(3)ア)."""
    rows = Mail.objects.select_related("key").filter(state__in=TROUBLED).order_by("due_at", "pk")
    return [_row(mail) for mail in rows]


def mails_about(target: str) -> list[MailRow]:
    """Return all mails of one target, the latest due first."""
    rows = Mail.objects.select_related("key").filter(target=target).order_by("-due_at", "pk")
    return [_row(mail) for mail in rows]


def has_mail_failed(*, target: str, address: str) -> bool:
    """Tell whether the last attempted mail of a target to this address failed.

    A correction of the address, a later mail that went out, and a member of staff who settled it end it.
    """
    tried = Mail.objects.select_related("key").filter(
        target=target, state__in=[MailState.SENT, MailState.FAILED]
    )
    latest_first = tried.exclude(kind=MailKind.CONTACT_CHANGED).order_by("-claimed_at")
    last = next((mail for mail in latest_first if open_column(mail, "recipient") == address), None)
    return last is not None and last.state == MailState.FAILED


def kept_recipient(mail_id: uuid.UUID) -> str:
    """Return the address stored with a queued mail, "" without one.

    Raises KeyDestroyed for an erased person, NotVisible when there is no such mail, and ValueUnreadable.
    """
    mail = Mail.objects.select_related("key").filter(pk=mail_id).first()
    if mail is None:
        raise NotVisible
    return (
        unseal(mail.key, TABLE, mail.pk, "recipient", mail.recipient) if mail.key and mail.recipient else ""
    )


def backlog() -> Backlog:
    """Return the backlog, in one query."""
    waiting = Q(state=MailState.QUEUED, try_at__lte=clock.now()) | Q(state=MailState.SENDING)
    found = Mail.objects.filter(waiting | Q(state__in=TROUBLED)).aggregate(
        waiting=Count("pk", filter=waiting),
        oldest=Min("due_at", filter=waiting),
        troubled=Count("pk", filter=Q(state__in=TROUBLED)),
    )
    return Backlog(**found)


def queued_mails(*, kind: str) -> int:
    """Return how many mails of a kind are queued; each is written in the text in force when it is sent."""
    return Mail.objects.filter(kind=kind, state=MailState.QUEUED).count()


def demo_mailbox(*, limit: int = 100) -> list[LetterRow]:
    """Return the latest mails of the training system. Raises NotVisible anywhere else."""
    if not settings.TRAINING:
        raise NotVisible
    rows = Mail.objects.select_related("key").filter(state=MailState.SENT, body__isnull=False)
    return [_letter(mail) for mail in rows.order_by("-sent_at", "pk")[:limit]]


def demo_letter(mail_id: uuid.UUID) -> LetterRow:
    """Return one mail of the training system. Raises NotVisible anywhere else and when there is none."""
    mail = (
        Mail.objects.select_related("key")
        .filter(pk=mail_id, state=MailState.SENT, body__isnull=False)
        .first()
    )
    if mail is None or not settings.TRAINING:
        raise NotVisible
    return _letter(mail)


def text_in_force(*, kind: MailKind, at: datetime, language: str = "ja") -> TextRow:
    """Return the text of a mail at an instant, in Japanese where there is none in the language asked for.

    Raises NotVisible when nobody decided one.
    """
    rows = _texts_that_count().filter(kind=kind, effective_from__lte=at, language__in=[language, "ja"])
    found = max(
        rows, key=lambda row: (row.language == language, row.effective_from, row.version), default=None
    )
    if found is None:
        raise NotVisible
    return _text(found)


def texts() -> list[TextRow]:
    """Return every version of every text, by kind, the one that applies first."""
    order = [kind.value for kind in MailKind]
    rows = _texts_that_count().order_by("language", "-effective_from", "-version")
    return sorted((_text(row) for row in rows), key=lambda row: order.index(row.kind))


def texts_to_rewrite() -> list[tuple[TextRow, str]]:
    """Return the texts in force or decided for later that `check_text` refuses, each with its sentence.

    They were decided before the rule that refuses them, and mails are written with them until somebody
    rewrites them.
    """
    now, found = clock.now(), []
    in_force: set[tuple[str, str]] = set()
    for row in texts():
        if row.effective_from <= now:
            if (row.kind, row.language) in in_force:
                continue
            in_force.add((row.kind, row.language))
        try:
            check_text(kind=MailKind(row.kind), subject=row.subject, body=row.body)
        except TextNotValid as refusal:
            found.append((row, refusal.message))
    return found


def kind_with_subject(*, subject: str, language: str, at: datetime, besides: MailKind) -> str:
    """Return the name of another kind of mail whose subject reads the same at an instant, "" for none."""
    current: dict[str, TextRow] = {}
    for row in texts():
        if row.language == language and row.effective_from <= at:
            current.setdefault(row.kind, row)
    rows = (row for row in current.values() if row.kind != besides and row.subject == subject)
    return next((row.kind_name for row in rows), "")


def _texts_that_count() -> QuerySet[MailText]:
    """Exclude versions withdrawn before they took effect."""
    return MailText.objects.exclude(proposal__state=ProposalState.WITHDRAWN)


def _row(mail: Mail) -> MailRow:
    return MailRow(
        id=mail.pk,
        kind=mail.kind,
        kind_name=KIND_NAMES[mail.kind],
        target=mail.target,
        state=mail.state,
        state_name=STATE_NAMES[mail.state],
        recipient=_masked(mail),
        due_at=mail.due_at,
        sent_at=mail.sent_at,
        attempts=mail.attempts,
        error_name=ERROR_NAMES[mail.error],
        shown=mail_version(mail_id=mail.pk, state=mail.state, error=mail.error, claimed_at=mail.claimed_at),
    )


def _letter(mail: Mail) -> LetterRow:
    if mail.sent_at is None:
        raise NotVisible
    return LetterRow(
        id=mail.pk,
        kind=mail.kind,
        kind_name=KIND_NAMES[mail.kind],
        sent_at=mail.sent_at,
        recipient=open_column(mail, "recipient"),
        subject=open_column(mail, "subject"),
        body=open_column(mail, "body"),
    )


def _masked(mail: Mail) -> str:
    recipient = open_column(mail, "recipient")
    return mask_email(recipient) if recipient else ""


def _text(row: MailText) -> TextRow:
    return TextRow(
        id=row.pk,
        kind=row.kind,
        kind_name=KIND_NAMES[row.kind],
        language=row.language,
        version=row.version,
        subject=row.subject,
        body=row.body,
        effective_from=row.effective_from,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
