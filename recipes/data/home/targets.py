"""Devices of a house to which a sentence can refer with an unambiguous answer."""

import re
from functools import cache
from random import Random

from home.houses import Device, House, is_only_device, is_unique_name, may_refer_to, sample_device
from home.mapping import Unit
from home.templates import Block, package

# Reasons that concern no device of a house; any device can serve as target, only its area is used.
REASONS_WITHOUT_DEVICE = ("cleaning", "mowing", "fan", "lock", "valve", "scene", "weather", "list")


def targets(unit: Unit, house: House, random: Random) -> list[Device]:
    same_kind = [device for device in house if device.kind == unit.kind]
    match unit.reason:
        case "missing":
            absent_device = sample_device(unit.block.language, unit.kind, random)
            return (
                [absent_device] if _fits_block(unit, absent_device) and _is_missing(unit, absent_device, house) else []
            )
        case "several":
            return [device for device in same_kind if not is_only_device(device.area, unit.kind, house)]
        case "no room":
            return [device for device in same_kind if _has_alternative(unit, device, same_kind)]
        case "whole":
            return list(house) if len(same_kind) > 1 else []
    if unit.kind is None or unit.reason in REASONS_WITHOUT_DEVICE:
        return list(house)
    return [device for device in same_kind if _fits_block(unit, device) and _is_unambiguous(unit, device, house)]


def _is_unambiguous(unit: Unit, device: Device, house: House) -> bool:
    if unit.block.has_name and unit.block.has_area:
        return is_unique_name(device.base_name, tuple(other for other in house if other.area == device.area))
    if unit.block.has_name:
        return is_unique_name(device.name, house)
    return is_only_device(device.area, unit.kind, house)


def _has_alternative(unit: Unit, device: Device, same_kind: list[Device]) -> bool:
    """Whether another device fits the words as well. "open the garage door" is clear if there is only one."""
    if "device_class" not in unit.block.combination:
        return len(same_kind) > 1
    word = cover_class(device, unit.block.language)
    return word is not None and sum(may_refer_to(other.name, word) for other in same_kind) > 1


def _is_missing(unit: Unit, absent_device: Device, house: House) -> bool:
    if unit.block.has_name and unit.block.has_area:
        return not any(
            device.area == absent_device.area and may_refer_to(device.name, absent_device.base_name) for device in house
        )
    if unit.block.has_name:
        return not any(
            may_refer_to(device.name, absent_device.name) or may_refer_to(absent_device.name, device.name)
            for device in house
        )
    return not any((device.area, device.kind) == (absent_device.area, absent_device.kind) for device in house)


def _fits_block(unit: Unit, device: Device) -> bool:
    """Whether the words of the block suit the device: "the blind" needs a cover of that class, for example."""
    block = unit.block
    needs_class = "device_class" in block.combination
    if needs_class and cover_class(device, block.language) is None:
        return False
    # Excludes "the garage door in the garage" and "the kitchen ceiling light in the kitchen".
    if block.has_area and (block.has_name or needs_class) and device.base_name.startswith(device.area):
        return False
    if block.has_area and block.has_name and device.name != device.base_name:
        return False
    return not block.has_name or unit.kind != "light" or device.name_states_kind in _allowed_name_states_kind(block)


def _allowed_name_states_kind(block: Block) -> tuple[bool, ...]:
    """Allowed values of `name_states_kind` of a light. English has separate blocks for "the bookshelf light"."""
    if block.intent not in ("HassTurnOn", "HassTurnOff"):
        return (True,)
    return (True, False) if block.language == "zh" else (block.domains != ("light",),)


@cache
def cover_class(device: Device, language: str) -> str | None:
    """The package's cover class at the end of the name, singular or plural as there: "roller blind" -> "blind"."""
    forms = [
        form for value in package(language)["lists"]["cover_classes"]["values"] for form in _expand_pattern(value["in"])
    ]
    return max((form for form in forms if device.base_name.endswith(form)), key=len, default=None)


def _expand_pattern(pattern: str) -> list[str]:
    """All strings of a cover class pattern: `blind[s]`, `(百叶窗|百叶帘|卷帘)`, `(遮阳|雨)(蓬|棚)`."""
    if group := re.search(r"\(([^()]*)\)", pattern):
        return [
            form for choice in group[1].split("|") for form in _expand_pattern(pattern.replace(group[0], choice, 1))
        ]
    if group := re.search(r"\[([^\[\]]*)\]", pattern):
        return _expand_pattern(pattern.replace(group[0], "", 1)) + _expand_pattern(
            pattern.replace(group[0], group[1], 1)
        )
    return [pattern]
