"""Queue mail, send it once, and keep the ledger of it (仕様書 4(3)ア).

Whoever changes something queues its mail in the same transaction; `workflows.messages.mail` claims, renders
and hands over. Nothing here knows what a reservation is.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.services import record
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible
from madoguchi.common.forbidden import refuse_forbidden
from madoguchi.common.statements import execute_prepared
from madoguchi.notifications.actions import NotificationAction
from madoguchi.notifications.errors import (
    AddressRefused,
    ContentRefused,
    Interrupted,
    NotResendable,
    PeerBusy,
    Unreachable,
)
from madoguchi.notifications.gateways import MailGateway, Message
from madoguchi.notifications.kinds import ABOUT_THE_VISIT, TROUBLED, MailError, MailKind, MailState
from madoguchi.notifications.models import Mail, MailText
from madoguchi.notifications.rules import check_text, next_try
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import seal
from madoguchi.sealing.shown import refuse_other, shown

TABLE: Final = "notifications_mail"
# Far longer than SMTP's own time-outs for one mail.
LEASE: Final = timedelta(minutes=10)
CLEARED_FIELDS: Final[Mapping[str, None]] = {"key": None, "recipient": None, "subject": None, "body": None}


def queue_mail(
    *,
    kind: MailKind,
    target: str,
    occasion: str,
    due_at: datetime | None = None,
    key_id: uuid.UUID | None = None,
    recipient: str = "",
) -> None:
    """Queue a mail in the caller's transaction, due at once unless `due_at` is given.

    The same news (target, kind, occasion) is queued once, however often this is called; only one that was
    withdrawn, as after moving a visit away and back, is queued anew. A `recipient` is given, with the
    id of the person's key, only when the mail goes elsewhere than to the address registered when it is sent.
    """
    mail_id, now = uuid.uuid4(), clock.now()
    due = due_at or now
    domain = settings.MAIL_FROM.rpartition("@")[2]
    # Not bulk_create: Django's ON CONFLICT has no WHERE.
    execute_prepared(
        """
        INSERT INTO notifications_mail (id, kind, target, occasion, queued_at, due_at, try_at,
                                        state, attempts, error, message_id, key_id, recipient)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, '', %s, %s, %s)
        ON CONFLICT (target, kind, occasion) DO UPDATE
           SET state = excluded.state, due_at = excluded.due_at, try_at = excluded.try_at
         WHERE notifications_mail.state = %s
        """,
        [
            mail_id, kind, target, occasion, now, due, due, MailState.QUEUED,
            f"<{mail_id.hex}@{domain}>", key_id,
            key_id and seal(PersonKey.objects.get(pk=key_id), TABLE, mail_id, "recipient", recipient),
            MailState.WITHDRAWN,
        ],
    )  # fmt: skip


def queue_mails(*, kind: MailKind, news: Collection[tuple[str, str]]) -> None:
    """Queue a mail for many (target, occasion) in one statement, due at once; as `queue_mail` else."""
    now, domain = clock.now(), settings.MAIL_FROM.rpartition("@")[2]
    ids = [uuid.uuid4() for _ in news]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO notifications_mail (id, kind, target, occasion, queued_at, due_at, try_at, state,
                                            attempts, error, message_id)
            SELECT each.id, %(kind)s, each.target, each.occasion, %(now)s, %(now)s, %(now)s,
                   %(queued)s, 0, '', each.message_id
              FROM unnest(%(ids)s::uuid[], %(targets)s::text[], %(occasions)s::text[],
                          %(message_ids)s::text[]) AS each(id, target, occasion, message_id)
            ON CONFLICT (target, kind, occasion) DO UPDATE
               SET state = excluded.state, due_at = excluded.due_at, try_at = excluded.try_at
             WHERE notifications_mail.state = %(withdrawn)s
            """,
            {
                "kind": kind,
                "now": now,
                "queued": MailState.QUEUED,
                "withdrawn": MailState.WITHDRAWN,
                "ids": ids,
                "targets": [target for target, _ in news],
                "occasions": [occasion for _, occasion in news],
                "message_ids": [f"<{each.hex}@{domain}>" for each in ids],
            },
        )


def withdraw_mails(*, kind: MailKind, news: Collection[tuple[str, str]]) -> set[str]:
    """Withdraw what is queued for many (target, occasion) and not yet claimed; returns the targets."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_mail AS mail SET state = %s
              FROM unnest(%s::text[], %s::text[]) AS each(target, occasion)
             WHERE mail.target = each.target AND mail.kind = %s AND mail.occasion = each.occasion
               AND mail.state = %s
            RETURNING mail.target
            """,
            [
                MailState.WITHDRAWN, [target for target, _ in news], [occasion for _, occasion in news],
                kind, MailState.QUEUED,
            ],
        )  # fmt: skip
        return {row[0] for row in cursor.fetchall()}


def withdraw_mail(*, target: str, kinds: Collection[MailKind] = ABOUT_THE_VISIT) -> None:
    """Withdraw what is queued for a target and not yet claimed, unless told which all about the visit."""
    Mail.objects.filter(target=target, state=MailState.QUEUED, kind__in=kinds).update(
        state=MailState.WITHDRAWN
    )


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail this process alone is about to send."""

    id: uuid.UUID
    kind: MailKind
    target: str
    occasion: str
    due_at: datetime
    claimed_at: datetime
    attempts: int
    message_id: str


@transaction.atomic(durable=True)
def claim_next() -> ClaimedMail | None:
    """Claim the mail that is due longest and commit it as `sending`; None without one.

    One at a time: a process that is killed leaves one mail behind of which nobody knows, not a batch.
    """
    now = clock.now()
    mail = (
        Mail.objects.select_for_update(skip_locked=True)
        .filter(state=MailState.QUEUED, try_at__lte=now)
        .order_by("try_at")
        .first()
    )
    if mail is None:
        return None
    mail.state, mail.claimed_at, mail.attempts = MailState.SENDING, now, mail.attempts + 1
    mail.save(update_fields=["state", "claimed_at", "attempts"])
    return ClaimedMail(
        id=mail.pk,
        kind=MailKind(mail.kind),
        target=mail.target,
        occasion=mail.occasion,
        due_at=mail.due_at,
        claimed_at=now,
        attempts=mail.attempts,
        message_id=mail.message_id,
    )


def withdraw_claimed(*, mail: ClaimedMail, error: MailError | None = None) -> None:
    """Withdraw a claimed mail that is outdated or cannot be sent; nothing was sent."""
    _claimed(mail).update(state=MailState.WITHDRAWN, error=error or "")


def fail_claimed(*, mail: ClaimedMail, error: MailError) -> None:
    """Put a claimed mail that cannot be sent on the staff list; nothing was sent."""
    _claimed(mail).update(state=MailState.FAILED, error=error)


def give_back(*, mail: ClaimedMail, error: MailError) -> None:
    """Return a claimed mail to the queue for a retry, or to the staff list after the last try."""
    again = next_try(attempts=mail.attempts, now=clock.now())
    if again is None:
        _claimed(mail).update(state=MailState.FAILED, error=error)
    else:
        _claimed(mail).update(state=MailState.QUEUED, error=error, try_at=again)


def hand_over(
    *, mail: ClaimedMail, key_id: uuid.UUID, text_id: int, message: Message, through: MailGateway
) -> None:
    """Send a claimed mail and record the result; call it outside any transaction.

    Afterwards it is sent, failed for good, queued for a later try, or unsure. If the process dies in
    between it stays `sending`, until `recover_interrupted` puts it on the staff list. Raises KeyDestroyed
    for an erased person; then nothing was sent.
    """
    key = PersonKey.objects.get(pk=key_id)
    kept = {"recipient": message.recipient}
    if through.keeps_text:
        kept |= {"subject": message.subject, "body": message.body}
    sealed = {column: seal(key, TABLE, mail.id, column, text) for column, text in kept.items()}
    # A process that slept longer than its lease has lost the mail: somebody else decides on it.
    if not _claimed(mail).filter(state=MailState.SENDING).update(key=key, text=text_id, **sealed):
        return
    try:
        through.send(message, message_id=mail.message_id)
    except (AddressRefused, ContentRefused) as refused:
        _claimed(mail).update(state=MailState.FAILED, error=refused.error)
    except Interrupted as broken:
        _claimed(mail).update(state=MailState.UNSURE, error=broken.error)
    except (PeerBusy, Unreachable) as delayed:
        give_back(mail=mail, error=delayed.error)
    else:
        _claimed(mail).update(state=MailState.SENT, sent_at=clock.now(), error="")


def forget_old_mails(*, before: datetime, limit: int = 5_000) -> int:
    """Clear recipients and texts of mails finished before an instant, and return how many (仕様書 6)."""
    over = Mail.objects.filter(
        key__isnull=False, due_at__lt=before, state__in=[MailState.SENT, MailState.WITHDRAWN]
    )
    return Mail.objects.filter(pk__in=over.values("pk")[:limit]).update(**CLEARED_FIELDS)


def recover_interrupted() -> int:
    """Move mails that a killed process left in `sending` to the staff list, and return how many.

    They are never sent again by themselves: perhaps they were taken. A process that lives needs at most
    LEASE for one mail.
    """
    return Mail.objects.filter(state=MailState.SENDING, claimed_at__lt=clock.now() - LEASE).update(
        state=MailState.UNSURE, error=MailError.INTERRUPTED
    )


@transaction.atomic
def resend_mail(*, mail_id: uuid.UUID, actor: Actor, seen: str | None = None) -> None:
    """Queue a failed or unsure mail again, on a decision of staff.

    `seen` is what the page showed (`MailRow.shown`). Raises ContentChanged, NotVisible and NotResendable.
    Its Message-ID stays, so that a mailbox may drop the second copy.
    """
    mail = _troubled(mail_id, seen)
    now = clock.now()
    mail.state, mail.try_at, mail.attempts, mail.error, mail.sent_at = MailState.QUEUED, now, 0, "", None
    mail.save(update_fields=["state", "try_at", "attempts", "error", "sent_at"])
    record(action=NotificationAction.RESENT, actor=actor, target=f"mail:{mail_id}")


@transaction.atomic
def settle_mail(*, mail_id: uuid.UUID, actor: Actor, seen: str | None = None) -> None:
    """Settle a failed or unsure mail: the person was informed otherwise.

    Raises ContentChanged, NotVisible and NotResendable.
    """
    mail = _troubled(mail_id, seen)
    mail.state, mail.sent_at = MailState.WITHDRAWN, None
    mail.save(update_fields=["state", "sent_at"])
    record(action=NotificationAction.SETTLED, actor=actor, target=f"mail:{mail_id}")


@transaction.atomic
def record_bounce(*, message_id: str) -> None:
    """Record a bounced mail, which puts it on the staff list (仕様書 4(3)ア). Idempotent.

    Raises NotVisible when no mail has this Message-ID.
    """
    mail = Mail.objects.select_for_update().filter(message_id=message_id).first()
    if mail is None:
        raise NotVisible
    if mail.state not in {MailState.SENT, MailState.UNSURE}:
        return
    mail.state, mail.error = MailState.FAILED, MailError.BOUNCED
    mail.save(update_fields=["state", "error"])
    record(action=NotificationAction.BOUNCED, actor=SYSTEM, target=f"mail:{mail.pk}")


@transaction.atomic
def put_text(
    *,
    kind: MailKind,
    subject: str,
    body: str,
    actor: Actor,
    effective_from: datetime | None = None,
    language: str = "ja",
    proposal_id: int | None = None,
) -> int:
    """Add a version of a mail's text, in force from now unless told otherwise, and return its number.

    The same text again adds nothing, unless a proposal says from when it holds again. Raises TextNotValid,
    and ForbiddenValue for what must not be stored.
    """
    check_text(kind=kind, subject=subject, body=body)
    refuse_forbidden(subject)
    refuse_forbidden(body)
    with connection.cursor() as cursor:
        # Two people who decide at once get two numbers.
        cursor.execute("LOCK TABLE notifications_mailtext IN SHARE ROW EXCLUSIVE MODE")
    last = MailText.objects.filter(kind=kind, language=language).order_by("-version").first()
    if last and proposal_id is None and (last.subject, last.body) == (subject, body):
        return last.version
    now = clock.now()
    version = last.version + 1 if last else 1
    MailText.objects.create(
        kind=kind,
        language=language,
        version=version,
        subject=subject,
        body=body,
        effective_from=effective_from or now,
        decided_by=str(actor),
        decided_at=now,
        proposal_id=proposal_id,
    )
    record(
        action=NotificationAction.TEXT_DECIDED,
        actor=actor,
        target=f"mail_text:{kind}:{language}:{version}",
    )
    return version


def _claimed(mail: ClaimedMail) -> QuerySet[Mail]:
    # By the claim, not the mail alone; UNSURE as well, because a slow process knows what became of it.
    return Mail.objects.filter(
        pk=mail.id, claimed_at=mail.claimed_at, state__in=[MailState.SENDING, MailState.UNSURE]
    )


def mail_version(*, mail_id: uuid.UUID, state: str, error: str, claimed_at: datetime | None) -> str:
    """Return the fingerprint of a mail as the list of troubled mails shows it: how its last attempt ended."""
    claimed = claimed_at.astimezone(UTC).isoformat() if claimed_at else ""
    return shown("mail", str(mail_id), state, error, claimed)


def _troubled(mail_id: uuid.UUID, seen: str | None) -> Mail:
    mail = Mail.objects.select_for_update().filter(pk=mail_id).first()
    if mail is None:
        raise NotVisible
    if mail.state not in TROUBLED:
        raise NotResendable
    stands = mail_version(mail_id=mail_id, state=mail.state, error=mail.error, claimed_at=mail.claimed_at)
    refuse_other(seen, stands)
    return mail
