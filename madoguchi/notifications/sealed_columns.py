"""What is sealed in a mail, opened for the rows that leave this ledger (仕様書 6)."""

from madoguchi.notifications.models import Mail
from madoguchi.notifications.services import TABLE
from madoguchi.sealing.services import KeyDestroyed, unseal_to_show


def open_column(mail: Mail, column: str) -> str:
    """Unseal a column; empty before it was filled and after the person was erased."""
    if mail.key is None:
        return ""
    try:
        return unseal_to_show(mail.key, TABLE, mail.pk, column, getattr(mail, column) or b"")
    except KeyDestroyed:
        return ""
