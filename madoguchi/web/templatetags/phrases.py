"""How the words of a page are laid out: breaks, ruby, and Japanese marked inside other languages.

`{% phrases %}` goes over the text of a whole page once, whoever wrote it: in Japanese a line breaks between
phrases only, in やさしい日本語 漢字（かんじ） becomes ruby where a page says the word first, and in any other
language each Japanese word says that it is Japanese.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import budoux
from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from madoguchi.common.languages import MAIN
from madoguchi.web.languages import html_name

register = template.Library()

# Not <wbr>: browsers put a blank for it into the names that screen readers speak and voice control hears.
ZERO_WIDTH_SPACE: Final = "\u200b"
# The language whose readings become ruby.
EASY: Final = "ja-easy"

_KANJI = "一-龥々〆ヶ"
_KANA = "ぁ-んァ-ヴー"
_UNBROKEN = re.compile(
    r"(?:(?:明治|大正|昭和|平成|令和)?(?:元|\d+)年(?:（\d+年）)?)?\d+月\d+日(?:（[日月火水木金土]）)?"
    r"|(?:明治|大正|昭和|平成|令和)(?:元|\d+)年"
    r"|午[前後]\d+時(?:\d+分)?"
    r"|(?<![A-Za-z\d-])[\dX]+(?:-[\dX]+)+(?::\d+)?"
    r"|〒\d{3}-\d{4}"
)
# What the model would cut: entities, addresses, names of post offices and of wards, and words.
_WHOLE = re.compile(
    rf"{_UNBROKEN.pattern}|&#?\w+;"
    rf"|[{_KANJI}]+[市県都府][{_KANJI}ァ-ヴー]{{1,4}}区[^\s、。（）「」]*\d"
    r"|(?:\d+の)?[々一-龥ァ-ー]*郵便局|[々一-龥]{1,3}区(?!役)"
    r"|\d+(?:か月|けた)|[つ人回通]ずつ|日にち|にちじ"
    r"|あてはま|あらためて|うかがう|お住まいの区|お問い合わせ|ください|このあと|このまま|さが[すしせさ]|しばらく"
    r"|すでに|そのあと|そのまま|たいへん|ただいま|ちがい?|とおり|はしごだか|ひらがな|まちが[いえっ]?|もうすぐ"
    r"|もら[うっえい]|やめ[るたてま]?|よくある質問|かいて|はい|いいえ|いっしょ"
)
_NEVER_FIRST = frozenset(
    "、。，．・：；！？）」』】〉》〕〜～ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ,.:;!?)]}%"
)
_NEVER_LAST = frozenset("（「『【〈《〔([{〒&")
_ENDS_A_PHRASE = ("一度", "二度", "以上")
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]")
# In another language: Japanese words, with the numbers of an address and the blanks of a name; a number.
_JAPANESE_OR_NUMBER = re.compile(
    r"[ぁ-んァ-ヶ一-龥々〆〒「（]*[ぁ-んァ-ヶ一-龥]"
    r"(?:[ぁ-んァ-ヶ一-龥々〆ー・、。：「」（）〜～　\d０-９-]|[ ](?=\d*[ぁ-んァ-ヶ一-龥]))*"
    r"|(?<![A-Za-z\d-])\d+(?:-\d+)+(?![A-Za-z\d-])"
)
_READING = re.compile(rf"（([{_KANA}]+)）")
_READ_WORD = re.compile(rf"[{_KANJI}{_KANA}]+$")
# Tags, and elements whose text is not ours to touch: what people typed carries translate="no".
_MARKUP = re.compile(
    r"<(?P<whole>textarea|select|option|script|style|title|svg|ruby)\b.*?</(?P=whole)>"
    r"|<(?P<name>\w+)\b[^>]*\btranslate=\"no\"[^>]*>.*?</(?P=name)>"
    r"|<[^>]+>",
    re.DOTALL,
)
# Elements that are Japanese as a whole: an option, what people typed.
_ELEMENT = re.compile(
    r"<(?P<tag>(?P<name>option|textarea)\b[^>]*|(?P<typed>\w+)\b[^>]*\btranslate=\"no\"[^>]*)>"
    r"(?P<text>.*?)(?=</(?:(?P=name)|(?P=typed))>)"
    r"|<(?P<control>input\b[^>]*\bvalue=\"[^\"]*[ぁ-んァ-ヶ一-龥][^>]*)>",
    re.DOTALL,
)
_LIMIT = 20_000
# By hash and as offsets, never the text itself: a page may hold a person's data.
_known: dict[int, list["_Piece"]] = {}


class _Piece(NamedTuple):
    """A stretch of a text, with the marks before it, and where its reading stands if it has one."""

    start: int
    end: int
    marks: str
    reading: tuple[int, int] | None


@cache
def _model() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


def _readings(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield start and end of each word with a reading in brackets after it, and the end of these."""
    for found in _READING.finditer(text):
        run = _READ_WORD.search(text, max(0, found.start() - 24), found.start())
        # What is all katakana explains a word: 坂（スロープ）.
        is_reading = re.search("[ぁ-ん]", found[1])
        if is_reading and run and (word := _read_word(run[0], found[1])):
            yield found.start() - len(word), found.start(), found.end()


def _read_word(run: str, reading: str) -> str:
    """Return the longest end of `run` that may be read so: a 漢字 takes a kana at least, kana are themselves.

    >>> _read_word("この手続き", "てつづき"), _read_word("もう一度予約", "よやく")
    ('手続き', '予約')
    """
    for each in _ENDS_A_PHRASE:
        run = run.rpartition(each)[2] or run
    beats = len(re.sub("[ぁぃぅぇぉゃゅょァィゥェォャュョ]", "", reading))
    for at in range(len(run)):
        word = run[at:]
        kanji = re.findall(f"[{_KANJI}]", word)
        inside = at > 0 and all(re.match(f"[{_KANJI}]", each) for each in run[at - 1 : at + 1])
        if inside or re.match("[ぁ-んー]", word.lstrip("おご")) or not kanji or len(word) > beats:
            continue
        pattern = "".join(
            ".+" if re.match(f"[{_KANJI}]", each) else f"[{each}{_hiragana(each)}]"
            for each in re.findall(f"[{_KANJI}]+|.", word)
        )
        if re.fullmatch(pattern, reading):
            return word
    return ""


def _hiragana(letter: str) -> str:
    return chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヴ" else letter


def _pieces(text: str, *, easy: bool = False) -> list[_Piece]:
    key = hash((text, easy))
    if key not in _known:
        if len(_known) >= _LIMIT:
            _known.clear()
        _known[key] = _laid_out(text, list(_readings(text)) if easy else [])
    return _known[key]


def _laid_out(text: str, readings: list[tuple[int, int, int]]) -> list[_Piece]:
    """Cut a text where a mark goes in; the phrases are found in the text without its readings."""
    said, ends, dropped = "", [], [0]
    for _start, end, after in readings:
        said += text[len(said) + dropped[-1] : end]
        ends.append(len(said))
        dropped.append(dropped[-1] + after - end)
    said += text[len(said) + dropped[-1] :]

    def at(place: int) -> int:
        return place + dropped[bisect_right(ends, place)]

    words = {start: (end, after) for start, end, after in readings}
    whole = [match.span() for match in _WHOLE.finditer(said)]
    whole += [(match.start() - 1, match.end()) for match in _READING.finditer(said)]
    whole += [
        (end - (word_end - start), end) for end, (start, word_end, _) in zip(ends, readings, strict=True)
    ]
    marks: dict[int, str] = (
        {0: "", len(text): ""} | dict.fromkeys(words, "") | {after: "" for _end, after in words.values()}
    )
    nowrap = [(at(start), at(end)) for start, end in (match.span() for match in _UNBROKEN.finditer(said))]
    for _start, end in nowrap:
        marks[end] = "</span>"
    for place in accumulate(map(len, _model().parse(said))):
        if place < len(said) and _may_break(said, place) and not any(a < place < b for a, b in whole):
            marks[at(place)] = marks.get(at(place), "") + ZERO_WIDTH_SPACE
    for start, _end in nowrap:
        marks[start] = marks.get(start, "") + '<span class="nowrap">'
    pieces = []
    for start, end in pairwise(sorted(marks)):
        if start in words:
            pieces.append(_Piece(start, words[start][0], marks[start], (words[start][0] + 1, end - 1)))
        else:
            pieces.append(_Piece(start, end, marks[start], None))
    return [*pieces, _Piece(len(text), len(text), marks[len(text)], None)]


def _may_break(text: str, place: int) -> bool:
    """Tell whether a line may end here by the letters on both sides, whatever the phrases are."""
    before, after = text[place - 1], text[place]
    if after.isspace() or after in _NEVER_FIRST or before in _NEVER_LAST or before.isdigit():
        return False
    if re.fullmatch(f"[{_KANJI}]{{2}}", before + after):
        return text[:place].endswith(_ENDS_A_PHRASE)
    return not re.fullmatch("[ァ-ヴー]{2}", before + after)


def _in_japanese(html: str, said: set[str] | None = None) -> str:
    """Return text with its breaks; with `said`, the words read so far, also with ruby."""
    if not _JAPANESE.search(html):
        return html
    parts = []
    for piece in _pieces(html, easy=said is not None):
        word = html[piece.start : piece.end]
        parts += [piece.marks, word]
        if piece.reading and said is not None and word not in said:
            said.add(word)
            reading = html[slice(*piece.reading)]
            parts[-1] = f"<ruby>{word}<rp>（</rp><rt>{reading}</rt><rp>）</rp></ruby>"
    return "".join(parts)


def _in_another_language(html: str) -> str:
    """Return text with its Japanese words marked, and telephone numbers in one piece."""
    return _JAPANESE_OR_NUMBER.sub(
        lambda found: (
            f'<span lang="ja">{_in_japanese(found[0])}</span>'
            if _JAPANESE.search(found[0])
            else f'<span class="nowrap">{found[0]}</span>'
        ),
        html,
    )


def _as_japanese(element: re.Match[str]) -> str:
    """Return an element with its language where its text is Japanese."""
    tag, text = element["tag"] or element["control"], element["text"] or ""
    if " lang=" in tag or not (element["control"] or _JAPANESE.search(text)):
        return element[0]
    name, blank, attributes = tag.partition(" ")
    return f'<{name} lang="ja"{blank}{attributes}>{text}'


@register.filter
def phrases(text: object) -> SafeString:
    """Return plain text, escaped, with a break allowed between phrases only."""
    return mark_safe(_in_japanese(escape(text)))  # noqa: S308 - escaped just now


class _PhrasesNode(template.Node):
    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        html = self.nodelist.render(context)
        language = get_language() or MAIN
        foreign = html_name(language) != MAIN
        said: set[str] | None = set() if language == EASY else None
        parts = []
        end = 0
        for markup in [*_MARKUP.finditer(html), None]:
            text = html[end : markup.start() if markup else len(html)]
            parts.append(_in_another_language(text) if foreign else _in_japanese(text, said))
            if markup:
                parts.append(_ELEMENT.sub(_as_japanese, markup[0]) if foreign else markup[0])
                end = markup.end()
                if said and markup[0].startswith(("<main", "<h1")):
                    said.clear()
        return mark_safe("".join(parts))  # noqa: S308 - rendered by the templates inside


@register.tag("phrases")
def phrases_block(parser: template.base.Parser, _token: template.base.Token) -> _PhrasesNode:
    """Lay out all text between {% phrases %} and {% endphrases %}, outside tags and typed text."""
    nodelist = parser.parse(("endphrases",))
    parser.delete_first_token()
    return _PhrasesNode(nodelist)
