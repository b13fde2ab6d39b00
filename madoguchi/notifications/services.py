"""Queue mail, send it once, and keep the ledger of it (仕様書 4(3)ア).

Whoever changes something queues its mail in the same transaction; `workflows.mail` claims, renders and
hands over. Nothing here knows what a reservation is.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import connection

from madoguchi.common import clock
from madoguchi.notifications.kinds import MailKind, MailState
from madoguchi.notifications.models import Mail


def queue_mail(
    *, kind: MailKind, target: str, occasion: str, due_at: datetime | None = None, language: str = "ja"
) -> None:
    """Queue a mail in the caller's transaction, due at once unless told otherwise.

    The same news (target, kind, occasion) is queued once, however often this is called; only one that was
    withdrawn, as after moving a visit away and back, is queued anew.
    """
    mail_id, now = uuid.uuid4(), clock.now()
    due = due_at or now
    domain = settings.MAIL_FROM.rpartition("@")[2]
    with connection.cursor() as cursor:
        # Not bulk_create: Django's ON CONFLICT has no WHERE.
        cursor.execute(
            """
            INSERT INTO notifications_mail (id, kind, target, occasion, language, queued_at, due_at, try_at,
                                            state, attempts, error, message_id)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, '', %s)
            ON CONFLICT (target, kind, occasion) DO UPDATE
               SET state = excluded.state, due_at = excluded.due_at, try_at = excluded.try_at,
                   language = excluded.language
             WHERE notifications_mail.state = %s
            """,
            [
                mail_id, kind, target, occasion, language, now, due, due, MailState.QUEUED,
                f"<{mail_id.hex}@{domain}>", MailState.WITHDRAWN,
            ],
        )  # fmt: skip


def withdraw_mail(*, target: str, kinds: Collection[MailKind] | None = None) -> None:
    """Withdraw what is queued for a target and not yet claimed, all kinds unless told which."""
    queued = Mail.objects.filter(target=target, state=MailState.QUEUED)
    if kinds is not None:
        queued = queued.filter(kind__in=kinds)
    queued.update(state=MailState.WITHDRAWN)
