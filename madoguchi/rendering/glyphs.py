"""Which characters, and which variants of them, the fonts on this machine can print.

Read from the fonts' own tables, because typesetting silently drops a variant selector that the font does not
know: another name is printed. BIZ UD Gothic knows the variants of Adobe-Japan1,
IPAmj Mincho those of Moji_Joho (the registers), and hardly any is in both.
"""

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from unicodedata import category, normalize

VARIANT = re.compile("(.)([\ufe00-\ufe0f\U000e0100-\U000e01ef])", re.DOTALL)
# A character and a combining mark: か + ゛, as some telephones send が.
MARKED: Final = re.compile("[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]", re.DOTALL)
SIGN: Final = re.compile(f"{VARIANT.pattern}|.", re.DOTALL)
# Has a width and no glyph.
WHITESPACE = frozenset("\n\r\t\u3000 ")
# Controls, private use, unassigned, surrogates, line and paragraph separators: fonts have no glyphs for them,
# and marks for the direction of writing would reverse a name.
NEVER_DRAWN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# The mark that Japanese printers set in place of a character they do not have.
GETA: Final = "〓"
NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Repertoire:
    """What one font can print: characters, and character + variant selector."""

    characters: frozenset[int]
    variants: frozenset[tuple[int, int]]


@cache
def repertoire(font: Path) -> Repertoire:
    """Return what a TrueType font can print; 25 ms for the largest, then kept."""
    with font.open("rb") as file:
        head = file.read(12 + 16 * 64)
        for entry in range(_u16(head, 4)):
            tag, _checksum, offset, length = struct.unpack_from(">4sIII", head, 12 + 16 * entry)
            if tag == b"cmap":
                file.seek(offset)
                return _read(file.read(length))
    raise ValueError(f"{font} has no table of characters")


def unprintable(text: str, *, fonts: Iterable[Path]) -> list[str]:
    """Return the characters of a text, with their variant selectors, that no font has; each once."""
    known = [repertoire(font) for font in fonts]
    wrong = [
        base + selector
        for base, selector in VARIANT.findall(text)
        if not any((ord(base), ord(selector)) in font.variants for font in known)
    ]
    wrong += [sign for sign in VARIANT.sub("", text) if not any(_has_glyph(font, sign) for font in known)]
    return list(dict.fromkeys(wrong))


def replace_unprintable(text: str, *, fonts: Iterable[Path]) -> str:
    """Return a text with 〓 for each character, or variant of it, that no font has, and spaces for tabs."""
    # Typst takes a tab for a space, but not at the head of a line.
    text = MARKED.sub(_composed, text.replace("\t", " "))
    wrong = set(unprintable(text, fonts=fonts))
    return SIGN.sub(lambda sign: GETA if sign[0] in wrong else sign[0], text) if wrong else text


def replace_unstorable(text: str) -> str:
    """Return a text with 〓 for what no XML file, and so no Excel file, can hold."""
    return NOT_IN_XML.sub(GETA, text)


def _composed(pair: re.Match[str]) -> str:
    # Two at a time: composing a whole name would also turn 神 (U+FA19) into another form of the letter.
    whole = normalize("NFC", pair[0])
    return whole if len(whole) == 1 else pair[0]


def missing_characters(text: str, *, font: Path) -> list[str]:
    """Return the characters and variants of a text that this font lacks and another font must print."""
    variants = repertoire(font).variants
    signs = [
        base + selector
        for base, selector in VARIANT.findall(text)
        if (ord(base), ord(selector)) not in variants
    ]
    signs += [sign for sign in VARIANT.sub("", text) if not _has_glyph(repertoire(font), sign)]
    return list(dict.fromkeys(signs))


def _has_glyph(font: Repertoire, sign: str) -> bool:
    # A letter with two accents is drawn from its parts; a kanji has none.
    if sign in WHITESPACE:
        return True
    if category(sign) in NEVER_DRAWN:
        return False
    parts = normalize("NFD", sign)
    return ord(sign) in font.characters or (
        len(parts) > 1 and all(ord(part) in font.characters for part in parts)
    )


def _read(table: bytes) -> Repertoire:
    characters: set[int] = set()
    variants: set[tuple[int, int]] = set()
    for entry in range(_u16(table, 2)):
        start = _u32(table, 4 + 8 * entry + 4)
        # Format 12 holds all of Unicode; 4, the older one, only a part of the same.
        if _u16(table, start) == 12:  # noqa: PLR2004 - numbers of the OpenType specification
            for group in range(_u32(table, start + 12)):
                first, last, _glyph = struct.unpack_from(">III", table, start + 16 + 12 * group)
                characters.update(range(first, last + 1))
        elif _u16(table, start) == 14:  # noqa: PLR2004 - the same: variation sequences
            variants.update(_variants(table, start))
    return Repertoire(frozenset(characters), frozenset(variants))


def _variants(table: bytes, start: int) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for record in range(_u32(table, start + 6)):
        at = start + 10 + 11 * record
        selector, default, other = _u24(table, at), _u32(table, at + 3), _u32(table, at + 7)
        if default:
            for pair in range(_u32(table, start + default)):
                place = start + default + 4 + 4 * pair
                first = _u24(table, place)
                found.update((base, selector) for base in range(first, first + table[place + 3] + 1))
        if other:
            found.update(
                (_u24(table, start + other + 4 + 5 * pair), selector)
                for pair in range(_u32(table, start + other))
            )
    return found


def _u16(table: bytes, at: int) -> int:
    return int.from_bytes(table[at : at + 2], "big")


def _u24(table: bytes, at: int) -> int:
    return int.from_bytes(table[at : at + 3], "big")


def _u32(table: bytes, at: int) -> int:
    return int.from_bytes(table[at : at + 4], "big")
