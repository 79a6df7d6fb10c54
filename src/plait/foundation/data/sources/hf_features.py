"""Column features written by Hugging Face's `datasets`: class numbers are read as class names.

Format: huggingface.co/docs/datasets, "Dataset features"; in dataset_info.json and in the schema of Parquet and Arrow.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from plait.core.errors import InputError
from plait.core.values.json_text import loads

LIST_FEATURES = ("Sequence", "List", "LargeList")


def features_from_metadata(metadata: Mapping[bytes, bytes] | None) -> Mapping[str, object]:
    """Features in the metadata of a schema; empty if another program wrote the file."""
    try:
        json_value = loads((metadata or {}).get(b"huggingface", b"{}"), "huggingface")
    except InputError:
        return {}
    info = json_value.get("info") if isinstance(json_value, dict) else None
    return features_from_info(info)


def features_from_info(info: object) -> Mapping[str, object]:
    """Features in a dataset_info."""
    features = cast("Mapping[str, object]", info).get("features") if isinstance(info, Mapping) else None
    return cast("Mapping[str, object]", features) if isinstance(features, Mapping) else {}


def with_class_names(feature: object, cell: object) -> object:
    """The cell with class numbers replaced by names. A number that is not a class stays; -1 (no class) becomes null."""
    if cell is None or not isinstance(feature, Mapping | list):
        return cell
    if isinstance(feature, list):
        return list_with_class_names(cast("list[object]", feature)[0] if feature else None, cell)
    settings = cast("Mapping[str, object]", feature)
    if settings.get("_type") == "ClassLabel" and isinstance(cell, int):
        return class_name(cast("Sequence[object]", settings.get("names") or ()), cell)
    if settings.get("_type") in LIST_FEATURES:
        inner = settings.get("feature")
        if not isinstance(cell, dict):
            return list_with_class_names(inner, cell)
        # Before the feature List existed, a Sequence of records was written as a record of lists.
        return {name: list_with_class_names(field_feature(inner, name), each) for name, each in cell.items()}
    if isinstance(cell, dict):
        return {name: with_class_names(settings.get(name), each) for name, each in cell.items()}
    return cell


def list_with_class_names(feature: object, cell: object) -> object:
    return [with_class_names(feature, each) for each in cell] if isinstance(cell, list) else cell


def field_feature(feature: object, name: str) -> object:
    return cast("Mapping[str, object]", feature).get(name) if isinstance(feature, Mapping) else None


def class_name(names: Sequence[object], number: int) -> object:
    if number == -1:
        return None
    return names[number] if 0 <= number < len(names) else number
