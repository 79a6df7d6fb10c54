"""Differences between recorded and actual values, one line each; renamed tensors are compared by their new names."""

import re
from collections.abc import Mapping

from tools.golden.recording import Json, read_recording


def differences(expected: Json, actual: Json, where: str = "") -> list[str]:
    """One line for each value that differs, with its path."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys = dict.fromkeys([*expected, *actual])
        pairs = [(str(key), expected.get(key, "(missing)"), actual.get(key, "(missing)")) for key in keys]
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = [(str(place), *pair) for place, pair in enumerate(zip(expected, actual, strict=True))]
    else:
        return [] if expected == actual and type(expected) is type(actual) else [f"{where}: {expected!r} → {actual!r}"]
    return [line for key, one, other in pairs for line in differences(one, other, f"{where}/{key}")]


def rename_tensors(tensors: Mapping[str, str]) -> dict[str, str]:
    """Tensors by their new names. Raises ValueError if two would have the same name."""
    by_new_name: dict[str, str] = {}
    for name, digest in tensors.items():
        for pattern, replacement in read_recording("renamed_tensors").items():
            name = re.sub(pattern, replacement, name)
        if name in by_new_name:
            raise ValueError(f"renamed_tensors.json gives two tensors the name {name}")
        by_new_name[name] = digest
    return by_new_name


def tensor_differences(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[str]:
    """Like `differences`; `expected` has the names at the time of recording."""
    return differences(rename_tensors(expected), dict(actual))


def file_differences(expected: Json, actual: Json) -> list[str]:
    """Differences of `file_values`. A weight file may have old or new tensor names."""
    of_files = {
        name: hashes if hashes == expected["tensors"].get(name) else match_renamed_tensors(expected, name, hashes)
        for name, hashes in actual["tensors"].items()
    }
    lines = differences(expected["tensors"], of_files, "/tensors")
    for name, hashes in expected["loaded"].items():
        lines += [f"/loaded/{name}{line}" for line in tensor_differences(hashes, actual["loaded"][name])]
    return lines + differences(without_tensors(expected), without_tensors(actual))


def without_tensors(values: Json) -> Json:
    return {key: value for key, value in values.items() if key not in ("tensors", "loaded")}


def match_renamed_tensors(expected: Json, name: str, hashes: Mapping[str, str]) -> Json:
    """The expected tensors if the actual ones are the same under new names, else the actual ones."""
    old = expected["tensors"].get(name, {})
    return old if rename_tensors(old) == hashes else dict(hashes)
