"""The sum of what several processes count, in Redis. Imported only where one is named."""

import time

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from lti_tool.web.counts import WINDOW_SECONDS

log = structlog.get_logger()

# Kept for a moment longer than their minute: clocks of hosts differ.
_KEPT_SECONDS = 2 * WINDOW_SECONDS
_REDIS_SECONDS = 0.25
_PAUSE_SECONDS = 30.0


class InRedis:
    """The sum over all processes, in Redis. While it is away, it is asked again twice a minute."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=_REDIS_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._away_until = 0.0

    def answers(self) -> bool:
        """Says whether Redis is there."""
        try:
            return bool(self._client.ping())
        except (redis.RedisError, OSError):
            return False

    def add(self, key: str, window: int, number: int) -> int | None:
        if time.monotonic() < self._away_until:
            return None
        name = f"imhcf:limit:{window}:{key}"
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                pipeline.incrby(name, number)
                pipeline.expire(name, _KEPT_SECONDS)
                return int(pipeline.execute()[0])
        except (redis.RedisError, OSError, ValueError) as error:
            self._away_until = time.monotonic() + _PAUSE_SECONDS
            log.warning("limits-not-shared", error=type(error).__name__)
            return None
