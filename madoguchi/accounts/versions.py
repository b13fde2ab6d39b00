"""The fingerprint of an account as its page shows it (docs/adr/0028)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from madoguchi.sealing.shown import shown


def account_version(
    *,
    user_id: int,
    display_name: str,
    organisation: str,
    email: str,
    leaves_on: date | None,
    is_active: bool,
    start_code_expires_at: datetime | None,
    roles: Iterable[str],
    offices: Iterable[str],
) -> str:
    """Return the fingerprint of what staff decide about an account.

    Sign-ins, and locks after wrong entries, come and go by themselves and are not in it.
    """
    code = start_code_expires_at.astimezone(UTC).isoformat() if start_code_expires_at else ""
    facts = (display_name, organisation, email, str(leaves_on or ""), is_active, code)
    return shown("account", user_id, *facts, sorted(map(str, roles)), sorted(offices))
