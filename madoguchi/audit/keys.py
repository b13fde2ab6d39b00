"""The keys of the seals of the audit trail: one private key signs, former public keys still verify.

The keys of personal data are others: sealing/rotation.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from madoguchi.audit.rules import canonical

RSA_BITS = 3072
BLOCK = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SealKeys:
    """The signing key, its id, and all public keys by id, the current included."""

    current: str
    private: RSAPrivateKey = field(repr=False)
    public: Mapping[str, RSAPublicKey]

    def sign(self, root: bytes) -> bytes:
        """Return the signature of a root (RSASSA-PKCS1-v1_5 with SHA-256)."""
        return self.private.sign(root, PKCS1v15(), SHA256())

    def is_signed(self, key: str, root: bytes, signature: bytes) -> bool:
        """Return whether one of our keys made the signature of a root."""
        try:
            self.public[key].verify(signature, root, PKCS1v15(), SHA256())
        except (KeyError, InvalidSignature):
            return False
        return True


def seal_keys() -> SealKeys | None:
    """Return the keys of the settings, or None: then nothing is sealed.

    Raises ImproperlyConfigured when the text holds anything else than RSA keys of 3072 bits or more.
    """
    return _read(settings.AUDIT_KEYS) if settings.AUDIT_KEYS else None


def make_keys() -> str:
    """Return a new private key, followed by the public keys of the settings: AUDIT_KEYS from now on."""
    former = keys.public.values() if (keys := seal_keys()) else ()
    private = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    blocks = [private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())]
    blocks += [key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in former]
    return b"".join(blocks).decode()


def numbers(key: RSAPublicKey) -> dict[str, object]:
    """Return modulus and exponent of a public key, as an exported log carries them."""
    public = key.public_numbers()
    return {"n": f"{public.n:x}", "e": public.e}


@cache
def _read(text: str) -> SealKeys:
    try:
        first, *others = (block.encode() for block in BLOCK.findall(text))
        private = load_pem_private_key(first, password=None)
        public = [private.public_key(), *map(load_pem_public_key, others)]
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured(
            "AUDIT_KEYS must hold a private key, then public ones; make it with: manage.py make_audit_keys"
        ) from error
    known = {
        sha256(canonical(numbers(key))).hexdigest()[:32]: key
        for key in public
        if isinstance(key, RSAPublicKey) and key.key_size >= RSA_BITS
    }
    if len(known) < len(public) or not isinstance(private, RSAPrivateKey):
        raise ImproperlyConfigured(f"AUDIT_KEYS: RSA keys of {RSA_BITS} bits or more, each once.")
    return SealKeys(current=next(iter(known)), private=private, public=known)
