"""Logging: one line of JSON for each event, with the request's code for support."""

import logging
import sys

import structlog


def configure_logging(*, level: int = logging.INFO) -> None:
    """Sends structured lines to standard error. No event may hold a token or a name."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
