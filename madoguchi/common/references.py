"""Reservation references (予約番号): easy to say, hard to guess, with check digits.

Eight random characters and two check digits (ISO 7064 mod 97-10), shown as K7MT-AWX-R74.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterator

from stdnum.iso7064 import mod_97_10

from madoguchi.common.errors import Refusal

LETTERS = "ACDEFGHJKMNPRTVWXY"  # without B I L O Q S U Z, which look or sound like others
DIGITS = "23456789"
ALPHABET = DIGITS + LETTERS
_BODY = 8
_SHAPE = re.compile(f"(?=.*[{LETTERS}])[{ALPHABET}]{{{_BODY}}}[0-9]{{2}}")
# The standard counts letters from 10 on.
_NUMBERS = str.maketrans({letter: str(int(letter, 36)) for letter in LETTERS})
_OF_DIGITS, _OF_LETTERS = ({int(character, 36) for character in group} for group in (DIGITS, LETTERS))
# Letters that no reference has, read as the digit they look like.
_LOOK_ALIKES = str.maketrans("OQILSZB", "0011528")


class ReferenceUnreadable(Refusal):
    """The typed text is not a reference, or its check digits do not fit."""

    code = "reference_unreadable"
    message = "予約番号が正しくありません。K7MT-AWX-R74 のような10文字の番号を、もう一度お確かめください。"


def new_reference() -> str:
    """Return a new random reference; the database refuses a duplicate."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(_BODY))
        reference = body + mod_97_10.calc_check_digits(body)
        # The standard turns a letter into two digits, so a letter for a digit escapes it once in 97 times.
        # A reference that has such a neighbour is not given out; then every single slip is noticed.
        if _is_reference(reference) and not any(True for _ in _slips(body, reference[_BODY:])):
            return reference


def read_reference(text: str) -> str:
    """Return the reference a person typed: any case or width, hyphens and spaces, 0 for O and 1 for I.

    Raises ReferenceUnreadable for anything else.

    >>> read_reference("ｋ７ｍｔ－awx r74")
    'K7MTAWXR74'
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    reference = re.sub(r"[\s\-‐-―−ー]", "", folded).translate(_LOOK_ALIKES)
    if not _is_reference(reference):
        raise ReferenceUnreadable
    return reference


def show_reference(reference: str) -> str:
    """Return a reference in groups that can be read aloud.

    >>> show_reference("K7MTAWXR74")
    'K7MT-AWX-R74'
    """
    return f"{reference[:4]}-{reference[4:7]}-{reference[7:]}"


def _is_reference(text: str) -> bool:
    return bool(_SHAPE.fullmatch(text)) and _check_fits(text)


def _check_fits(text: str) -> bool:
    return _as_digits(text) % 97 == 1


def _as_digits(text: str) -> int:
    return int(text.translate(_NUMBERS))


def _slips(body: str, check: str) -> Iterator[int]:
    """Yield the positions where a confused digit and letter or a transposition passes the check digits."""
    for place, character in enumerate(body):
        rest = body[place + 1 :] + check
        behind = rest.translate(_NUMBERS)
        width, others = (10, _OF_DIGITS) if character in LETTERS else (100, _OF_LETTERS)
        before = _as_digits("0" + body[:place]) * width
        # Of 97 values exactly one fits here; trying all the others out would take most of a booking's time.
        fitting = ((1 - int(behind)) * pow(10, -len(behind), 97) - before) % 97
        swapped = body[:place] + rest[:1] + character + rest[1:]
        if fitting in others or (place + 1 < len(body) and rest[0] != character and _check_fits(swapped)):
            yield place
