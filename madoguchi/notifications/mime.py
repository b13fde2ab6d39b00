"""Encode a mail (仕様書 4(3)ア): ASCII only, so that every server passes it unchanged."""

from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from madoguchi.common import clock

# Neither 8BITMIME nor SMTPUTF8 is ever needed.
ASCII_ONLY: Final = policy.SMTP.clone(cte_type="7bit")
# RFC 2047 allows 75 characters in an encoded word; the library goes one beyond what it is told.
WORD_MAX_LENGTH: Final = 70


def mime_bytes(
    *,
    headers: dict[str, str],
    sender: tuple[str, str],
    to: str,
    body: str,
    attachments: tuple[tuple[str, bytes, str, dict[str, str]], ...] = (),
) -> bytes:
    """Return a mail as bytes; attachments are name, content, type and the parameters of the type.

    The head is written here, because the library's folding of names loses their quotation marks.
    """
    name, address = sender
    head = {
        "From": f"{_encoded(name, 'From', always=True)}\r\n <{address}>",
        "To": to,
        "Date": format_datetime(clock.now()),
    } | {key: _encoded(value, key) for key, value in headers.items()}
    mail = EmailMessage(ASCII_ONLY)
    mail.set_content(body)
    for file_name, content, mime, parameters in attachments:
        maintype, _slash, subtype = mime.partition("/")
        mail.add_attachment(
            content, maintype=maintype, subtype=subtype, filename=file_name, params=parameters
        )
    lines = "".join(f"{key}: {value}\r\n" for key, value in head.items())
    return lines.encode("ascii") + mail.as_bytes()


def _encoded(text: str, header: str, *, always: bool = False) -> str:
    """Return text as encoded words, each on a line of its own; `always` also where ASCII would do."""
    if text.isascii() and "=?" not in text and not always:
        return text
    return Header(text, "utf-8", maxlinelen=WORD_MAX_LENGTH, header_name=header).encode(linesep="\r\n")


def mailbox_of(address: str) -> str:
    """Return an address for SMTP and headers: quoted where its dots require it.

    >>> mailbox_of("hanako@example.jp"), mailbox_of("a..b.@docomo.ne.jp")
    ('hanako@example.jp', '"a..b."@docomo.ne.jp')
    """
    local, _at, domain = address.rpartition("@")
    return address if all(local.split(".")) else f'"{local}"@{domain}'
