"""Refusals of the outbox, and what a gateway may answer instead of taking a mail."""

from typing import ClassVar

from madoguchi.common.errors import Refusal
from madoguchi.notifications.kinds import MailError


class TextNotValid(Refusal):
    """A mail's text has a wrong placeholder, lacks one, or its subject tells the matter."""

    code = "mail_text_not_valid"
    message = "メールの文に直すところがあります。"


class NotResendable(Refusal):
    """Only a mail that failed or was interrupted is sent again; all others take care of themselves."""

    code = "mail_not_resendable"
    message = "このメールは、送り直しの対象ではありません。"


class NotANotification(Refusal):
    """What came to MAIL_FROM is no delivery status notification: an answer of a person, or junk."""

    code = "not_a_notification"
    message = "このアドレスではメールを受け取れません。予約専用コールセンターにお電話ください。"


class NotTaken(Exception):
    """The gateway did not take the mail; `error` says why, in a code without personal data."""

    error: ClassVar[MailError]


class AddressRefused(NotTaken):
    """There is no such address, for good."""

    error = MailError.ADDRESS_REFUSED


class ContentRefused(NotTaken):
    """The peer will not take this mail, for good: its size, or what it says."""

    error = MailError.CONTENT_REFUSED


class PeerBusy(NotTaken):
    """Later perhaps."""

    error = MailError.PEER_BUSY


class Unreachable(NotTaken):
    """Nobody answered before anything was handed over: later perhaps."""

    error = MailError.UNREACHABLE


class Interrupted(NotTaken):
    """The line broke after the handing over had begun: nobody knows whether the mail was taken."""

    error = MailError.INTERRUPTED


class EndsBeforeItStarts(Refusal):
    """The time to stop showing it is not after the time to begin."""

    code = "ends_before_it_starts"
    message = "表示の終わりは、始まりより後にしてください。"
