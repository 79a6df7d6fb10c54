"""What is installed, and what is missing with the command that installs it."""

import ctypes
import platform
import re
import sys
from importlib import metadata
from importlib.util import find_spec

import plait
from plait.cli.doctor.finding import Findings, ok, warn, wrong
from plait.service.models.discovery import EMBEDDED, INSTALL, embedded_file

# What only some need: who asks for it, and the packages.
EXTRAS = {"plait.testing and pytest, for tests of your own": ("pytest", "hypothesis", "jsonschema")}


def check_packages() -> Findings:
    yield ok(f"Plait {plait.__version__} on Python {platform.python_version()} ({sys.prefix})")
    versions, missing = required_packages()
    yield ok(", ".join(f"{name} {version}" for name, version in versions.items()))
    if missing:
        yield wrong(f"{', '.join(missing)}: missing, and Plait needs it", f"pip install {' '.join(missing)}")
    for who, names in EXTRAS.items():
        absent = [name for name in names if find_spec(name) is None]
        if absent:
            yield warn(f"{', '.join(absent)}: missing, for {who}", f"pip install {' '.join(absent)}")
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
