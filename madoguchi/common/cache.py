"""Cache reads for a moment, so that a page of many parts queries the database once."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import Final, ParamSpec, TypeVar, cast

from cachetools import TTLCache

from madoguchi.common import languages

P = ParamSpec("P")
T = TypeVar("T")

CACHE_SECONDS: Final = 2.0
MAX_PAGES: Final = 200
# Answers about offices, of which a country has many: what has run out may not pile up.
MAX_READS: Final = 1000

Answers = TTLCache[Hashable, object]


@dataclass(slots=True)
class _Memory:
    """The caches of reads and of pages, with a lock: a TTLCache alone is not thread-safe."""

    reads: Answers = field(default_factory=lambda: TTLCache(MAX_READS, CACHE_SECONDS))
    pages: Answers = field(default_factory=lambda: TTLCache(MAX_PAGES, CACHE_SECONDS))
    lock: Lock = field(default_factory=Lock)

    def answer(self, answers: Answers, key: Hashable, make: Callable[[], T]) -> T:
        """Return the cached value of a key, or make it without holding the lock."""
        try:
            with self.lock:
                return cast("T", answers[key])  # the key holds what made it
        except KeyError:
            made = make()
        with self.lock:
            answers[key] = made
        return made


_shared = _Memory()
_isolated: ContextVar[_Memory | None] = ContextVar("isolated", default=None)


def _memory() -> _Memory:
    return _isolated.get() or _shared


@contextmanager
def isolated_cache() -> Iterator[None]:
    """Give this thread an empty cache of its own until the block ends.

    For reads of what is not committed and never will be: nobody else may be told of it.
    """
    token = _isolated.set(_Memory())
    try:
        yield
    finally:
        _isolated.reset(token)


class ReadInPipeline(RuntimeError):
    """A cached read was called where the database cannot be asked, should the answer have run out."""


class _NoMemory(_Memory):
    def answer(self, answers: Answers, key: Hashable, make: Callable[[], T]) -> T:  # noqa: ARG002 - its shape
        raise ReadInPipeline(key)


_NO_MEMORY: Final = _NoMemory()


@contextmanager
def no_cached_reads() -> Iterator[None]:
    """Refuse every cached read of this thread until the block ends, also one whose answer is at hand.

    In a pipeline (`common.statements.pipelined`) it would work, but for the moment at which it has run out.
    """
    token = _isolated.set(_NO_MEMORY)
    try:
        yield
    finally:
        _isolated.reset(token)


def cached(read: Callable[P, T]) -> Callable[P, T]:
    """Cache a read for at most CACHE_SECONDS; its result must be immutable.

    Only for reads with few possible arguments: every one takes memory, so none may come from a visitor.
    """

    @wraps(read)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> T:
        memory = _memory()
        # What is read may be words, which differ by language.
        key = (read, args, tuple(kwargs.items()), languages.current())
        return memory.answer(memory.reads, key, lambda: read(*args, **kwargs))

    return remembered


def cached_page(key: Hashable, make: Callable[[], T]) -> T:
    """Return the value made for a key within CACHE_SECONDS, or make it; visitors may choose the keys."""
    memory = _memory()
    return memory.answer(memory.pages, key, make)


def clear_caches() -> None:
    """Clear all caches: after a write, and between tests."""
    memory = _memory()
    # New ones: a read that began before ends up in the old ones, which nobody asks any more.
    memory.reads, memory.pages = _Memory().reads, _Memory().pages
