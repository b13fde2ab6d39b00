"""Secrets of authenticator apps and seeds of recovery codes, sealed with the key ring (仕様書 6, 4(5)イ(イ)).

allauth keeps them in rows of its own; `web.login.adapters` seals and opens them here.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter

from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidTag
from django.db import transaction

from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.sealing.services import key_ring

NONCE_BYTES = 12
# Where allauth keeps what its adapter has sealed.
FACTOR_OF = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def seal_factor(text: str) -> str:
    """Seal the secret of an authenticator app or of recovery codes with the key ring."""
    ring, nonce = key_ring(), secrets.token_bytes(NONCE_BYTES)
    box = nonce + ring.wrapping[ring.current].encrypt(nonce, text.encode(), b"accounts:factor")
    return f"{ring.current}:{urlsafe_b64encode(box).decode()}"


def open_factor(sealed: str) -> str:
    """Unseal a value of `seal_factor`. Raises ValueUnreadable when it was altered."""
    key, _, text = sealed.partition(":")
    try:
        box = urlsafe_b64decode(text)
        opened = key_ring().wrapping[key].decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], b"accounts:factor")
    # Cut off, it is a ValueError; a key that the ring does not hold is a KeyError.
    except (InvalidTag, ValueError, KeyError) as error:
        raise ValueUnreadable from error
    return opened.decode()


def factors_by_key() -> dict[str, int]:
    """Count the secrets of authenticator apps and recovery codes that each key of the ring seals."""
    sealed = (text for row in Authenticator.objects.all() for text in _factors(row).values())
    return dict(Counter(text.partition(":")[0] for text in sealed))


@transaction.atomic
def reseal_factors() -> int:
    """Re-seal with the current key what other keys of the ring seal, and return how many rows."""
    current, count = key_ring().current, 0
    for row in Authenticator.objects.select_for_update():
        old = {name: text for name, text in _factors(row).items() if not text.startswith(f"{current}:")}
        if old:
            row.data |= {name: seal_factor(open_factor(text)) for name, text in old.items()}
            row.save(update_fields=["data"])
            count += 1
    return count


def damaged_factors() -> list[str]:
    """Return table, row and name of each secret of an app, or of recovery codes, that does not open."""
    return [
        f"mfa_authenticator {row.pk} {name}"
        for row in Authenticator.objects.filter(type__in=FACTOR_OF).order_by("pk")
        if not _opens(row.data.get(name := FACTOR_OF[row.type], ""))
    ]


def _opens(sealed: str) -> bool:
    try:
        return bool(open_factor(sealed))
    except ValueUnreadable:
        return False


def _factors(row: Authenticator) -> dict[str, str]:
    """Return the columns sealed by `seal_factor`; a security key has none."""
    return {name: row.data[name] for name in FACTOR_OF.values() if row.data.get(name)}
