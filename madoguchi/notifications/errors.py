"""Refusals of the outbox, and the failures of a gateway."""

from typing import ClassVar

from madoguchi.common.errors import Refusal
from madoguchi.notifications.kinds import MailError


class TextNotValid(Refusal):
    """A mail's text has an unknown placeholder, lacks one, or its subject reveals the matter."""

    code = "mail_text_not_valid"
    message = "メールの文に直すところがあります。"


class NotResendable(Refusal):
    """The mail neither failed nor was interrupted, so it cannot be sent again."""

    code = "mail_not_resendable"
    message = "このメールは、送り直しの対象ではありません。"


class NotANotification(Refusal):
    """The message is no delivery status notification: a person's answer, or junk."""

    code = "not_a_notification"
    message = "このアドレスではメールを受け取れません。予約専用コールセンターにお電話ください。"


class NotTaken(Exception):
    """The gateway did not accept the mail; `error` is a code without personal data."""

    error: ClassVar[MailError]


class AddressRefused(NotTaken):
    """The address does not exist (permanent)."""

    error = MailError.ADDRESS_REFUSED


class ContentRefused(NotTaken):
    """The server refuses this mail for its size or content (permanent)."""

    error = MailError.CONTENT_REFUSED


class PeerBusy(NotTaken):
    """The server is busy (temporary)."""

    error = MailError.PEER_BUSY


class Unreachable(NotTaken):
    """The server could not be reached; nothing was sent (temporary)."""

    error = MailError.UNREACHABLE


class Interrupted(NotTaken):
    """The connection broke during sending: the mail may have been delivered or not."""

    error = MailError.INTERRUPTED


class EndsBeforeItStarts(Refusal):
    """The time to stop showing it is not after the time to begin."""

    code = "ends_before_it_starts"
    message = "表示の終わりは、始まりより後にしてください。"
