"""Fingerprints of shown content, carried by forms: an action applies to the shown content or is refused.

A browser has one session and many tabs. The word is keyed, so that it tells nothing of what it stands for.
"""

from madoguchi.common.errors import ContentChanged
from madoguchi.sealing.services import index_hash

FIELD = "seen"


def shown(purpose: str, *facts: object) -> str:
    """Return the fingerprint of these facts (仕様書 4(3)ア).

    Facts are plain values; an instant is given as text in UTC, because one instant has several forms.
    """
    return index_hash("shown", f"{purpose} {facts!r}").hex()


def refuse_other(seen: str | None, now: str) -> None:
    """Raise ContentChanged unless a form carries the present fingerprint; None skips the check.

    A form that may act on several things carries one word for each, with a space between. A missing or
    garbled word is another one.
    """
    if seen is not None and now not in seen.split(" "):
        raise ContentChanged
