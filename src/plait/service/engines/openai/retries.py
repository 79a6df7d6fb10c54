"""Retries before the first byte of an answer: for failed connections, and servers that are full or still starting."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from plait.core.engine.answer_clock import waiting

RETRY_STATUSES = (429, 500, 502, 503, 504)
MAX_TRIES = 3
INITIAL_BACKOFF = 0.5  # seconds; doubles with each attempt
MAX_RETRY_AFTER = 30.0  # seconds; a server that requests a longer wait is reported as busy


async def send_with_retries(send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The first response without a transient failure, else that of the last attempt.

    Raises httpx.TransportError if the last attempt got no response. The timeout of the call includes the waits; the
    seconds of the answer do not.
    """
    for number in range(MAX_TRIES):
        last = number == MAX_TRIES - 1
        try:
            response = await send()
        except httpx.TransportError:
            if last:
                raise
            wait = jitter(number)
        else:
            retry_after = parse_retry_after(response) or 0.0
            if response.status_code not in RETRY_STATUSES or last or retry_after > MAX_RETRY_AFTER:
                return response
            await response.aclose()
            wait = retry_after + jitter(number)
        with waiting():
            await asyncio.sleep(wait)
    raise AssertionError("the last try returns or raises")


def jitter(attempt: int) -> float:
    """Random seconds up to a limit that doubles, so that callers that failed together do not retry together.

    Source: "Exponential Backoff and Jitter", AWS Architecture Blog, 2015 ("full jitter").
    """
    return random.uniform(0, INITIAL_BACKOFF * 2**attempt)


def parse_retry_after(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After header, given in seconds or as a date (RFC 9110, 10.2.3); None if missing or invalid."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
