#!/usr/bin/env python3
"""操作記録の書出しファイルを、システムの外で確かめる。Check an exported audit trail anywhere.

    python3 verify_audit_log.py LOG [--number N --root ROOT] [--key ID ...]

LOG was written by `manage.py export_audit`. This file needs nothing but Python 3.10 or later, no database and
no network, and shares no code with the system that it checks. Exit code: 0 all is as it was sealed, 1 it is
not (one sentence for each thing found), 2 the question cannot be answered (no such file, wrong arguments).

--number and --root are those of a seal that was printed (照合値). They vouch for everything up to that seal,
even against somebody who has the database and the keys, and alone show that the end was cut off.
--key names the only keys to be trusted; their ids stand on paper too. Without it the keys in the file are.

The log is lines of JSON:

1. {"format": "madoguchi-audit-1", "exported_at": ..., "keys": {ID: {"n": hexadecimal, "e": 65537}}}
   ID is the beginning of SHA-256 of {"e":...,"n":...}.
2. For each seal {"seal": {"number", "previous", "sealed_at", "key", "entries", "format"}, "root",
   "signature", "leaves": [...]}, followed by its entries, one a line, in order.
3. {"end": {"seals": n, "entries": n, "waiting": n}}; those waiting had no seal yet and are not in the file.

Hashes are SHA-256. A leaf is the hash of 00 and a line as it stands in the file, without its end. The first
leaf of a seal is what stands under "seal" (keys in order, no spaces), the others are its entries. A node is
the hash of 01 and its two children; a level is paired from the left and an odd one moves up (RFC 6962). The
top is the root; "previous" is the root of the seal before (zeros for the first). The signature is
RSASSA-PKCS1-v1_5 with SHA-256 over the 32 bytes of the root.
"""

import argparse
import json
import sys
from collections.abc import Generator, Iterable, Iterator
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

FORMAT = "madoguchi-audit-1"
SHORTEST_KEY = 3072
# ASN.1 of "SHA-256, and its 32 bytes" (RFC 8017, 9.2, note 1).
SHA256_FOLLOWS = bytes.fromhex("3031300d060960864801650304020105000420")


def main() -> int:
    """Check the file that the arguments name, and say what was found."""
    parser = argparse.ArgumentParser(description="操作記録の書出しファイルを確かめます。")
    parser.add_argument("log", help="export_audit で書き出したファイル")
    parser.add_argument("--number", type=int, help="控えの封印の番号")
    parser.add_argument("--root", help="控えの照合値（空白は数えません）")
    parser.add_argument("--key", action="append", default=[], help="信頼する鍵の ID（くり返せます）")
    chosen = parser.parse_args()
    if (chosen.number is None) != (chosen.root is None):
        parser.error("--number と --root は一緒に指定してください。")
    printed = (chosen.number, "".join(chosen.root.split()).lower()) if chosen.root else None
    try:
        with Path(chosen.log).open("rb") as file:
            found = list(faults(file, printed, chosen.key))
    except OSError as error:
        print(f"{chosen.log} を読めません: {error.strerror}", file=sys.stderr)
        return 2
    for sentence in found:
        print(sentence)
    if found:
        print(f"{len(found)}件の異常があります。")
        return 1
    print("異常はありません。")
    if printed is None:
        print("末尾の切り取りは、控えの --number と --root がないと分かりません。")
    return 0


def faults(lines: Iterable[bytes], printed: tuple[int, str] | None, trusted: list[str]) -> Iterator[str]:
    """Yield a sentence for everything that is not as it was sealed."""
    reader = _Reader(lines)
    try:
        yield from _faults(reader, printed, trusted)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        yield f"{reader.number}行目: 操作記録の書出しとして読めません。ここから先は確かめていません。"


class _Reader:
    """The lines of the file, one at a time, and the number of the one read last."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self.number = 0
        self.line = b""

    def read(self) -> dict[str, Any]:
        """Return what the next line says, nothing after the last one."""
        self.line = next(self._lines, b"")
        if not self.line:
            return {}
        self.number += 1
        self.line = self.line.rstrip(b"\r\n")
        facts = json.loads(self.line)
        if not isinstance(facts, dict) or not facts:
            raise TypeError
        return facts


def _faults(reader: _Reader, printed: tuple[int, str] | None, trusted: list[str]) -> Iterator[str]:
    keys = yield from _keys(reader.read(), trusted)
    number, previous, written, on_paper = 0, bytes(32).hex(), 0, None
    facts = reader.read()
    while "seal" in facts:
        for fault in _seal_faults(facts, number + 1, previous, keys):
            yield f"封印 第{int(facts['seal']['number'])}号: {fault}"
        number, previous, expected = int(facts["seal"]["number"]), facts["root"], facts["leaves"]
        if printed and number == printed[0]:
            on_paper = previous
        found = []
        while (facts := reader.read()) and "seal" not in facts and "end" not in facts:
            found.append((int(facts["id"]), _leaf(reader.line).hex()))
        for fault in _differences(expected, found):
            yield f"封印 第{number}号: {fault}"
        written += len(found)
    yield from _end_faults(reader, facts, number, written)
    if printed and on_paper is None:
        yield f"控えにある封印 第{printed[0]}号がありません。末尾が切り取られています。"
    elif printed and on_paper != printed[1]:
        yield f"封印 第{printed[0]}号の照合値が控えと違います。そこまでのどこかが作り直されています。"


def _keys(head: dict[str, Any], trusted: list[str]) -> Generator[str, None, dict[str, tuple[int, int]]]:
    """Return modulus and exponent of the keys that count, by id."""
    if head["format"] != FORMAT:
        raise ValueError
    keys = {}
    for name, key in head["keys"].items():
        if name != sha256(_canonical({"e": key["e"], "n": key["n"]})).hexdigest()[:32]:
            yield f"鍵 {name!r} の ID が鍵と合いません。"
        elif not trusted or name in trusted:
            keys[name] = (int(key["n"], 16), int(key["e"]))
    return keys


def _seal_faults(
    facts: dict[str, Any], number: int, previous: str, keys: dict[str, tuple[int, int]]
) -> Iterator[str]:
    seal, root, leaves = facts["seal"], bytes.fromhex(facts["root"]), facts["leaves"]
    if seal["number"] != number:
        yield f"ここには封印 第{number}号があるはずです。封印が消されたか、入れ替えられています。"
    elif seal["previous"] != previous:
        yield "前の封印につながりません。"
    is_whole = _root([_leaf(_canonical(seal)), *map(bytes.fromhex, leaves)]) == root
    if not is_whole or seal["entries"] != len(leaves) or seal["format"] != FORMAT:
        yield "封印の内容が書き換えられています。"
    if seal["key"] not in keys:
        yield f"鍵 {seal['key']!r} は信頼する鍵にありません。"
    elif not _is_signed(*keys[seal["key"]], bytes.fromhex(facts["signature"]), root):
        yield "署名が正しくありません。"


def _end_faults(reader: _Reader, facts: dict[str, Any], number: int, written: int) -> Iterator[str]:
    if not facts:
        yield f"{reader.number}行目で途切れています。末尾が切り取られています。"
    elif facts["end"]["seals"] != number or facts["end"]["entries"] != written:
        yield f"{reader.number}行目: 封印と記録の数が、最後の行と合いません。"
    elif reader.read():
        yield f"{reader.number}行目: 最後の行の後に、何かが加えられています。"


def _differences(expected: list[str], found: list[tuple[int, str]]) -> Iterator[str]:
    """Yield how the entries differ from those that were sealed."""
    leaves = [sealed for _, sealed in found]
    if leaves == expected:
        return
    known, there = set(expected), set(leaves)
    gone = [place for place, sealed in enumerate(expected, start=1) if sealed not in there]
    strange = [entry for entry, sealed in found if sealed not in known]
    for place, entry in zip_longest(gone, strange):
        if place is None:
            yield f"記録 {entry} が加えられています。"
        elif entry is None:
            yield f"{place}番目の記録が消されています。"
        else:
            yield f"{place}番目の記録（{entry}）が書き換えられています。"
    if not gone and not strange:
        yield "記録の順序が変えられているか、同じ記録がくり返されています。"


def _canonical(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _leaf(line: bytes) -> bytes:
    return sha256(b"\x00" + line).digest()


def _root(level: list[bytes]) -> bytes:
    while len(level) > 1:
        pairs = zip_longest(level[::2], level[1::2])
        level = [sha256(b"\x01" + left + right).digest() if right else left for left, right in pairs]
    return level[0]


def _is_signed(modulus: int, exponent: int, signature: bytes, root: bytes) -> bool:
    """Return whether the signature is the only one that this key makes of the root; nothing is parsed."""
    length = (modulus.bit_length() + 7) // 8
    signed = int.from_bytes(signature, "big")
    if modulus.bit_length() < SHORTEST_KEY or len(signature) != length or signed >= modulus:
        return False
    ending = b"\x00" + SHA256_FOLLOWS + sha256(root).digest()
    padded = b"\x00\x01".ljust(length - len(ending), b"\xff") + ending
    return pow(signed, exponent, modulus).to_bytes(length, "big") == padded


if __name__ == "__main__":
    sys.exit(main())
