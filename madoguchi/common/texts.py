"""Clean typed and pasted text: remove invisible characters, refuse unusable ones.

Every entry point calls this once, when a text comes in (`web.forms.CleanedInput`,
`sites.api.schemas.CleanedInput`, and `web.lists.typed_text` for addresses). Visible characters stay as typed.
"""

import re
import unicodedata

from madoguchi.common.errors import Refusal

# Invisible characters of other categories: variation selectors, the grapheme joiner, fillers.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0]")
# 異体字セレクタ belong to the ideograph before them; anywhere else they mean nothing and are removed.
_STRAY_SELECTORS = re.compile(
    "(?<![\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd])[\U000e0100-\U000e01ef]+"
)
_SECOND_SELECTORS = re.compile("(?<=[\U000e0100-\U000e01ef])[\U000e0100-\U000e01ef]+")
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
# The blank pattern of Braille looks like a space, but Unicode does not class it as one.
_SPACES = re.compile("[\\s\u2800]+")
# Each Unicode adds ideographs here: what is unassigned to this Python may be a character.
_IDEOGRAPHS_TO_COME = range(0x20000, 0x3FFFE)
_UNREADABLE = ("Co", "Cs", "Cn")
_REPLACED = "\ufffd"


class CharacterUnusable(Refusal):
    """The text has a character without a standard shape (外字)."""

    code = "character_unusable"
    message = (
        "外字など、この画面で扱えない字が入っています。その字は「〓」かカタカナで入力してください。"
        "お名前の字のときは、「カードのとおりに入力できない字」の説明に、"
        "はしごだか のように言葉で書いてください。"
        "お困りのときは、予約専用コールセンターにお電話ください。"
    )


def clean_line(text: str) -> str:
    r"""Return one line of text without control and format characters, with single spaces.

    The space is the ideographic one where that was typed, as between the parts of a Japanese name.

    >>> clean_line(" 090-\u202a1234\u200b-5678\u00a0\ufeff"), clean_line("福岡 　花子\v")
    ('090-1234-5678', '福岡　花子')
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(_one_space, _visible(text)).strip()


def clean_lines(text: str) -> str:
    r"""Return several lines of cleaned text with newline as line end.

    A line keeps how far it is indented, as addresses in a mail are.

    >>> clean_lines("一行目\u2028二行目\r\n\r\n　　三\u200b行目")
    '一行目\n二行目\n\n　　三行目'
    """
    return "\n".join(map(_indented, _LINE_ENDS.split(text))).strip()


def refuse_unusable(text: str) -> None:
    r"""Raise CharacterUnusable for private-use characters, surrogates and noncharacters.

    >>> refuse_unusable("髙﨑")
    >>> refuse_unusable("\ue000崎")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    madoguchi.common.texts.CharacterUnusable: 外字など、...
    """
    if not text.isascii() and any(map(_is_unusable, text)):
        raise CharacterUnusable


def drop_invisible(text: str) -> str:
    r"""Return the text without invisible characters: format characters, joiners, fillers.

    Selectors of ideographs stay: after an ideograph they choose its shape.

    >>> drop_invisible("hana\u200bko\ufe0f")
    'hanako'
    """
    if not _is_printable(text):
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return _INVISIBLE.sub("", text)


def _visible(text: str) -> str:
    text = drop_invisible(text)
    if not _is_printable(text):
        text = "".join(c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    return _SECOND_SELECTORS.sub("", _STRAY_SELECTORS.sub("", text))


def _is_printable(text: str) -> bool:
    return text.replace("\u3000", " ").isprintable()


def _indented(line: str) -> str:
    seen = _visible(line).rstrip()
    body = seen.lstrip()
    indent = re.sub("[^ \u3000]", " ", seen.removesuffix(body))
    return indent + _SPACES.sub(_one_space, body)


def _one_space(run: re.Match[str]) -> str:
    return "\u3000" if "\u3000" in run.group() else " "


def _is_unusable(character: str) -> bool:
    if character == _REPLACED:
        return True
    kind = unicodedata.category(character)
    return kind in _UNREADABLE and not (kind == "Cn" and ord(character) in _IDEOGRAPHS_TO_COME)
