"""Security middleware: known Host names, own Origins, keys once one exists, bounded bodies, slow readers.

Any web page can post to a loopback address, and any name can be made to resolve to one (DNS rebinding); so an
unknown Host is refused, and so is a form or script of another origin.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plait.core.errors import Forbidden, InputTooLarge, PlaitError
from plait.core.prompting.project import OWNER, author_of_key
from plait.http.responses import error_response

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
PUBLIC_PATHS = ("/healthz",)  # need no key
MAX_BODY_BYTES = 32 * 2**20  # bytes; the largest picture that is taken has 20 MiB, and 27 as a data URL
SEND_TIMEOUT = 30.0  # seconds for a client to take what it asked for; a stream of answers is a few kilobytes
SECURITY_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    # Not "no-referrer": a browser then calls its own form's Origin "null", and a form without JavaScript is refused.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


@dataclass(frozen=True)
class AccessPolicy:
    """Host names that the server answers to and SHA-256 digests of its keys; without keys every request is allowed.

    `admin_keys` are those of the keys that may change which model answers.
    """

    hosts: frozenset[str]
    keys: frozenset[bytes] = frozenset()
    admin_keys: frozenset[bytes] = frozenset()

    @staticmethod
    def from_settings(
        host: str, hosts: Iterable[str], keys: Iterable[str], admin_keys: Iterable[str] = ()
    ) -> "AccessPolicy":
        """Admin keys grant access as well."""
        admins = frozenset(map(key_digest, admin_keys))
        names = frozenset((*LOOPBACK_HOSTS, host.lower(), *map(str.lower, hosts)))
        return AccessPolicy(names, frozenset(map(key_digest, keys)) | admins, admins)


def key_digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def request_author(request: Request) -> str:
    """Who sent the request, as the middleware found out."""
    return request.state.author


def may_administer(request: Request) -> bool:
    """Whether the sender may change which model answers: with an admin key, or on a server without keys."""
    return getattr(request.state, "may_administer", False)


def check_admin(request: Request) -> None:
    """Raises Forbidden for a key that may not change which model answers."""
    if not may_administer(request):
        raise Forbidden(
            "this key may not see or change which model answers",
            hint="list the key under admin_keys in plait.toml, and restart the server",
        )


class SecurityMiddleware:
    """ASGI middleware that applies an AccessPolicy; a refused request gets a Plait error."""

    def __init__(self, app: ASGIApp, policy: AccessPolicy, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self.app, self.policy, self.max_body_bytes = app, policy, max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        refusal = self.rejection(scope, headers)
        if refusal is not None:
            refusal.headers["connection"] = "close"
            return await refusal(scope, receive, with_security_headers(send))
        scope.setdefault("state", {}).update(author=self.author(headers), may_administer=self.is_admin(headers))
        timely = TimedSender(send)
        try:
            await self.app(scope, self.limit_body(receive), with_security_headers(timely))
        except Exception:
            # The client has stopped reading: no error can be sent.
            if not timely.stalled:
                raise

    def rejection(self, scope: Scope, headers: Headers) -> Response | None:
        """The response to a request that is not allowed; None for one that is."""
        try:
            self.check_host(headers.get("host", ""))
            self.check_origin(scope["method"], headers)
            self.check_length(headers.get("content-length", "0"))
        except PlaitError as error:
            return error_response(error)
        return None if self.is_authorized(scope["path"], headers) else unauthorized_response()

    def check_host(self, host: str) -> None:
        if host_name(host) not in self.policy.hosts:
            raise Forbidden(
                f"this server does not accept the host name {host!r}",
                hint="if the name is yours, add it to hosts in plait.toml",
            )

    def check_origin(self, method: str, headers: Headers) -> None:
        if method in ("GET", "HEAD", "OPTIONS"):
            return
        origin = headers.get("origin")
        foreign = origin is not None and origin.partition("://")[2].lower() != headers.get("host", "").lower()
        if foreign or headers.get("sec-fetch-site") == "cross-site":
            raise Forbidden(
                f"a page of {origin or 'another site'} may not send requests to this server",
                hint="send them from a program",
            )

    def is_authorized(self, path: str, headers: Headers) -> bool:
        if not self.policy.keys or path in PUBLIC_PATHS:
            return True
        return is_one_of(self.policy.keys, headers)

    def is_admin(self, headers: Headers) -> bool:
        return not self.policy.keys or is_one_of(self.policy.admin_keys, headers)

    def author(self, headers: Headers) -> str:
        """Who asks: the holder of the key; without keys, the owner of this machine."""
        return author_of_key(parse_key(headers.get("authorization", ""))) if self.policy.keys else OWNER

    def check_length(self, length: str) -> None:
        if not length.isdecimal() or int(length) > self.max_body_bytes:
            raise self.too_large_error()

    def too_large_error(self) -> InputTooLarge:
        return InputTooLarge(
            f"the request is larger than {self.max_body_bytes:,} bytes", hint="send less data per request"
        )

    def limit_body(self, receive: Receive) -> Receive:
        """`receive` that raises InputTooLarge at the limit, for bodies without a content-length."""
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_body_bytes:
                raise self.too_large_error()
            return message

        return receive_within_limit


def is_one_of(keys: Iterable[bytes], headers: Headers) -> bool:
    """Whether the key that was sent has one of these digests; takes as long for every key."""
    digest = key_digest(parse_key(headers.get("authorization", "")))
    return any([hmac.compare_digest(digest, key) for key in keys])


def host_name(host: str) -> str:
    """The host of a Host header without its port; empty for an invalid header."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
    return f"[{name}]" if ":" in name else name


def unauthorized_response() -> Response:
    """401 for a missing or wrong key; a browser then asks for it."""
    error = Forbidden("this server requires a key", hint="send the header Authorization: Bearer KEY")
    response = error_response(error)
    response.status_code = 401
    response.headers["www-authenticate"] = 'Basic realm="Plait: any user name, a key as the password"'
    return response


def parse_key(authorization: str) -> str:
    """The key of `Bearer KEY`, or of `Basic`, as browsers send the password that was typed."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return credentials.strip()
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


class TimedSender:
    """`send` with a timeout: a client that stops reading is disconnected, so that it does not occupy an engine."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.stalled = False

    async def __call__(self, message: Message) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self.send(message)
        except TimeoutError:
            self.stalled = True
            raise ClientDisconnect from None


def with_security_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS]
        await send(message)

    return send_with_headers
