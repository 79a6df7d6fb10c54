"""What a sentence can be about in a house so that its answer is not in doubt."""

import re
from functools import cache
from random import Random

from home.houses import Device, House, anything, has, name_decides, only_one
from home.mapping import Unit
from home.templates import Block, package

# These are about nothing that a house of ours has; any device stands in, and lends its area where one is said.
ABOUT_NO_DEVICE = ("cleaning", "mowing", "fan", "lock", "valve", "scene", "weather", "list")


def targets(unit: Unit, house: House, random: Random) -> list[Device]:
    there = [device for device in house if device.kind == unit.kind]
    match unit.reason:
        case "missing":
            stranger = anything(unit.block.language, unit.kind, random)
            return [stranger] if _can_be_said(unit, stranger) and _is_missing(unit, stranger, house) else []
        case "several":
            return [device for device in there if not only_one(device.area, unit.kind, house)]
        case "no room":
            return [device for device in there if _has_an_equal(unit, device, there)]
        case "whole":
            return list(house) if len(there) > 1 else []
    if unit.kind is None or unit.reason in ABOUT_NO_DEVICE:
        return list(house)
    return [device for device in there if _can_be_said(unit, device) and _is_meant_alone(unit, device, house)]


def _is_meant_alone(unit: Unit, device: Device, house: House) -> bool:
    if unit.block.says_name and unit.block.says_area:
        return name_decides(device.bare, tuple(other for other in house if other.area == device.area))
    if unit.block.says_name:
        return name_decides(device.name, house)
    return only_one(device.area, unit.kind, house)


def _has_an_equal(unit: Unit, device: Device, there: list[Device]) -> bool:
    """Is there another that the bare words would suit? "open the garage door" is clear where there is only one."""
    if "device_class" not in unit.block.combination:
        return len(there) > 1
    word = cover_class(device, unit.block.language)
    return word is not None and sum(has(other.name, word) for other in there) > 1


def _is_missing(unit: Unit, stranger: Device, house: House) -> bool:
    if unit.block.says_name and unit.block.says_area:
        return not any(device.area == stranger.area and has(device.name, stranger.bare) for device in house)
    if unit.block.says_name:
        return not any(has(device.name, stranger.name) or has(stranger.name, device.name) for device in house)
    return not any((device.area, device.kind) == (stranger.area, stranger.kind) for device in house)


def _can_be_said(unit: Unit, device: Device) -> bool:
    """Do these words suit this device? Only a cover of a class is "the blind", only a bookshelf takes "light"."""
    block = unit.block
    says_class = "device_class" in block.combination
    if says_class and cover_class(device, block.language) is None:
        return False
    # "the garage door in the garage" is nothing to say, nor "the kitchen ceiling light in the kitchen".
    if block.says_area and (block.says_name or says_class) and device.bare.startswith(device.area):
        return False
    if block.says_area and block.says_name and device.name != device.bare:
        return False
    return not block.says_name or unit.kind != "light" or device.says_kind in _may_say_kind(block)


def _may_say_kind(block: Block) -> tuple[bool, ...]:
    """May the light's own name say that it is one? English has blocks of its own for "the bookshelf light"."""
    if block.intent not in ("HassTurnOn", "HassTurnOff"):
        return (True,)
    return (True, False) if block.language == "zh" else (block.domains != ("light",),)


@cache
def cover_class(device: Device, language: str) -> str | None:
    """The package's cover class with which the name ends, in the name's own number: "roller blind" -> "blind"."""
    forms = [form for value in package(language)["lists"]["cover_classes"]["values"] for form in _forms(value["in"])]
    return max((form for form in forms if device.bare.endswith(form)), key=len, default=None)


def _forms(pattern: str) -> list[str]:
    """The patterns of cover classes, written out: `blind[s]`, `(百叶窗|百叶帘|卷帘)`, `(遮阳|雨)(蓬|棚)`."""
    if group := re.search(r"\(([^()]*)\)", pattern):
        return [form for choice in group[1].split("|") for form in _forms(pattern.replace(group[0], choice, 1))]
    if group := re.search(r"\[([^\[\]]*)\]", pattern):
        return _forms(pattern.replace(group[0], "", 1)) + _forms(pattern.replace(group[0], group[1], 1))
    return [pattern]
