"""Numbers that have no place in this system: My Number, licence numbers, PINs (仕様書 4(3)ア, 番号法 20条).

Every text a person types passes here. A refused text is never stored, logged or put in an exception.
"""

import re
import unicodedata
from itertools import groupby

from madoguchi.common.errors import Refusal
from madoguchi.common.languages import gettext, gettext_noop

LONG_NUMBER_MESSAGE = gettext_noop(
    "12桁の番号は入力できません。マイナンバー（個人番号）や運転免許証の番号は、お預かりできません。"
    "番号を消してください。"
)
MY_NUMBER_MESSAGE = gettext_noop(
    "マイナンバー（個人番号）と思われる12桁の番号が入力されています。マイナンバーはお預かりできません。"
    "番号を消してください。"
)
PIN_MESSAGE = gettext_noop("暗証番号やパスワードは入力できません。数字を消してください。")

_DIGIT = "[0-9０-９]"
_JOINT = "[ \u3000‐‑‒–—―−ー－-]"
_NOT_AFTER_A_DIGIT = f"(?<!{_DIGIT}{_JOINT}?)"
_GROUPED = "|".join(
    f"{_DIGIT}{{{size}}}({joint}{_DIGIT}{{{size}}}){{{12 // size - 1}}}"
    for joint in ("[ \u3000]", "[-‐‑‒–—―−ー－]")
    for size in (3, 4, 6)
)
# The plainest shapes, for the database (common.guards). Migrations hold it: a change here needs new ones.
PLAIN_LONG_NUMBER = f"{_NOT_AFTER_A_DIGIT}({_DIGIT}{{12}}|{_GROUPED})(?!{_JOINT}?{_DIGIT})"
# The form refuses them too, so that no text passes here and fails there. Python cannot look back by a choice.
_PLAIN_LONG_NUMBER = re.compile(
    PLAIN_LONG_NUMBER.replace(_NOT_AFTER_A_DIGIT, f"(?<!{_DIGIT})(?<!{_DIGIT}{_JOINT})")
)

_LENGTH = 12
_CLEAR_SIZE = 3
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ANY_DIGIT = re.compile(r"[\d〇零一二三四五六七八九壱弐参]")
_KANJI_DIGITS = str.maketrans("〇零一二三四五六七八九壱弐参", "00123456789123")
_GAPS = {
    " ": re.compile(r"(?<=\d)[^\S\r\n]+(?=\d)"),
    "-": re.compile(r"(?<=\d)[^\S\r\n]*[\-‐-―−ー─⁃﹣]+[^\S\r\n]*(?=\d)"),
    "・": re.compile(r"(?<=\d)[^\S\r\n]*[・·•∙⋅‧]+[^\S\r\n]*(?=\d)"),
}
_CHAIN = re.compile(r"\d+(?:([ \-・])\d+(?:\1\d+)*)?")
_TELEPHONE_FIRST = re.compile(r"0\d{9,10}")
_DATE_FIRST = re.compile(r"(?:19|20)\d\d[ \-・]\d{1,2}[ \-・]\d{1,2}\b")
_PIN_WORD = r"(?:暗証番号|パスワード|パスコード|ピンコード|ピン番号|(?<![a-z])(?:pin|password)(?![a-z]))"
_PIN_DIGITS = r"(?<!\d)\d(?:[ \-・]?\d){3,15}(?!\d)(?!\s*(?:年|月|日|時|分|回|名|件|番地|号|円|頃|ごろ))"
_LETTERS_AND_DIGITS = r"(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{6,16}(?![a-z\d])"
_PIN = re.compile(
    rf"{_PIN_WORD}(?:\([^)\d]{{0,12}}\))?(?:コード|番号|です|[\s:=はがをもの、,→「『\"'(]){{0,6}}"
    rf"(?:{_PIN_DIGITS}|{_LETTERS_AND_DIGITS})"
    rf"|{_PIN_DIGITS}[」』\"')]?(?:が|という|って)[^\d]{{0,4}}{_PIN_WORD}",
    re.IGNORECASE,
)


class ForbiddenValue(Refusal):
    """The text holds a number that may not be kept; the exception does not hold the text."""

    code = "forbidden_value"
    message = LONG_NUMBER_MESSAGE


def refuse_forbidden(text: str) -> None:
    """Raise ForbiddenValue for a text with a 12-digit number or a PIN in it.

    >>> refuse_forbidden("0927114111 14時頃に電話")
    >>> refuse_forbidden("番号は１２３４－５６７８－９０１８")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    madoguchi.common.forbidden.ForbiddenValue: マイナンバー（個人番号）と思われる12桁の番号が...
    """
    folded = unicodedata.normalize("NFKC", text)
    if not _ANY_DIGIT.search(folded):
        return
    plain = _normalised(folded)
    if _PIN.search(plain):
        raise ForbiddenValue(gettext(PIN_MESSAGE))
    numbers = [digits for chain in _CHAIN.finditer(plain) for digits in _long_numbers(chain.group())]
    if any(map(is_my_number, numbers)):
        raise ForbiddenValue(gettext(MY_NUMBER_MESSAGE))
    if numbers or _PLAIN_LONG_NUMBER.search(text):
        raise ForbiddenValue


def is_my_number(digits: str) -> bool:
    """Tell whether the check digit of 12 digits fits (総務省令第85号 第5条), as for one random number in ten.

    >>> is_my_number("123456789018"), is_my_number("123456789012")
    (True, False)
    """
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
    return int(digits[-1]) == (0 if rest <= 1 else 11 - rest)


def _normalised(folded: str) -> str:
    """Return a folded text in half-width digits, with one sign for each kind of gap between digits."""
    visible = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    plain = "".join(str(unicodedata.decimal(c, c)) for c in visible.translate(_KANJI_DIGITS))
    for sign, gap in _GAPS.items():
        plain = gap.sub(sign, plain)
    return plain


def _long_numbers(chain: str) -> list[str]:
    """Return the 12-digit numbers in groups of digits that one kind of gap joins.

    Groups of one size belong together; a change of size starts something new (a telephone number, an hour).
    """
    groups = re.split(r"\D", chain)
    sizes = [(size, "".join(run)) for size, run in groupby(groups, key=len)]
    found = [
        digits[start : start + _LENGTH]
        for size, digits in sizes
        if len(digits) % _LENGTH == 0
        for start in range(0, len(digits), _LENGTH)
        # Lists of hours and small counts look like single digits and pairs: there the check digit decides.
        if size >= _CLEAR_SIZE or is_my_number(digits[start : start + _LENGTH])
    ]
    digits = "".join(groups)
    # Unequal groups are a number if the check digit fits, and no telephone number or date comes first.
    odd = len(sizes) > 1 and len(digits) == _LENGTH and is_my_number(digits)
    if odd and not _DATE_FIRST.match(chain) and not _begins_as_telephone(groups):
        found.append(digits)
    return found


def _begins_as_telephone(groups: list[str]) -> bool:
    return any(_TELEPHONE_FIRST.fullmatch("".join(groups[:count])) for count in range(1, len(groups)))
