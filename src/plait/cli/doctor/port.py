"""Check of `plait doctor`: which program listens on the port of `plait up` and `plait serve`, and who may call it."""

import asyncio
from typing import Any

import plait
from plait.client.http_transport import HttpTransport
from plait.client.nearby import is_listening
from plait.core.calls import event_loop
from plait.core.config import Settings
from plait.core.errors import PlaitError, ServerError, SettingsError
from plait.http.security import LOOPBACK_HOSTS
from plait.http.server import check_keys, is_loopback
from plait.service.supervisor.finding import Finding, Findings, ok, warn, wrong

HEALTH_TIMEOUT = 2.0  # seconds that a server has to report its health


def check_port(settings: Settings) -> Findings:
    if settings.url not in ("", "none"):
        yield check_configured_server(settings)
    yield check_listening_port(settings)
    yield check_access(settings)


def check_configured_server(settings: Settings) -> Finding:
    """Checks the server at PLAIT_URL. All calls go there, so none is answered without it."""
    try:
        version = server_version(settings.url)
    except PlaitError as error:
        return wrong(error.message, error.hint)
    return compare_version(f"calls go to {settings.url}", version)


def check_listening_port(settings: Settings) -> Finding:
    where = f"{settings.host}:{settings.port}"
    if not is_listening(settings.host, settings.port):
        return ok(f"nothing runs on {where} (plait up starts it)")
    try:
        version = server_version(f"http://{where}")
    except PlaitError:
        return warn(
            f"{where} is used by a program that is not Plait",
            f"stop it, or use another port: PLAIT_PORT={settings.port + 1}, or plait serve --port {settings.port + 1}",
        )
    return compare_version(f"Plait runs on {where}", version)


def server_version(url: str) -> str:
    """The version of the Plait server at a URL. Raises PlaitError if none responds."""
    server = HttpTransport(url)
    try:
        health = event_loop.run(server_health(server))
    finally:
        event_loop.run(server.aclose())
    if not isinstance(health, dict) or health.get("status") != "ok":
        raise SettingsError(f"no Plait server answers at {url}", hint="correct PLAIT_URL, or unset it")
    return str(health.get("version"))


async def server_health(server: HttpTransport) -> Any:
    try:
        async with asyncio.timeout(HEALTH_TIMEOUT):
            return await server.get("/healthz")
    except TimeoutError:
        raise ServerError(
            f"{server.url} does not answer within {HEALTH_TIMEOUT:g} s",
            hint="the server may be overloaded; restart it, or try again later",
        ) from None


def compare_version(description: str, version: str) -> Finding:
    if version == plait.__version__:
        return ok(f"{description}, version {version}")
    return warn(f"{description}, version {version}; this one is {plait.__version__}", "plait down, then plait up")


def check_access(settings: Settings) -> Finding:
    try:
        check_keys(settings.host, settings)
    except SettingsError as error:
        return wrong(f"plait serve would not start: {error.message}", error.hint)
    names = ", ".join((*LOOPBACK_HOSTS, *settings.hosts))
    clients = "this machine only" if is_loopback(settings.host) else f"any machine that reaches {settings.host}"
    keys = f"with one of {len(settings.keys)} keys" if settings.keys else "without a key"
    return ok(f"plait serve accepts requests from {clients}, {keys}, for the host names {names}")
