"""Names of people: stored as typed, searched by a folded key, masked where the name is not needed.

The key is the same for spellings that differ in width, case, 異体字, kana or accents. It is for searching and
comparing only, never shown: the name on the card is the name that was typed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise

from madoguchi.common.errors import Refusal
from madoguchi.common.texts import clean_line, refuse_unusable
from madoguchi.common.unreadable import Unreadable
from madoguchi.common.variants import VARIANTS

BOUNDARY = "|"
PAIR = 2
_KANA = str.maketrans(
    # Small kana and old forms; ヂ and ヅ sound like ジ and ズ.
    "ァィゥェォッャュョヮヵヶヲヰヱヂヅ",
    "アイウエオツヤユヨワカケオイエシス",
)
_LATIN = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_VU = re.compile("ヴ([ァィェォ]?)")
_VU_SOUNDS = {"ァ": "バ", "ィ": "ビ", "": "ブ", "ェ": "ベ", "ォ": "ボ"}
_VOICED = frozenset("\u3099\u309a")
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_DASHES = "\\-‐-―−ー─～〜~"
_LONG_VOWEL = re.compile(f"(?<=[ァ-ヺー])[{_DASHES}]+")
_REPEATED = re.compile("(.)[々〻ヽヾゝゞ]")
_SILENT = re.compile("['’‘ʼ`´\"＇]")
_BETWEEN = re.compile(f"[\\s:,、.。・･·=/_|（）(){_DASHES}]+")

_SIGNS_IN_NAMES = frozenset("-‐‑‒–—―−－~〜～・･·.．,，、'’‘ʼ`´＇\"()（）/／=＝゠゛゜〓 \u3000")
# Letters (also ideographs that this Python does not know yet), marks on them, digits, numerals such as 〇.
_LETTERS = ("L", "Cn")
_IN_NAMES = (*_LETTERS, "Mn", "Mc", "Nd", "Nl")
_KANA_DASHES = re.compile(f"[{_DASHES}━⁃]")
_KANA_MARKS = {"\u3099": re.compile(" *[゛ﾞ\u3099]"), "\u309a": re.compile(" *[゜ﾟ\u309a]")}
_READING = re.compile("[ァ-ヺㇰ-ㇿ][ァ-ヺㇰ-ㇿー・ ]*")


class NameUnreadable(Refusal):
    """The typed text is no name: it holds an emoji, a symbol or markup."""

    code = "name_unreadable"
    message = (
        "お名前には、文字だけを入力してください。絵文字や < > などの記号は使えません。"
        "カードのとおりに入力できない字は、「〓」かカタカナにしてください。"
    )


class KanaUnreadable(Refusal):
    """The typed text is no フリガナ."""

    code = "kana_unreadable"
    message = "フリガナは、フクオカ　ハナコ のように、カタカナかひらがなで入力してください。"


def read_name(text: str) -> str:
    """Return a name as typed, without invisible characters.

    Raises CharacterUnusable for 外字 and NameUnreadable for emoji, angle brackets and the like.

    >>> read_name("José-Ángel O’Brien"), read_name("\u200b髙﨑　花子 ")
    ('José-Ángel O’Brien', '髙﨑　花子')
    """
    name = clean_line(text)
    refuse_unusable(name)
    kinds = [unicodedata.category(c) for c in name if c not in _SIGNS_IN_NAMES]
    is_readable = all(kind.startswith(_IN_NAMES) for kind in kinds)
    if name and not (is_readable and ("〓" in name or any(kind.startswith(_LETTERS) for kind in kinds))):
        raise NameUnreadable
    return name


def read_kana(text: str) -> str:
    """Return a フリガナ in full-width katakana, with one ideographic space between its parts.

    Hiragana, half width, separate voiced marks and any dash for ー are read; "" gives "".
    Raises KanaUnreadable for the rest.

    >>> read_kana("ふくおか ﾊﾅｺ"), read_kana("ウ゛ァン ゆ−こ")
    ('フクオカ　ハナコ', 'ヴァン　ユーコ')
    """
    text = clean_line(text)
    for mark, typed in _KANA_MARKS.items():
        text = typed.sub(mark, text)
    kana = clean_line(unicodedata.normalize("NFKC", text)).translate(_HIRAGANA)
    kana = unicodedata.normalize("NFC", _KANA_DASHES.sub("ー", kana))
    if kana and not _READING.fullmatch(kana):
        raise KanaUnreadable
    return kana.replace(" ", "\u3000")


def fold_name(text: str) -> str:
    """Return the search key of a name: its parts, folded, with one space between them.

    >>> fold_name("髙﨑　ハナ子"), fold_name("ｻﾄｳ José-Ángel O'Brien")
    ('高崎 ハナ子', 'サトウ jose angel obrien')
    """
    return _folded(text).translate(VARIANTS)


def fold_kana(text: str) -> str:
    """Return the search key of a フリガナ: katakana without voiced marks, small kana and long vowels.

    >>> fold_kana("ふくおか　ユーコ") == fold_kana("フクオカ ﾕｺ")
    True
    """
    return _folded(text)


def match_key(text: str) -> str:
    """Return the key that is equal for two names or two フリガナ that differ only in spacing."""
    return fold_name(text).replace(" ", "")


def bigrams(folded: str) -> frozenset[str]:
    """Return the search tokens of a folded name: its bigrams, and the ends of each part.

    >>> sorted(bigrams("林 花子"))
    ['|子', '|林', '|花', '林花', '花子']
    """
    parts = folded.split()
    return _pairs("".join(parts)) | {BOUNDARY + end for end in _ends(folded)}


def query_bigrams(folded: str) -> frozenset[str]:
    """Return the tokens that a folded name must all contain to match this folded query.

    A part of two and more characters may stand anywhere in the name, a single character at an end of a part.
    Parts may come in any order. An empty query gives the empty set: do not search then.
    """
    return frozenset().union(*(_pairs(part) or {BOUNDARY + part} for part in folded.split()))


def tokens_may_mislead(text: str) -> bool:
    """Tell whether names may have all tokens of a typed text and yet not hold it.

    Two pairs may stand apart in a name, and ヴィ becomes the one character that ヒ is.
    """
    parts = _spoken(text).split()
    return any(len(part) > PAIR or (len(part) == 1 and part != _unvoiced(part)) for part in parts)


def holds_text(names: Sequence[str], text: str) -> bool:
    """Tell whether names hold a typed text: each part in one of them, as query_bigrams says.

    A single character with a voiced mark is found with that mark only.

    >>> holds_text(["逸見　ヒカリ", "ヘンミ　ヒカリ"], "ヴィ"), holds_text(["ヴィトン"], "ヴィ")
    (False, True)
    """
    return any(
        all(any(_has_part(name, part, variants) for name in names) for part in _spoken(text).split())
        for variants in (VARIANTS, {})
    )


def _has_part(name: str, part: str, variants: Mapping[int, str]) -> bool:
    folded, in_name = _unvoiced(part).translate(variants), _folded(name).translate(variants)
    if len(folded) != 1:
        return folded in in_name.replace(" ", "")
    is_voiced = len(part) == 1 and part != _unvoiced(part)
    return folded in _ends(in_name) and (not is_voiced or part in _ends(_spoken(name)))


def _ends(folded: str) -> set[str]:
    return {end for part in folded.split() for end in (part[0], part[-1])}


def mask_name(name: str) -> str:
    """Return the first character of each part; a part of one character is hidden altogether.

    >>> mask_name("福岡　花子"), mask_name("林 太一郎")
    ('福●　花●', '● 太●')
    """
    if isinstance(name, Unreadable):
        return name
    return re.sub(r"\S+", lambda part: _mask(part.group()), name)


def mask_email(address: str) -> str:
    """Return a masked address that only its owner recognises.

    >>> mask_email("hanako@example.jp")
    'h●●●@example.jp'
    """
    if isinstance(address, Unreadable):
        return address
    local, at, domain = address.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}●●●{at}{domain}" if at else "●●●"


def _mask(part: str) -> str:
    # A variation selector belongs to the character before it.
    first = re.match(r".[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]*", part)
    shown = first.group() if first else ""
    return f"{shown}●" if len(part) > len(shown) else "●"


def _pairs(text: str) -> frozenset[str]:
    return frozenset(a + b for a, b in pairwise(text))


def _folded(text: str) -> str:
    return " ".join(_unvoiced(_spoken(text)).split())


def _unvoiced(spoken: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", spoken) if c not in _VOICED)
    return unicodedata.normalize("NFC", bare)


def _spoken(text: str) -> str:
    """Return the search key with the marks of voiced sounds, which the key itself leaves out."""
    text = unicodedata.normalize("NFKC", text).translate(_HIRAGANA)
    text = _VU.sub(lambda vu: _VU_SOUNDS[vu.group(1)], text)
    text = _LONG_VOWEL.sub("", text).translate(_KANA)
    text = _REPEATED.sub(r"\1\1", text)
    # Remove other marks: accents, selectors of 異体字. NFC then composes Hangul again.
    bare = "".join(
        c
        for c in unicodedata.normalize("NFKD", text)
        if c in _VOICED or unicodedata.category(c) not in ("Mn", "Cf")
    )
    bare = unicodedata.normalize("NFC", bare).casefold().translate(_LATIN)
    return _BETWEEN.sub(" ", _SILENT.sub("", bare)).strip()
