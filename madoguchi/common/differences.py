"""The difference of two texts in readable pieces. No Django."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final

SAME, REMOVED, ADDED = "same", "gone", "new"
# Japanese has no spaces: a run of one script is about a word. A placeholder is one word too.
_WORDS: Final = re.compile(r"\{\w+\}|[一-龠々]+|[ぁ-ん]+|[ァ-ヶー]+|[0-9０-９]+|[A-Za-z]+|\s|.")
_LINES: Final = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a difference: the same, removed or added."""

    kind: str
    text: str


def word_difference(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces of both texts in order: the same, removed, added.

    Without the added pieces it is the text before, without the removed ones the text after.
    """
    found = list(_compared(_LINES.findall(before), _LINES.findall(after), word_by_word=True))
    return tuple(
        Piece(kind, "".join(text for _, text in run))
        for kind, run in groupby(found, key=lambda pair: pair[0])
    )


def _compared(
    before: Sequence[str], after: Sequence[str], *, word_by_word: bool
) -> Iterator[tuple[str, str]]:
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        gone, new = "".join(before[start:end]), "".join(after[new_start:new_end])
        if tag == "equal":
            yield SAME, gone
        elif gone and new and word_by_word:
            yield from _compared(_WORDS.findall(gone), _WORDS.findall(new), word_by_word=False)
        else:
            yield from ((kind, text) for kind, text in ((REMOVED, gone), (ADDED, new)) if text)
