"""Line breaks between phrases only, and never inside a date, a time or a telephone number."""

import re
from functools import cache
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

import budoux
from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Not <wbr>: browsers put a blank for it into the names that screen readers speak and voice control hears.
ZERO_WIDTH_SPACE = "\u200b"

_UNBROKEN = re.compile(
    r"(?:(?:明治|大正|昭和|平成|令和)?(?:元|\d+)年)?\d+月\d+日(?:（[日月火水木金土]）)?"
    r"|(?:明治|大正|昭和|平成|令和)(?:元|\d+)年"
    r"|午[前後]\d+時(?:\d+分)?"
    r"|(?<![A-Za-z\d-])[\dX]+(?:-[\dX]+)+(?::\d+)?"
    r"|〒\d{3}-\d{4}"
)
# What the model would cut: entities, names of post offices (too long to forbid every break), of wards, these
# words.
_WHOLE = re.compile(
    rf"{_UNBROKEN.pattern}|&#?\w+;|(?:\d+の)?[々一-龥ァ-ー]*郵便局|[々一-龥]{{1,3}}区(?!役)"
    r"|日にち|\d+か月|あてはま|お住まいの区"
)
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]")
# Tags, and elements whose text is not ours to touch: what people typed carries translate="no".
_MARKUP = re.compile(
    r"<(?P<whole>textarea|select|script|style|title|svg)\b.*?</(?P=whole)>"
    r"|<(?P<name>\w+)\b[^>]*\btranslate=\"no\"[^>]*>.*?</(?P=name)>"
    r"|<[^>]+>",
    re.DOTALL,
)
_LIMIT = 20_000
# By hash and as offsets, never the text itself: a page may hold a person's data.
_known: dict[int, list["_Piece"]] = {}


class _Piece(NamedTuple):
    start: int
    end: int
    may_break_before: bool
    unbroken: bool


@cache
def _model() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


def _pieces(text: str) -> list[_Piece]:
    key = hash(text)
    if key not in _known:
        if len(_known) >= _LIMIT:
            _known.clear()
        whole = [match.span() for match in _WHOLE.finditer(text)]
        unbroken = {match.span() for match in _UNBROKEN.finditer(text)}
        phrases = accumulate(map(len, _model().parse(text)))
        breaks = {at for at in phrases if not any(start < at < end for start, end in whole)} - {len(text)}
        edges = sorted({0, len(text), *breaks, *chain.from_iterable(unbroken)})
        _known[key] = [
            _Piece(start, end, start in breaks, (start, end) in unbroken) for start, end in pairwise(edges)
        ]
    return _known[key]


def _with_breaks(html: str) -> str:
    if not _JAPANESE.search(html):
        return html
    return "".join(
        (ZERO_WIDTH_SPACE if piece.may_break_before else "")
        + (f'<span class="nowrap">{part}</span>' if piece.unbroken else part)
        for piece in _pieces(html)
        for part in [html[piece.start : piece.end]]
    )


@register.filter
def phrases(text: object) -> SafeString:
    """Return plain text, escaped, with a break allowed between phrases only."""
    return mark_safe(_with_breaks(escape(text)))  # noqa: S308 - escaped just now


class _PhrasesNode(template.Node):
    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        html = self.nodelist.render(context)
        parts = []
        end = 0
        for markup in _MARKUP.finditer(html):
            parts += [_with_breaks(html[end : markup.start()]), markup[0]]
            end = markup.end()
        return mark_safe("".join([*parts, _with_breaks(html[end:])]))  # noqa: S308 - rendered by the templates inside


@register.tag("phrases")
def phrases_block(parser: template.base.Parser, _token: template.base.Token) -> _PhrasesNode:
    """Give all text between {% phrases %} and {% endphrases %} its breaks, outside tags and typed text."""
    nodelist = parser.parse(("endphrases",))
    parser.delete_first_token()
    return _PhrasesNode(nodelist)
