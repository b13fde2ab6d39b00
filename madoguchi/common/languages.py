"""Sentences in the language of who reads them; Japanese is what stands in the code (docs/adr/0021).

Plain Python, because rules and refusals speak as well; `common.apps` lets them ask the catalogues.
"""

from collections.abc import Callable, Iterable
from typing import Final

MAIN: Final = "ja"

_asked: list[Callable[[str, str], str]] = []


def ask(catalogues: Callable[[str, str], str]) -> None:
    """Look sentences up here from now on: by context ("" for none) and Japanese sentence."""
    _asked[:] = [catalogues]


def pgettext(context: str, sentence: str) -> str:
    """Return a sentence in the reader's language, as it is where no catalogue has it."""
    return _asked[0](context, sentence) if _asked and sentence else sentence


def gettext(sentence: str) -> str:
    """Return a sentence in the reader's language, as it is where no catalogue has it."""
    return pgettext("", sentence)


def gettext_noop(sentence: str) -> str:
    """Mark a sentence that is looked up later, where it is shown."""
    return sentence


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: A、B."""
    return gettext("、").join(words)
