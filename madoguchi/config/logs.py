"""Logs for machines: one JSON object a line, without secret links and without what people typed."""

import re
from typing import Any

import structlog
from structlog.types import EventDict, Processor

SECRET_LINK = re.compile(r"/([rw])/[^/\s?]+")
QUERY = re.compile(r"\?.*")


def hide_secrets(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Replace the token of a secret link wherever it stands: whoever reads a log must not open a booking.

    What follows the address of a request goes too: names and numbers that staff search for stand there.
    """
    kept = {
        key: SECRET_LINK.sub(r"/\1/…", value) if isinstance(value, str) else value
        for key, value in event.items()
    }
    if isinstance(kept.get("request"), str):
        kept["request"] = QUERY.sub("", kept["request"])
    return kept


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    hide_secrets,
]


def configure(*, level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING, so that both write the same lines."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
                "foreign_pre_chain": SHARED,
            },
        },
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            # Django's own line on a refused page repeats the path of the request; ours says it once.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "procrastinate": {"level": "WARNING"},
        },
    }
