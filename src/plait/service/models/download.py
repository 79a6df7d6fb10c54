"""Downloads one large file: a connection that breaks off is taken up again where it ended (RFC 9110, 14: Range)."""

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from plait.core.errors import PlaitError, ServerError, SettingsError

MAX_IDLE_TRIES = 4  # attempts in a row that bring no byte
RETRY_WAIT = 1.0  # seconds; doubles with each of them
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
CHUNK_BYTES = 64 * 1024
RESERVE_BYTES = 64 * 1024 * 1024  # bytes that stay free on the disk
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
SHA256 = re.compile(r"[0-9a-f]{64}")
AGAIN = "run the same command again: it continues where it ended"

Report = Callable[[int, int], None]  # bytes so far; bytes in all, 0 if unknown


@dataclass
class Download:
    """A download to `part`, beside which a note has the validator of the remote file.

    `check_head` receives the first bytes and may refuse them. `sha256` is the checksum that the hub states, if it does.
    """

    url: str
    part: Path
    check_head: Callable[[bytes], None]
    report: Report
    sha256: str = ""

    @property
    def note(self) -> Path:
        return self.part.with_suffix(".json")

    def run(self) -> None:
        """Downloads the rest of the file. Raises ServerError; what has arrived stays for the next attempt."""
        tries = 0
        with httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers={"accept-encoding": "identity"}) as http:
            while True:
                before = self.size
                try:
                    return self.attempt(http)
                except httpx.TransportError as error:
                    tries = 0 if self.size > before else tries + 1
                    if tries == MAX_IDLE_TRIES:
                        raise self.broken_error(error) from None
                    time.sleep(RETRY_WAIT * 2**tries)

    @property
    def size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def attempt(self, http: httpx.Client) -> None:
        with http.stream("GET", self.url, headers=self.range_headers()) as response:
            if response.status_code == 416 and self.size:  # there is no more, or it is another file now
                return self.finish_or_restart(http, response)
            self.check_response(response)
            start, total = content_range(response, self.size)
            self.sha256 = stated_sha256(response)
            check_space(self.part.parent, total - start)
            self.write_note(response)
            self.write(response, start, total)

    def range_headers(self) -> dict[str, str]:
        """The headers that ask for the rest. Without a validator the rest might be that of another file."""
        validator = self.read_note()
        return {"range": f"bytes={self.size}-", "if-range": validator} if validator and self.size else {}

    def finish_or_restart(self, http: httpx.Client, response: httpx.Response) -> None:
        complete = response.headers.get("content-range") == f"bytes */{self.size}"
        if not complete:
            self.part.unlink()
            self.attempt(http)

    def check_response(self, response: httpx.Response) -> None:
        if self.url.startswith("https:") and response.url.scheme != "https":
            raise ServerError(f"{self.url} leads to an address without encryption: {response.url.host}")
        if response.status_code in (401, 403):
            raise ServerError(
                f"{self.url} asks for an account: {response.status_code}",
                hint="download the file in a browser, then: plait models add FILE.gguf",
            )
        if response.status_code not in (200, 206):
            raise ServerError(
                f"{self.url} answers {response.status_code} {response.reason_phrase}".rstrip(),
                hint="check the names of repository and file" if response.status_code == 404 else AGAIN,
            )

    def write(self, response: httpx.Response, start: int, total: int) -> None:
        """Appends the body. Raises SettingsError if the disk is full."""
        try:
            with self.part.open("r+b" if start else "wb") as file:
                file.seek(start)
                file.truncate()
                for chunk in response.iter_raw(CHUNK_BYTES):
                    if not file.tell():
                        self.check_head(chunk)
                    file.write(chunk)
                    file.flush()
                    self.report(file.tell(), total)
                os.fsync(file.fileno())
        except OSError as error:
            raise SettingsError(
                f"{self.part.parent} cannot take the file: {error.strerror}", hint=f"free some space, then {AGAIN}"
            ) from None
        except PlaitError:
            self.remove()
            raise

    def write_note(self, response: httpx.Response) -> None:
        etag = response.headers.get("etag", "")
        validator = etag if etag and not etag.startswith("W/") else response.headers.get("last-modified", "")
        self.note.write_text(json.dumps({"url": self.url, "validator": validator}))

    def read_note(self) -> str:
        try:
            return str(json.loads(self.note.read_text())["validator"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def remove(self) -> None:
        for file in (self.part, self.note):
            file.unlink(missing_ok=True)

    def broken_error(self, error: httpx.TransportError) -> ServerError:
        arrived = f", after {self.size / 1e6:,.1f} MB" if self.size else ""
        reason = str(error) or type(error).__name__
        return ServerError(
            f"{self.url} broke off{arrived}: {reason}", hint=f"{AGAIN}\nor name another mirror: PLAIT_HUB=https://..."
        )


def content_range(response: httpx.Response, size: int) -> tuple[int, int]:
    """The offset of the body in the file, and the size of the whole file, 0 if unknown.

    Raises ServerError for a part that was not asked for.
    """
    if response.status_code == 200:
        return 0, int(response.headers.get("content-length", 0))
    match = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if match is None or int(match[1]) != size:
        raise ServerError(f"{response.url} sends another part of the file than requested", hint="try another mirror")
    return size, 0 if match[2] == "*" else int(match[2])


def stated_sha256(response: httpx.Response) -> str:
    """The checksum that a hub states for a large file (its ETag, also in the response that redirects); "" without."""
    tags = [each.headers.get("x-linked-etag", "") for each in (*response.history, response)]
    return next((tag.strip('"') for tag in tags if SHA256.fullmatch(tag.strip('"'))), "")


def check_space(folder: Path, needed: int) -> None:
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    if needed + RESERVE_BYTES > free:
        raise SettingsError(
            f"{needed / 1e9:,.2f} GB are needed, {free / 1e9:,.2f} GB are free in {folder}",
            hint="free some space, or set PLAIT_DATA to a folder on a larger disk",
        )


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Only one process downloads to a file. Raises SettingsError in the others."""
    with file.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError("another command is downloading this file", hint="wait until it is done") from None
        yield
