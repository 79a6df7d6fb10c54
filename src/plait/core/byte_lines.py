"""Lines of a stream of bytes, ended by a line feed and by nothing else.

`str.splitlines`, and with it httpx's `aiter_lines`, also splits at U+0085, U+2028 and U+2029, which JSON may hold.
"""

from collections.abc import AsyncIterator


async def iter_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Each whole line without its end; what is left unended at the end of the stream comes last."""
    left = b""
    async for chunk in chunks:
        *whole, left = (left + chunk).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r")
    if left:
        yield left
