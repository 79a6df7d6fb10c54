"""A mirror of model files on loopback, with Range requests, which may break off, redirect, or send something else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Mirror:
    """Answers each path with the same content. `break_after` are the bytes after which each request breaks off."""

    content: bytes
    break_after: list[int] = field(default_factory=list[int])
    etag: str = '"v1"'
    status: int = 200
    linked_etag: str = ""
    ranges: bool = True
    heard: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("range", "")
        self.heard.append((handler.path, asked))
        start = int(asked.removeprefix("bytes=").rstrip("-") or 0) if self.is_same(handler) and asked else 0
        status = 206 if start else self.status
        if start >= len(self.content) > 0:
            status, start = 416, len(self.content)
        body = self.content[start:]
        handler.send_response(status)
        if status in (206, 416):
            where = f"{start}-{len(self.content) - 1}" if status == 206 else "*"
            handler.send_header("content-range", f"bytes {where}/{len(self.content)}")
        for name, value in (("etag", self.etag), ("x-linked-etag", self.linked_etag)):
            if value:
                handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: self.break_after.pop(0) if self.break_after else len(body)])

    def is_same(self, handler: BaseHTTPRequestHandler) -> bool:
        return self.ranges and handler.headers.get("if-range") == self.etag


@contextmanager
def mirror(content: bytes, **how: object) -> Iterator[Mirror]:
    there = Mirror(content, **how)  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there.answer(self)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
