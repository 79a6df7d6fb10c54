"""Runs the server on a port, after checking keys and address."""

import errno
import ipaddress
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from plait.core.config import Settings, keep_last_good_settings, settings
from plait.core.errors import SettingsError, error_text
from plait.http.app import create_app
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.live_catalog import LiveCatalog
from plait.service.task_files import source_lines


def serve(files: Sequence[Path], host: str | None, port: int | None) -> None:
    """Serves until it is stopped, and follows changes of the files. Raises PlaitError before it starts."""
    config_settings = settings()
    host, port = host or config_settings.host, config_settings.port if port is None else port
    check_keys(host, config_settings)
    catalog = LiveCatalog.load(files)
    listener = bind_socket(host, port)
    keys, admin_keys = config_settings.keys, config_settings.admin_keys
    rules = AccessPolicy.from_settings(host, config_settings.hosts, keys, admin_keys)
    address = f"http://{'localhost' if host == '0.0.0.0' else host}:{listener.getsockname()[1]}"
    print(f"Plait serves {len(catalog.current.tasks)} tasks on {address}", *source_lines(files), sep="\n", flush=True)
    config = uvicorn.Config(
        create_app(catalog, rules, report_reload=print_reload),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    with keep_last_good_settings():
        uvicorn.Server(config).run([listener])


def print_reload(catalog: Catalog) -> None:
    """Says in the log what a change of a file did."""
    if catalog.error is None:
        print(f"Plait serves {len(catalog.tasks)} tasks after a change", flush=True)
    else:
        print(f"{error_text(catalog.error)}\nthe tasks from before this change are served", file=sys.stderr, flush=True)


def check_keys(host: str, config: Settings) -> None:
    """Raises SettingsError for an address beyond this machine without a key, and for keys that are too short."""
    keys = (*config.keys, *config.admin_keys)
    if not is_loopback(host) and not keys:
        raise SettingsError(
            f"{host} can be reached from other machines, but no key is set",
            hint="set PLAIT_KEYS to one or more keys (at least 16 characters), or serve on 127.0.0.1",
        )
    for key in keys:
        if len(key) < 16:
            raise SettingsError(
                "a key is shorter than 16 characters",
                hint="python -c 'import secrets; print(secrets.token_urlsafe())'",
            )


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def bind_socket(host: str, port: int) -> socket.socket:
    """The listening socket, bound before anything is loaded. Raises SettingsError for a port in use."""
    if not 0 <= port <= 65_535:
        raise SettingsError(f"{port} is not a port number", hint="use a number from 1 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"port {port} is in use", hint=f"plait serve --port {port + 1}, or stop the program that uses it"
            ) from None
        raise SettingsError(f"{host}:{port} cannot be listened on: {error.strerror}") from None
    return listener
