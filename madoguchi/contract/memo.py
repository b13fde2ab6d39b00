"""Remember reads for a moment, so that a page of many parts asks the database once."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SECONDS: Final = 2.0
_kept: dict[object, tuple[float, object]] = {}


def kept_briefly(read: Callable[P, T]) -> Callable[P, T]:
    """Make a read answer from memory for at most SECONDS; what it returns must be immutable.

    Only for reads with few possible arguments: every one takes memory, so none may come from a visitor.
    """

    @wraps(read)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (read, args, tuple(kwargs.items()))
        until, answer = _kept.get(key, (0.0, None))
        if until <= time.monotonic():
            answer = read(*args, **kwargs)
            _kept[key] = (time.monotonic() + SECONDS, answer)
        return answer  # type: ignore[return-value]  # the key holds the function that made it

    return remembered


def clear_caches() -> None:
    """Forget everything: after a write, and between tests."""
    _kept.clear()
