"""Translate messages into the reader's language; the code has them in Japanese (docs/adr/0021).

Plain Python, because rules and refusals speak as well; `common.apps` lets them ask the catalogues.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, TypeAlias, TypeVar

MAIN: Final = "ja"

LookUp: TypeAlias = Callable[[str, str], str]
Current: TypeAlias = Callable[[], str]
R = TypeVar("R")

_asked: list[tuple[LookUp, Current]] = []


def ask(look_up: LookUp, current: Current) -> None:
    """Set the function that translates: by context ("" for none) and Japanese message."""
    _asked[:] = [(look_up, current)]


def current() -> str:
    """Return the reader's language."""
    return _asked[0][1]() if _asked else MAIN


def pgettext(context: str, sentence: str) -> str:
    """Return a message in the reader's language, unchanged without a translation."""
    return _asked[0][0](context, sentence) if _asked and sentence else sentence


def gettext(sentence: str) -> str:
    """Return a message in the reader's language, unchanged without a translation."""
    return pgettext("", sentence)


def gettext_noop(sentence: str) -> str:
    """Mark a message for translation where it is shown later."""
    return sentence


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: A、B."""
    return gettext("、").join(words)


def spoken(row: R, names: Iterable[str]) -> R:
    """Return a frozen row with these text fields in the reader's language."""
    if current() == MAIN:
        return row
    changing: Any = row
    return replace(changing, **{name: gettext(getattr(row, name)) for name in names})  # type: ignore[no-any-return]
