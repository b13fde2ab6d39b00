"""The computation of a seal: canonical bytes and a Merkle tree (RFC 6962, section 2.1).

`scripts/verify_audit_log.py` computes the same in code of its own; both are tested against each other.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

FORMAT = "madoguchi-audit-1"
# What stands for the root before the first seal.
NOTHING = bytes(32)


def canonical(facts: Mapping[str, object]) -> bytes:
    """Return facts as canonical JSON: sorted keys, no spaces, UTF-8, one line."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def header(*, number: int, previous: bytes, sealed_at: str, key: str, entries: int) -> dict[str, object]:
    """Return the header of a seal, its first leaf: the root covers it and all earlier seals."""
    return {
        "format": FORMAT,
        "number": number,
        "previous": previous.hex(),
        "sealed_at": sealed_at,
        "key": key,
        "entries": entries,
    }


def leaf(line: bytes) -> bytes:
    """Return the hash of a leaf; the zero prefix separates leaves from nodes."""
    return sha256(b"\x00" + line).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of at least one leaf, in their order."""
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + root(leaves[:left]) + root(leaves[left:])).digest()
