"""Telephone numbers: parsed as typed, stored as digits, shown in groups or masked."""

import re
import unicodedata

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from madoguchi.common.errors import Refusal
from madoguchi.common.unreadable import Unreadable

_TYPED = re.compile(r"[+\d\s()\-‐-―−ー.]+")
# 050 to 090 have eleven digits. The library knows which blocks are in use today, and would refuse new ones.
_MOBILE = re.compile(r"0[5-9]0[0-9]{8}")
_JAPAN = 81


class PhoneUnreadable(Refusal):
    """What was typed is not a telephone number."""

    code = "phone_unreadable"
    message = "電話番号は、090-1234-5678 や 092-123-4567 のように、市外局番から入力してください。"


def read_phone(text: str) -> str:
    """Return the digits of a Japanese number, or +, country and number of a foreign one.

    Raises PhoneUnreadable for anything else.

    >>> read_phone("０９２（７１１）４１１１"), read_phone("+1 202-555-0123")
    ('0927114111', '+12025550123')
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if not _TYPED.fullmatch(folded):
        raise PhoneUnreadable
    if _MOBILE.fullmatch(digits := re.sub(r"[\s()\-‐-―−ー.]", "", folded)):
        return digits
    try:
        number = phonenumbers.parse(folded, "JP")
    except phonenumbers.NumberParseException:
        raise PhoneUnreadable from None
    if number.country_code != _JAPAN:
        if not phonenumbers.is_valid_number(number):
            raise PhoneUnreadable
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    digits = "0" + phonenumbers.national_significant_number(number)
    if not (_MOBILE.fullmatch(digits) or phonenumbers.is_valid_number(number)):
        raise PhoneUnreadable
    return digits


def show_phone(phone: str) -> str:
    """Return a stored number in the groups people know.

    >>> show_phone("09012345678"), show_phone("0927114111"), show_phone("+12025550123")
    ('090-1234-5678', '092-711-4111', '+1 202-555-0123')
    """
    if not phone or isinstance(phone, Unreadable):
        return phone
    if _MOBILE.fullmatch(phone):  # most are, and a list shows many
        return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
    number: PhoneNumber = phonenumbers.parse(phone, "JP")
    style = PhoneNumberFormat.INTERNATIONAL if phone.startswith("+") else PhoneNumberFormat.NATIONAL
    return phonenumbers.format_number(number, style)


def mask_phone(phone: str) -> str:
    """Return a stored number with all but its first and last group hidden.

    >>> mask_phone("09012345678"), mask_phone("+12025550123")
    ('090-****-5678', '+1 ***-***-0123')
    """
    if isinstance(phone, Unreadable):
        return phone
    first, *middle, last = re.split(r"(\D+)", show_phone(phone).removeprefix("+")) if phone else ("", "")
    hidden = "".join(re.sub(r"\d", "*", part) for part in middle)
    return ("+" if phone.startswith("+") else "") + first + hidden + last
