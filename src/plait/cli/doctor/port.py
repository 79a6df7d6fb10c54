"""What is on the port where `plait up` and `plait serve` listen, and who may come in."""

import asyncio
from typing import Any

import plait
from plait.cli.doctor.finding import Finding, Findings, ok, warn, wrong
from plait.client.http_transport import HttpTransport
from plait.client.nearby import listening
from plait.core.calls import event_loop
from plait.core.config import Settings
from plait.core.errors import PlaitError, ServerError, SettingsError
from plait.http.security import LOOPBACK
from plait.http.server import loopback, refuse_open_doors

WITHIN = 2.0  # seconds that a server has to say that it is well


def port(told: Settings) -> Findings:
    if told.url not in ("", "none"):
        yield named_server(told)
    yield on_port(told)
    yield who_may_come_in(told)


def named_server(told: Settings) -> Finding:
    """PLAIT_URL takes all calls, so nothing is answered without it."""
    try:
        version = version_at(told.url)
    except PlaitError as error:
        return wrong(error.message, error.way_out)
    return same_version(f"calls go to {told.url}", version)


def on_port(told: Settings) -> Finding:
    where = f"{told.host}:{told.port}"
    if not listening(told.host, told.port):
        return ok(f"nothing runs on {where} (plait up starts it)")
    try:
        version = version_at(f"http://{where}")
    except PlaitError:
        return warn(
            f"something runs on {where}, and it is not Plait",
            f"stop it, or take another port: PLAIT_PORT={told.port + 1}, or plait serve --port {told.port + 1}",
        )
    return same_version(f"Plait runs on {where}", version)


def version_at(url: str) -> str:
    """The version of the Plait that answers there. Raises PlaitError where none does."""
    server = HttpTransport(url)
    try:
        health = event_loop.run(asked(server))
    finally:
        event_loop.run(server.aclose())
    if not isinstance(health, dict) or health.get("status") != "ok":
        raise SettingsError(f"{url} is no Plait", way_out="mend PLAIT_URL")
    return str(health.get("version"))


async def asked(server: HttpTransport) -> Any:
    try:
        async with asyncio.timeout(WITHIN):
            return await server.get("/healthz")
    except TimeoutError:
        raise ServerError(f"{server.url} does not answer within {WITHIN:g} s", way_out="is it overloaded?") from None


def same_version(told: str, version: str) -> Finding:
    if version == plait.__version__:
        return ok(f"{told}, version {version}")
    return warn(f"{told}, version {version}; this one is {plait.__version__}", "plait down, then plait up")


def who_may_come_in(told: Settings) -> Finding:
    try:
        refuse_open_doors(told.host, told)
    except SettingsError as error:
        return wrong(f"plait serve would not start: {error.message}", error.way_out)
    names = ", ".join((*LOOPBACK, *told.hosts))
    beyond = "this machine alone" if loopback(told.host) else f"whoever reaches {told.host}"
    keys = f"with one of {len(told.keys)} keys" if told.keys else "without a key"
    return ok(f"a server here answers {beyond}, {keys}, called {names}")
