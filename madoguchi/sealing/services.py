"""Seal and open personal data; keyed hashes for exact and partial search (仕様書 4(3)ア, 6).

A stolen dump shows no names, addresses or numbers. It does show which rows share a hash, and how often:
docs/threat-model.md says what follows from that.
"""

import base64
import hmac
import json
import os
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.sealing.models import PersonKey

NONCE_BYTES = 12


class KeyDestroyed(Refusal):
    """The person was erased; what was sealed with the key can never be read again."""

    code = "key_destroyed"
    message = "この方の情報は、本市の指示により消去されています。"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that wrap person keys, by id, and the key of the search hashes."""

    current: str
    wrapping: dict[str, AESGCM] = field(repr=False)
    index: bytes = field(repr=False)


@cache
def key_ring() -> KeyRing:
    """Read the key ring of the settings: {"current": id, "keys": {id: base64 of 32 bytes, "index": ...}}."""
    try:
        ring = json.loads(settings.KEY_RING)
        keys = {name: base64.b64decode(text, validate=True) for name, text in ring["keys"].items()}
        index = keys.pop("index")
        current = ring["current"]
        wrapping = {name: AESGCM(key) for name, key in keys.items()}
        wrapping[current]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(
            "KEY_RING is not a key ring; make one with: manage.py make_key_ring"
        ) from error
    return KeyRing(current=current, wrapping=wrapping, index=index)


def make_key_ring() -> str:
    """Return a new key ring as JSON, to be kept in a file apart from the database and its backups."""
    keys = {name: base64.b64encode(os.urandom(32)).decode() for name in ("k1", "index")}
    return json.dumps({"current": "k1", "keys": keys})


def new_key() -> PersonKey:
    """Return an unsaved key for a person; the caller saves it in the transaction that first uses it."""
    plain = AESGCM.generate_key(bit_length=256)
    ring = key_ring()
    key = PersonKey(id=uuid.uuid4(), ring_key=ring.current, created_at=clock.now())
    nonce = os.urandom(NONCE_BYTES)
    key.wrapped = nonce + ring.wrapping[ring.current].encrypt(nonce, plain, key.id.bytes)
    _keep_cipher(key, AESGCM(plain))
    return key


def destroy_keys(*, key_ids: Collection[uuid.UUID]) -> None:
    """Destroy people's keys; afterwards nothing sealed with them can be read, here or in a backup."""
    PersonKey.objects.filter(pk__in=key_ids, destroyed_at=None).update(wrapped=None, destroyed_at=clock.now())


def ring_mark() -> str:
    """Return what tells this key ring from another and nothing else, to be written on a backup."""
    return index_hash("key_ring", "").hex()


def keys_that_do_not_open() -> int:
    """Return how many person keys the key ring cannot open; those that were destroyed do not count."""
    count = 0
    for key in PersonKey.objects.exclude(wrapped=None).iterator():
        try:
            _cipher(key)
        except ImproperlyConfigured:
            count += 1
    return count


def seal(key: PersonKey, table: str, row: uuid.UUID, column: str, text: str) -> bytes:
    """Seal a text for one cell; moved to another cell it no longer opens. Empty stays empty."""
    if not text:
        return b""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, text.encode(), _cell(table, row, column))


def unseal(key: PersonKey, table: str, row: uuid.UUID, column: str, sealed: bytes | memoryview) -> str:
    """Open what `seal` made.

    Raises KeyDestroyed when the person was erased, and cryptography's InvalidTag when the bytes were
    altered or belong to another cell.
    """
    box = bytes(sealed)
    if not box:
        return ""
    opened = _cipher(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _cell(table, row, column))
    return opened.decode()


def index_hash(purpose: str, text: str) -> bytes:
    """Return 16 bytes that are equal for equal texts of one purpose; useless without the index key."""
    return hmac.digest(key_ring().index, f"{purpose}\0{text}".encode(), "sha256")[:16]


def tokens(purpose: str, parts: Iterable[str]) -> list[int]:
    """Return one signed 64-bit number per text part, sorted, for a GIN-indexed array column."""
    index, head = key_ring().index, f"{purpose}\0".encode()
    return sorted(
        int.from_bytes(hmac.digest(index, head + part.encode(), "sha256")[:8], "big", signed=True)
        for part in parts
    )


def _cell(table: str, row: uuid.UUID, column: str) -> bytes:
    return f"{table}:{column}:{row.hex}".encode()


def _cipher(key: PersonKey) -> AESGCM:
    kept: Any = key.__dict__.get("_opened")
    if isinstance(kept, AESGCM):
        return kept
    if key.wrapped is None:
        raise KeyDestroyed
    box = bytes(key.wrapped)
    try:
        plain = key_ring().wrapping[key.ring_key].decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], key.id.bytes)
    except (KeyError, InvalidTag) as error:
        raise ImproperlyConfigured(
            f"The key ring does not hold key {key.ring_key!r} of this database."
        ) from error
    return _keep_cipher(key, AESGCM(plain))


def _keep_cipher(key: PersonKey, cipher: AESGCM) -> AESGCM:
    # On the instance only: it lives as long as the row in memory, and a page opens eight columns with it.
    key.__dict__["_opened"] = cipher
    return cipher
