"""Structured logs: one JSON object a line, without secret links and typed values (仕様書 6)."""

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import structlog
from structlog.types import EventDict, Processor

SECRET_LINK = re.compile(r"/([rw])/[^/\s?<]+")


def hide_secrets(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Replace the tokens of secret links, so that a reader of the log cannot open a booking."""
    return {
        key: SECRET_LINK.sub(r"/\1/…", value) if isinstance(value, str) else value
        for key, value in event.items()
    }


def name_exceptions(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Log the class and place of an exception without its message, which may repeat typed values."""
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_where(error))
    return event


def _where(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"{frame.filename}:{frame.lineno} {frame.name}"
        # What PostgreSQL says besides its sentence, which quotes the row.
        facts = getattr(error, "diag", None)
        words = (facts.sqlstate, facts.table_name, facts.constraint_name) if facts else ()
        yield " ".join([type(error).__qualname__, *filter(None, words)])
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log the exception that ended the process."""
    logging.getLogger(__name__).critical("process_ended", exc_info=(kind, error, trace))


def configure(*, level: str, words: bool) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING, so that both write the same lines.

    `words` keeps what exceptions say, for a system of made-up people.
    """
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    if not words:
        sys.excepthook = last_words
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info if words else name_exceptions,
                    hide_secrets,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
                "foreign_pre_chain": SHARED,
            },
        },
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            # Django's own lines repeat the path of the request and the place of a fault; ours say it once.
            "django.request": {"level": "CRITICAL"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # It names who could not sign in, or the password typed in the wrong place.
            "axes": {"level": "CRITICAL"},
            "procrastinate": {"level": "WARNING"},
        },
    }
