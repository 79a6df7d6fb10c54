"""Retries before the first byte of an answer: failed connections, servers that are full or still starting."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

RETRY_STATUSES = (429, 500, 502, 503, 504)
MAX_TRIES = 3
INITIAL_BACKOFF = 0.5  # seconds; doubled with each try
MAX_RETRY_AFTER = 30.0  # seconds; a server that wants more is reported as busy


async def send_with_retries(send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The response of the first try without a transient failure, else that of the last.

    Raises httpx.TransportError where the last try had none. The call's own time limit stands around the waits.
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
        await asyncio.sleep(wait)
    raise AssertionError("the last try returns or raises")


def jitter(attempt: int) -> float:
    """Anywhere up to a limit that doubles, so that callers who failed together do not come back together.

    Source: "Exponential Backoff and Jitter", AWS Architecture Blog, 2015 ("full jitter").
    """
    return random.uniform(0, INITIAL_BACKOFF * 2**attempt)


def parse_retry_after(response: httpx.Response) -> float | None:
    """Seconds, from a Retry-After in seconds or as a date (RFC 9110, 10.2.3); None where there is none to be read."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
