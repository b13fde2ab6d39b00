"""Remember reads for a moment, so that a page of many parts asks the database once."""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from madoguchi.common import languages

P = ParamSpec("P")
T = TypeVar("T")

CACHE_SECONDS: Final = 2.0
MAX_PAGES: Final = 200
# Answers about offices, of which a country has many: what has run out may not pile up.
MAX_READS: Final = 1000


@dataclass(frozen=True, slots=True)
class _Memory:
    """What is remembered of reads, and of what visitors asked for; until when, and the answer."""

    kept: dict[object, tuple[float, object]] = field(default_factory=dict)
    made: dict[Hashable, tuple[float, object]] = field(default_factory=dict)


_shared = _Memory()
_apart: ContextVar[_Memory | None] = ContextVar("apart", default=None)


def _memory() -> _Memory:
    return _apart.get() or _shared


@contextmanager
def isolated_cache() -> Iterator[None]:
    """Give this thread a memory of its own, empty at first, until the block ends.

    For reads of what is not committed and never will be: nobody else may be told of it.
    """
    token = _apart.set(_Memory())
    try:
        yield
    finally:
        _apart.reset(token)


def cached(read: Callable[P, T]) -> Callable[P, T]:
    """Make a read answer from memory for at most SECONDS; what it returns must be immutable.

    Only for reads with few possible arguments: every one takes memory, so none may come from a visitor.
    """

    @wraps(read)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> T:
        # What is read may be words, which differ by language.
        key = (read, args, tuple(kwargs.items()), languages.current())
        kept = _memory().kept
        until, answer = kept.get(key, (0.0, None))
        if until <= time.monotonic():
            answer = read(*args, **kwargs)
            if len(kept) >= MAX_READS:
                kept.clear()
            kept[key] = (time.monotonic() + CACHE_SECONDS, answer)
        return answer  # type: ignore[return-value]  # the key holds the function that made it

    return remembered


def cached_page(key: Hashable, make: Callable[[], T]) -> T:
    """Return what was made for a key within SECONDS, or make it; visitors may choose the keys."""
    made = _memory().made
    until, answer = made.get(key, (0.0, None))
    if until <= time.monotonic():
        if len(made) >= MAX_PAGES:
            made.clear()
        answer = make()
        made[key] = (time.monotonic() + CACHE_SECONDS, answer)
    return answer  # type: ignore[return-value]  # the key says who made it


def clear_caches() -> None:
    """Forget everything: after a write, and between tests."""
    memory = _memory()
    memory.kept.clear()
    memory.made.clear()
