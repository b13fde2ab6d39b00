"""Refuse name changes in address fields: they have a field of their own, without the name.

What is made for the application form leaves the name out by field (仕様書 4(3)ア 氏名を除く), so a name must
not stand in another. Only what no address can be is refused: whoever lives there must be able to say so.
"""

import re
import unicodedata

from madoguchi.common.errors import Refusal
from madoguchi.common.languages import gettext_noop
from madoguchi.common.names import fold_name

_WORDS = re.compile(
    r"旧姓|新姓|改姓|旧氏(?!神)|氏名|改名(?=し|前|後|に|$)|姓(?=[がをは変]|の変)|名前(?=[がをは変]|の変)"
    r"|(?:結婚|婚姻|離婚)(?=し|によ|のた|で|に伴)|maiden name|n[ée]e ",
    re.IGNORECASE,
)
_ARROW = re.compile(r"→|⇒|➡|⟶|[-=]+>|＞")
_BECAME = re.compile(r"(.+)から(.+?)[にへ](?:変|改|なり|なっ)")
# Of these an address has one at least; names typed with an arrow between them have none.
_OF_AN_ADDRESS = re.compile(r"\d|[〇一二三四五六七八九十]+(?:丁目|番|号)|[都道府県市区町村郡]|字|方$")
_MAX_NAME_LENGTH = 30


class NameInAddress(Refusal):
    """An address field holds a name change; the exception does not hold the text."""

    code = "name_in_address"
    message = gettext_noop(
        "住所の欄には、お名前の変更を書かないでください。"
        "お名前が変わったときは、「変わったもの」の「氏名」を選んでください。新しいお名前の入力は、いりません。"
    )


def refuse_name_change(text: str, *, name: str = "") -> None:
    """Raise NameInAddress for a text that describes a name change instead of an address.

    `name` is that of the person: a new surname before the same given name is no address either.

    >>> refuse_name_change("星見市東区見本町1丁目 → 星見市西区見本町2丁目")
    >>> refuse_name_change("山田→田中")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    madoguchi.common.name_changes.NameInAddress: 住所の欄には、お名前の変更を...
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if _WORDS.search(folded) or _is_two_names(folded) or _is_the_new_name(folded, name):
        raise NameInAddress


def _is_two_names(text: str) -> bool:
    sides = _ARROW.split(text)
    if len(sides) == 1:
        became = _BECAME.search(text)
        sides = list(became.groups()) if became else []
    return len(sides) > 1 and len(text) <= _MAX_NAME_LENGTH and not any(map(_OF_AN_ADDRESS.search, sides))


def _is_the_new_name(text: str, name: str) -> bool:
    *surname, given = fold_name(name).split() or [""]
    typed = fold_name(text)
    return (
        bool(surname)
        and len(given) > 1
        and len(typed) <= _MAX_NAME_LENGTH
        and typed.replace(" ", "").endswith(given)
        and not _OF_AN_ADDRESS.search(text)
    )
