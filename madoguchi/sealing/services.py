"""Seal and open personal data; keyed hashes for exact and partial search (仕様書 4(3)ア, 6).

A stolen dump shows no names, addresses or numbers. It does show which rows share a hash, and how often:
docs/threat-model.md says what follows from that. The seals of the audit trail are others: audit/seals.py.
"""

import base64
import hmac
import json
import os
import re
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from madoguchi.common import clock
from madoguchi.common.errors import Refusal
from madoguchi.common.unreadable import UNREADABLE, ValueUnreadable
from madoguchi.sealing.models import PersonKey, RingKey, UnreadableValue

log = structlog.get_logger()
NONCE_BYTES = 12


class KeyDestroyed(Refusal):
    """The person was erased: the key is destroyed and its data can never be read again."""

    code = "key_destroyed"
    message = "この方の情報は、本市の指示により消去されています。"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that wrap person keys, by id, and the key of the search hashes."""

    current: str
    wrapping: dict[str, AESGCM] = field(repr=False)
    index: bytes = field(repr=False)
    # What tells each key from another of its name, and nothing else.
    marks: dict[str, bytes] = field(repr=False)


@cache
def key_ring() -> KeyRing:
    """Read the key ring of the settings: {"current": id, "keys": {id: base64 of 32 bytes, "index": ...}}."""
    try:
        ring = json.loads(settings.KEY_RING)
        keys = {name: base64.b64decode(text, validate=True) for name, text in ring["keys"].items()}
        marks = {name: hmac.digest(key, b"key_ring", "sha256")[:16] for name, key in keys.items()}
        index = keys.pop("index")
        current = ring["current"]
        wrapping = {name: AESGCM(key) for name, key in keys.items()}
        wrapping[current]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(
            "KEY_RING is damaged or not a key ring. Bring the file back from where its copy is kept "
            "(docs/how-to/change-keys.md); only for a new, empty system make one: manage.py make_key_ring"
        ) from error
    return KeyRing(current=current, wrapping=wrapping, index=index, marks=marks)


def make_key_ring() -> str:
    """Return a new key ring as JSON, to be kept in a file apart from the database and its backups."""
    return json.dumps({"current": "k1", "keys": {name: _new_ring_key() for name in ("k1", "index")}})


def ring_with_new_key() -> tuple[str, str]:
    """Return the name of a new key and the ring with it, as JSON; it is not used yet."""
    key_ring()
    ring = json.loads(settings.KEY_RING)
    numbers = [int(name[1:]) for name in ring["keys"] if re.fullmatch("k[0-9]+", name)]
    name = f"k{max(numbers, default=0) + 1}"
    ring["keys"][name] = _new_ring_key()
    return name, json.dumps(ring)


def ring_using(name: str) -> str:
    """Return the ring with another of its keys as the current one. Raises KeyError without that key."""
    _ = key_ring().wrapping[name]
    return json.dumps({**json.loads(settings.KEY_RING), "current": name})


def ring_without(name: str) -> str:
    """Return the ring without one of its keys; whoever asks has made sure that nothing needs it."""
    ring = json.loads(settings.KEY_RING)
    return json.dumps({**ring, "keys": {each: key for each, key in ring["keys"].items() if each != name}})


def _new_ring_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def new_key() -> PersonKey:
    """Return an unsaved key for a person; the caller saves it in the transaction that first uses it."""
    plain = AESGCM.generate_key(bit_length=256)
    key = PersonKey(id=uuid.uuid4(), created_at=clock.now())
    _wrap(key, plain)
    _keep_cipher(key, AESGCM(plain))
    return key


def rewrap(key: PersonKey) -> None:
    """Wrap a person's key with the current key of the ring; what is sealed with it stays as it is.

    Raises ImproperlyConfigured when the ring does not hold the key that wraps it now.
    """
    _wrap(key, _opened(key))


def _wrap(key: PersonKey, plain: bytes) -> None:
    ring, nonce = key_ring(), os.urandom(NONCE_BYTES)
    key.ring_key = ring.current
    key.wrapped = nonce + ring.wrapping[ring.current].encrypt(nonce, plain, key.id.bytes)


def destroy_keys(*, key_ids: Collection[uuid.UUID]) -> None:
    """Destroy people's keys; afterwards nothing sealed with them can be read, here or in a backup."""
    PersonKey.objects.filter(pk__in=key_ids, destroyed_at=None).update(wrapped=None, destroyed_at=clock.now())


def ring_mark() -> str:
    """Return the fingerprint of this key ring, to be written on a backup."""
    return index_hash("key_ring", "").hex()


def keys_that_do_not_open() -> int:
    """Return how many person keys the key ring cannot open; those that were destroyed do not count."""
    count = 0
    for key in PersonKey.objects.exclude(wrapped=None).iterator():
        try:
            _cipher(key)
        except (ImproperlyConfigured, ValueUnreadable):
            count += 1
    return count


def seal(key: PersonKey, table: str, row: uuid.UUID, column: str, text: str) -> bytes:
    """Seal a text for one cell; moved to another cell it no longer opens. Empty stays empty.

    Raises ValueUnreadable for what stands for a value that did not open: it is never written back.
    """
    if not text:
        return b""
    if UNREADABLE in text or str(UNREADABLE) in text:  # in Japanese, and in the reader's language
        raise ValueUnreadable
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, text.encode(), _cell(table, row, column))


def unseal(key: PersonKey, table: str, row: uuid.UUID, column: str, sealed: bytes | memoryview) -> str:
    """Open what `seal` made.

    Raises KeyDestroyed when the person was erased, and ValueUnreadable when the bytes were altered or belong
    to another cell. For showing, `unseal_to_show` goes on instead.
    """
    box = bytes(sealed)
    if not box:
        return ""
    try:
        opened = _cipher(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _cell(table, row, column))
    # Cut off within the nonce it is a ValueError.
    except (InvalidTag, ValueError) as error:
        raise ValueUnreadable from error
    return opened.decode()


def unseal_to_show(
    key: PersonKey, table: str, row: uuid.UUID, column: str, sealed: bytes | memoryview
) -> str:
    """Open what `seal` made, to be shown; what cannot be read is UNREADABLE, and raises the alarm.

    Raises KeyDestroyed when the person was erased.
    """
    try:
        return unseal(key, table, row, column, sealed)
    except ValueUnreadable:
        note_unreadable(table=table, row=row, column=column)
        return UNREADABLE


def note_unreadable(*, table: str, row: uuid.UUID, column: str) -> None:
    """Raise the alarm for a value that does not open: in the log, on the status page and in its gauge."""
    log.error("sealed_value_unreadable", table=table, row=str(row), column=column)
    which = {"table": table, "row": row, "column": column}
    # Looked up first: who only reads it again waits for nobody.
    if not UnreadableValue.objects.filter(**which).exists():
        UnreadableValue.objects.bulk_create(
            [UnreadableValue(**which, found_at=clock.now())], ignore_conflicts=True
        )


def open_key(key: PersonKey) -> None:
    """Raise ValueUnreadable when a person's key is damaged, KeyDestroyed when it is gone."""
    _opened(key)


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
    return kept if isinstance(kept, AESGCM) else _keep_cipher(key, AESGCM(_opened(key)))


def _opened(key: PersonKey) -> bytes:
    if key.wrapped is None:
        raise KeyDestroyed
    box = bytes(key.wrapped)
    try:
        return key_ring().wrapping[key.ring_key].decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], key.id.bytes)
    except (KeyError, InvalidTag, ValueError) as error:
        if _is_ours(key.ring_key):
            raise ValueUnreadable from error
        raise ImproperlyConfigured(
            f"The key ring does not hold key {key.ring_key!r} of this database."
        ) from error


def _is_ours(ring_key: str) -> bool:
    """Tell whether the ring holds a key of this name, and the one that this database knows."""
    mark = key_ring().marks.get(ring_key)
    known = RingKey.objects.filter(name=ring_key).first()
    return mark is not None and (known is None or bytes(known.mark) == mark)


def _keep_cipher(key: PersonKey, cipher: AESGCM) -> AESGCM:
    # On the instance only: it lives as long as the row in memory, and a page opens eight columns with it.
    key.__dict__["_opened"] = cipher
    return cipher
