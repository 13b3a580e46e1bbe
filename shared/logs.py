"""Structured logs: a constant event name and fields, to standard error, as JSON or for a console.

Values are never formatted into the event, so a title can't forge a line: JSON escapes controls,
and the console renderer prints `repr`.
"""

import logging
import sys
from typing import Literal

import structlog
from redis.exceptions import RedisError
from structlog.typing import EventDict, WrappedLogger

Logger = structlog.stdlib.BoundLogger
FASTSTREAM_LOGGER = "topicwire.faststream"


def configure(service: str, *, format: Literal["console", "json"], level: str) -> Logger:  # noqa: A002 the setting's name
    """Set up logging for this process and return its logger; call once, at the start.

    Lines of libraries (FastStream, aiohttp, Alembic) run through the same renderer.
    """
    shared_steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _escape,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_steps,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("aiohttp.access", "alembic.runtime.migration", FASTSTREAM_LOGGER):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger(FASTSTREAM_LOGGER).addFilter(_without_traceback)
    logger: Logger = structlog.get_logger(service)
    return logger.bind(service=service)


def _without_traceback(record: logging.LogRecord) -> bool:
    """Say an outage of the broker in one line, not in sixty every five seconds."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, RedisError | OSError):
        record.msg, record.args, record.exc_info = f"{record.msg}: {error}", (), None
    return True


def _escape(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Make line ends and other controls in field values visible."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception" and not value.isprintable():
            event[key] = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)
    return event
