"""Remember reads for a moment, so that a page of many parts asks the database once."""

import time
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from madoguchi.common import languages

P = ParamSpec("P")
T = TypeVar("T")

SECONDS: Final = 2.0
MOST: Final = 200
_kept: dict[object, tuple[float, object]] = {}
_made: dict[Hashable, tuple[float, object]] = {}


def kept_briefly(read: Callable[P, T]) -> Callable[P, T]:
    """Make a read answer from memory for at most SECONDS; what it returns must be immutable.

    Only for reads with few possible arguments: every one takes memory, so none may come from a visitor.
    """

    @wraps(read)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> T:
        # What is read may be words, which differ by language.
        key = (read, args, tuple(kwargs.items()), languages.current())
        until, answer = _kept.get(key, (0.0, None))
        if until <= time.monotonic():
            answer = read(*args, **kwargs)
            _kept[key] = (time.monotonic() + SECONDS, answer)
        return answer  # type: ignore[return-value]  # the key holds the function that made it

    return remembered


def kept_for_visitors(key: Hashable, make: Callable[[], T]) -> T:
    """Return what was made for a key within SECONDS, or make it; visitors may choose the keys."""
    until, answer = _made.get(key, (0.0, None))
    if until <= time.monotonic():
        if len(_made) >= MOST:
            _made.clear()
        answer = make()
        _made[key] = (time.monotonic() + SECONDS, answer)
    return answer  # type: ignore[return-value]  # the key says who made it


def clear_caches() -> None:
    """Forget everything: after a write, and between tests."""
    _kept.clear()
    _made.clear()
