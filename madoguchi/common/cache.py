"""Cache reads for a moment, so that a page of many parts queries the database once."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import Final, ParamSpec, TypeVar, cast

from cachetools import TTLCache
from django.db import transaction

from madoguchi.common import languages

P = ParamSpec("P")
T = TypeVar("T")

CACHE_SECONDS: Final = 2.0
MAX_PAGES: Final = 200
# Answers about offices, of which a country has many: what has run out may not pile up.
MAX_READS: Final = 1000

Answers = TTLCache[Hashable, object]


@dataclass(slots=True)
class _Store:
    """The caches of reads and of pages, with a lock: a TTLCache alone is not thread-safe."""

    reads: Answers = field(default_factory=lambda: TTLCache(MAX_READS, CACHE_SECONDS))
    pages: Answers = field(default_factory=lambda: TTLCache(MAX_PAGES, CACHE_SECONDS))
    lock: Lock = field(default_factory=Lock)

    def answer(self, answers: Answers, key: Hashable, make: Callable[[], T]) -> T:
        """Return the cached value of a key, or make it without holding the lock."""
        with suppress(KeyError), self.lock:
            return cast("T", answers[key])  # the key holds what made it
        made = make()
        with self.lock:
            answers[key] = made
        return made


_shared = _Store()
_isolated: ContextVar[_Store | None] = ContextVar("isolated", default=None)
_in_pipeline: ContextVar[bool] = ContextVar("in_pipeline", default=False)


def _store() -> _Store:
    return _isolated.get() or _shared


@contextmanager
def isolated_cache() -> Iterator[None]:
    """Give this thread an empty cache of its own until the block ends.

    Use it inside a transaction that will be rolled back: nobody else may read what it wrote.
    """
    token = _isolated.set(_Store())
    try:
        yield
    finally:
        _isolated.reset(token)


class CachedReadInPipeline(RuntimeError):
    """A cached read was called in a pipeline, where the database cannot be queried."""


@contextmanager
def no_cached_reads() -> Iterator[None]:
    """Refuse every cached read of this thread until the block ends; each raises CachedReadInPipeline.

    A hit would work and a miss would query inside the pipeline, so both are refused.
    """
    token = _in_pipeline.set(True)
    try:
        yield
    finally:
        _in_pipeline.reset(token)


def _answer(key: Hashable, make: Callable[[], T], *, is_page: bool) -> T:
    if _in_pipeline.get():
        raise CachedReadInPipeline(key)
    store = _store()
    return store.answer(store.pages if is_page else store.reads, key, make)


def cached(read: Callable[P, T]) -> Callable[P, T]:
    """Cache a read for at most CACHE_SECONDS; its result must be immutable.

    Only for reads with few possible arguments: every one takes memory, so none may come from a visitor.
    """

    @wraps(read)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> T:
        # What is read may be words, which differ by language.
        key = (read, args, tuple(kwargs.items()), languages.current())
        return _answer(key, lambda: read(*args, **kwargs), is_page=False)

    return remembered


def cached_page(key: Hashable, make: Callable[[], T]) -> T:
    """Return the value made for a key within CACHE_SECONDS, or make it; visitors may choose the keys."""
    return _answer(key, make, is_page=True)


def clear_caches() -> None:
    """Clear the caches of the isolated block, or else the shared ones: between tests, and after a rollback.

    Writers call `clear_caches_on_commit`.
    """
    store = _store()
    # New ones: a read that began before ends up in the old ones, which nobody asks any more.
    store.reads, store.pages = _Store().reads, _Store().pages


def clear_caches_on_commit() -> None:
    """Clear the caches after a write: now, for the rest of its transaction, and again once it is committed.

    Without the second, a read of another thread between the write and the commit would keep the old answer.
    """
    clear_caches()
    transaction.on_commit(clear_caches)
