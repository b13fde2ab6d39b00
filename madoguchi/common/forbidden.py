"""Forbidden values: My Number, licence numbers, PINs (仕様書 4(3)ア, 番号法 20条).

Every text a person types passes here. A refused text is never stored, logged or put in an exception.
"""

import re
import unicodedata
from itertools import groupby

from madoguchi.common.errors import Refusal
from madoguchi.common.languages import gettext, gettext_noop
from madoguchi.common.texts import clean_lines

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
_PAIR = 2
_CLEAR_SIZE = 3
_ON_A_CARD = 4
_PLAIN_KINDS = (" ", "-", "・")
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_DIGIT_VALUES = range(10)
# Digits belong together over anything that is not a word.
_GAP = r"[\W_ー]+"
_CHAIN = re.compile(rf"\d+(?:{_GAP}\d+)*")
_DASHES = re.compile("[\\-‐-―−ー─━⁃﹣]+")
_DOTS = re.compile("[・·•∙⋅‧]+")
# Gaps between the entries of a list: there only the check digit tells a number.
_OF_LISTS = re.compile(r"[\n,、;]")
_YEARS = re.compile(r"(?:(?:19|20)\d\d)+")
# What is written with signs between its digits and is no part of a longer number.
_STARTS, _ENDS = r"(?:^|(?<=[\s〒、,(~・]))", r"(?=[\s、,)~・]|$)"
_TIME = r"(?:[01]?\d|2[0-4]):[0-5]\d"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_NO_NUMBER = re.compile(
    rf"{_STARTS}(?:{_TIME}(?:[-~]{_TIME})?|(?:19|20)\d\d(?P<sign>[-/.]){_MONTH}(?P=sign){_DAY}"
    rf"|{_MONTH}/{_DAY}|\d{{3}}-\d{{4}}|0\d{{1,4}}-\d{{1,4}}-\d{{3,4}}){_ENDS}"
)
_TELEPHONE_FIRST = re.compile(r"0\d{9,10}")
_DATE_FIRST = re.compile(r"(?:19|20)\d\d\D+\d{1,2}\D+\d{1,2}(?!\d)")
_PIN_WORD = r"(?:暗証番号|パスワード|パスコード|ピンコード|ピン番号|(?<![a-z])(?:pin|password)(?![a-z]))"
_PIN_GAP = r"[ \u3000]?[\-‐-―−ー─⁃﹣・·•∙⋅‧]*[ \u3000]?"
_PIN_DIGITS = rf"(?<!\d)\d(?:{_PIN_GAP}\d){{3,15}}(?!\d)(?!\s*(?:年|月|日|時|分|回|名|件|番地|号|円|頃|ごろ))"
_LETTERS_AND_DIGITS = r"(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{6,16}(?![a-z\d])"
_PIN = re.compile(
    rf"{_PIN_WORD}(?:\([^)\d]{{0,12}}\))?(?:コード|番号|です|[\s:=はがをもの、,→「『\"'(]){{0,6}}"
    rf"(?:{_PIN_DIGITS}|{_LETTERS_AND_DIGITS})"
    rf"|{_PIN_DIGITS}[」』\"')]?(?:が|という|って)[^\d]{{0,4}}{_PIN_WORD}",
    re.IGNORECASE,
)


class ForbiddenValue(Refusal):
    """The text holds a number that must not be stored; the exception does not hold the text."""

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
    if not any(map(str.isnumeric, folded)):
        return
    plain = _normalised(folded)
    if _PIN.search(plain):
        raise ForbiddenValue(gettext(PIN_MESSAGE))
    numbers = [digits for chain in _CHAIN.finditer(plain) for digits in _long_numbers(chain.group())]
    if any(map(is_my_number, numbers)):
        raise ForbiddenValue(gettext(MY_NUMBER_MESSAGE))
    if numbers or _PLAIN_LONG_NUMBER.search(plain) or _PLAIN_LONG_NUMBER.search(text):
        raise ForbiddenValue


def is_my_number(digits: str) -> bool:
    """Tell whether the check digit of 12 digits fits (総務省令第85号 第5条), as for one random number in ten.

    >>> is_my_number("123456789018"), is_my_number("123456789012")
    (True, False)
    """
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
    return int(digits[-1]) == (0 if rest <= 1 else 11 - rest)


def _normalised(folded: str) -> str:
    """Return a folded text in half-width digits, without invisible characters."""
    return "".join(map(_in_half_width, clean_lines(folded)))


def _in_half_width(character: str) -> str:
    """Return what has the value of one digit as that digit: ٣, 三, 参, ❸."""
    value = unicodedata.numeric(character, -1)
    return str(int(value)) if value in _DIGIT_VALUES else character


def _kind(gap: str) -> str:
    """Return what a gap between digits is, however it is spaced and however its dashes are drawn."""
    plain = "\n" if "\n" in gap else re.sub(r"\s", "", gap)
    return _DOTS.sub("・", _DASHES.sub("-", plain)) or " "


def _long_numbers(chain: str) -> list[str]:
    """Return the 12-digit numbers in groups of digits that gaps of any kind join.

    Groups of one size belong together; a change of size starts something new (a telephone number, an hour).
    """
    groups = re.findall(r"\d+", chain)
    kinds = [_kind(gap) for gap in re.split(r"\d+", chain)[1:-1]]
    found, first = [], 0
    for kind, run in groupby(kinds):
        last = first + len(list(run))
        found += _in_one_kind(groups[first : last + 1], kind)
        first = last
    if len(set(kinds)) != 1:
        found += _in_many_kinds(groups, chain)
    return found


def _in_one_kind(groups: list[str], kind: str) -> list[str]:
    """Return the numbers among groups that one kind of gap joins."""
    found = [
        digits
        for part in (groups, _after_telephone(groups))
        for size, digits in _twelves(part)
        # Lists of hours and small counts look like single digits and pairs: there the check digit decides.
        if _is_number_by_shape(size, digits, kind) or is_my_number(digits)
    ]
    return found + _odd(groups)


def _in_many_kinds(groups: list[str], chain: str) -> list[str]:
    """Return the numbers, by their check digit, among groups that gaps of several kinds join."""
    rests = [re.findall(r"\d+", rest) for rest in _CHAIN.findall(_NO_NUMBER.sub("※x", chain))]
    found = [
        digits
        for part in (groups, *rests)
        for size, digits in _twelves(part)
        # Pairs are lists of hours and days.
        if size != _PAIR and is_my_number(digits)
    ]
    return found + [digits for rest in rests for digits in _odd(rest)]


def _twelves(groups: list[str]) -> list[tuple[int, str]]:
    """Return each 12 digits, and the size of their groups, in runs of groups of one size."""
    sizes = [(size, "".join(run)) for size, run in groupby(groups, key=len)]
    return [
        (size, digits[start : start + _LENGTH])
        for size, digits in sizes
        if len(digits) % _LENGTH == 0
        for start in range(0, len(digits), _LENGTH)
    ]


def _is_number_by_shape(size: int, digits: str, kind: str) -> bool:
    """Tell whether 12 digits are a number whatever their check digit: as they stand on a card."""
    if kind in _PLAIN_KINDS:
        return size >= _CLEAR_SIZE
    return size == _ON_A_CARD and not _OF_LISTS.search(kind) and not _YEARS.fullmatch(digits)


def _odd(groups: list[str]) -> list[str]:
    """Return unequal groups as a number: the check digit fits, no telephone number or date comes first."""
    digits = "".join(groups)
    is_odd = len(set(map(len, groups))) > 1 and len(digits) == _LENGTH and is_my_number(digits)
    begins_otherwise = _DATE_FIRST.match("-".join(groups)) or _after_telephone(groups)
    return [digits] if is_odd and not begins_otherwise else []


def _after_telephone(groups: list[str]) -> list[str]:
    """Return the groups after a telephone number with which they begin; none where they do not."""
    counts = range(1, len(groups))
    return next((groups[n:] for n in counts if _TELEPHONE_FIRST.fullmatch("".join(groups[:n]))), [])
