"""Sentences in the language of who reads them; Japanese is what stands in the code (docs/adr/0021).

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
    """Look sentences up here from now on, by context ("" for none) and Japanese sentence."""
    _asked[:] = [(look_up, current)]


def current() -> str:
    """Return the reader's language."""
    return _asked[0][1]() if _asked else MAIN


def pgettext(context: str, sentence: str) -> str:
    """Return a sentence in the reader's language, as it is where no catalogue has it."""
    return _asked[0][0](context, sentence) if _asked and sentence else sentence


def gettext(sentence: str) -> str:
    """Return a sentence in the reader's language, as it is where no catalogue has it."""
    return pgettext("", sentence)


def gettext_noop(sentence: str) -> str:
    """Mark a sentence that is looked up later, where it is shown."""
    return sentence


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: A、B."""
    return gettext("、").join(words)


def spoken(row: R, names: Iterable[str]) -> R:
    """Return a frozen row with these of its words in the reader's language."""
    if current() == MAIN:
        return row
    changing: Any = row
    return replace(changing, **{name: gettext(getattr(row, name)) for name in names})  # type: ignore[no-any-return]
