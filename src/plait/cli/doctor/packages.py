"""What is installed, and what is missing with the command that installs it."""

import ctypes
import platform
import re
import sys
from importlib import metadata

import plait
from plait.service.engines.llamacpp.config import EMBEDDED, INSTALL, embedded_file
from plait.service.supervisor.finding import Findings, ok, warn, wrong


def check_packages() -> Findings:
    yield ok(f"Plait {plait.__version__} on Python {platform.python_version()} ({sys.prefix})")
    versions, missing = required_packages()
    yield ok(", ".join(f"{name} {version}" for name, version in versions.items()))
    if missing:
        yield wrong(f"{', '.join(missing)}: missing, and Plait needs it", f"pip install {' '.join(missing)}")
    yield from check_embedded_model()


def required_packages() -> tuple[dict[str, str], list[str]]:
    """Versions of the packages that Plait asks for itself, and the names of those that are not there."""
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
    """What the embedded model needs beside Python packages."""
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
