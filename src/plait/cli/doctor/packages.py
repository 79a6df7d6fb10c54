"""Check of `plait doctor`: installed packages, and missing ones with the command that installs them."""

import ctypes
import platform
import re
import sys
from importlib import metadata

import plait
from plait.core import plugins
from plait.core.app import installed_apps
from plait.service.engines.llamacpp.config import EMBEDDED, INSTALL, embedded_file
from plait.service.supervisor.finding import Findings, ok, warn, wrong


def check_packages() -> Findings:
    yield ok(f"Plait {plait.__version__} on Python {platform.python_version()} ({sys.prefix})")
    versions, missing = required_packages()
    yield ok(", ".join(f"{name} {version}" for name, version in versions.items()))
    if missing:
        yield wrong(
            f"Plait requires packages that are not installed: {', '.join(missing)}", f"pip install {' '.join(missing)}"
        )
    yield from check_embedded_model()
    yield from check_plugins()


def check_plugins() -> Findings:
    """Lists the plug-ins of other packages, and those that cannot be imported."""
    for point in plugins.EXTENSION_POINTS:
        for plugin in plugins.external(point):
            if plugin.distribution == "plait":
                continue
            attempt = plugins.attempt_load(plugin)
            if attempt.error:
                message = plugins.failure_message(plugin, attempt.error)
                yield warn(f"not loaded: {message}", f"pip install --upgrade {plugin.distribution}, or uninstall it")
            else:
                yield ok(f"{point.name} {plugin.name} from the package {plugin.distribution}")
    for installed in installed_apps():
        app = installed.app
        for attempt in installed.attempts((*app.tasks, *(route.handler for route in app.routes), *app.commands)):
            if attempt.error:
                yield warn(f"not loaded: {plugins.failure_message(attempt.plugin, attempt.error)}")


def required_packages() -> tuple[dict[str, str], list[str]]:
    """Versions of the packages that Plait requires, and the names of missing ones."""
    versions: dict[str, str] = {}
    missing: list[str] = []
    for line in metadata.requires("plait") or []:
        name = re.split(r"[^\w.-]", line, maxsplit=1)[0]
        if "extra ==" in line:
            continue
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    return versions, missing


def check_embedded_model() -> Findings:
    """Checks what the embedded model needs in addition to Python packages."""
    file = embedded_file()
    if file is None:
        yield warn(f"the embedded model {EMBEDDED} is not installed", INSTALL)
    else:
        yield ok(f"the embedded model {EMBEDDED} ({file.stat().st_size / 1e6:,.0f} MB)")
    if sys.platform == "linux" and not has_system_library("libgomp.so.1"):
        yield wrong("the system library libgomp1 is missing: llama.cpp needs it", "apt-get install libgomp1")


def has_system_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
