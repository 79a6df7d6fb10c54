"""What Home Assistant's intents mean to a task that can switch one device, set one level, or do nothing.

An intent is listed with the slot combinations that we use; what is in no table is not sampled (counted in the docs).
`docs/data/home_command.md` says the same in words.
"""

from dataclasses import dataclass
from functools import cache

from home.templates import Block, blocks

# Home Assistant's domains that are kinds of ours. A block for `switch` or `fan` alone has no device here.
KINDS = {"light": "light", "cover": "cover", "climate": "climate", "media_player": "media"}

ON_OFF = ("name_only", "name_area", "area_domain", "area_device_class_cover")
ACTIONS = {
    "HassTurnOn": ("on", ON_OFF),  # opens, where the domain is `cover`
    "HassTurnOff": ("off", ON_OFF),  # closes
    "HassLightSet": ("level", ("name_brightness", "area_brightness")),
    "HassSetPosition": ("level", ("name_only", "area_device_class")),
    "HassSetVolume": ("level", ("name_only", "area_only")),
}
# Blocks of these intents name no domain: the intent itself says what it is about.
KIND_OF_INTENT = {"HassSetVolume": "media"}

# Why nothing is done -> the blocks that say it, as intent.combination or intent.combination:domain.
NOTHING = {
    "weather": "HassGetWeather.default HassGetWeather.name_only",
    "clock": "HassGetCurrentTime.default HassGetCurrentDate.default",
    "timer": "HassStartTimer.minutes_only HassStartTimer.hours_only HassCancelTimer.default HassPauseTimer.default",
    "list": "HassShoppingListAddItem.item_only HassListAddItem.name_item",
    "announcement": "HassBroadcast.message_only",
    "talk": "HassNevermind.default HassRespond.default",
    "cleaning": "HassVacuumStart.name_only HassVacuumReturnToBase.name_only",
    "mowing": "HassLawnMowerStartMowing.default",
    "question": "HassGetState.name_state:light HassGetState.name_state:cover HassGetState.domain_state_area:light",
    "temperature": "HassClimateGetTemperature.name_only HassClimateGetTemperature.area_only",
    "degrees": "HassClimateSetTemperature.name_temperature HassClimateSetTemperature.area_temperature",
    "fan mode": "HassClimateSetFanMode.name_fan_mode HassClimateSetFanMode.area_fan_mode",
    "colour": "HassLightSet.name_color HassLightSet.area_color HassLightSet.name_temperature",
    "playback": "HassMediaPause.name_only HassMediaPause.area_only HassMediaNext.name_only HassMediaNext.area_only "
    "HassMediaPrevious.name_only HassMediaSearchAndPlay.name_only",
    "step": "HassSetVolumeRelative.name_only HassSetVolumeRelative.area_only",
    "fan": "HassTurnOn.area_domain:fan HassTurnOff.area_domain:fan HassFanSetSpeed.area_only",
    "lock": "HassTurnOn.name_only:lock HassTurnOff.name_only:lock",
    "valve": "HassTurnOn.name_only:valve HassTurnOff.name_only:valve",
    "scene": "HassTurnOn.name_scene HassTurnOn.name_script",
    "whole": "HassTurnOff.domain_all HassTurnOn.floor_domain HassTurnOff.floor_domain",
    "no room": "HassTurnOn.domain_only:light HassTurnOff.domain_only:light HassTurnOn.device_class_cover "
    "HassTurnOff.device_class_cover HassLightSet.brightness_only HassSetVolume.default",
}
# Sentences of an action that do nothing in *this* house: what they name is not there, or is there several times.
UNMET = ("missing", "several")
# Of the rows that do nothing, how many turns each reason has; what a house lacks is the most telling.
REASON_SHARES = dict.fromkeys(NOTHING, 1) | {
    "missing": 6,
    "several": 2,
    "no room": 2,
    "question": 2,
    "step": 2,
    "degrees": 2,
}
# Of the rows that act, how many turns each kind has: most that people switch are lights.
KIND_SHARES = {"light": 2, "cover": 1, "climate": 1, "media": 1}

# Never in the seeds pool: whole slot combinations, so that no sibling block gives the sentence away.
WITHHELD = {
    "HassTurnOn": {"name_area", "area_device_class_cover", "device_class_cover", "floor_domain", "name_script"},
    "HassTurnOff": {"name_area", "area_device_class_cover", "device_class_cover", "floor_domain"},
    "HassLightSet": {"area_brightness", "area_color", "name_temperature", "brightness_only"},
    "HassSetPosition": {"name_only"},
    "HassSetVolume": {"name_only"},
    "HassSetVolumeRelative": {"area_only"},
    "HassClimateSetTemperature": {"area_temperature"},
    "HassClimateSetFanMode": {"area_fan_mode"},
    "HassClimateGetTemperature": {"area_only"},
    "HassGetState": {"domain_state_area"},
    "HassGetWeather": {"name_only"},
    "HassGetCurrentDate": {"default"},
    "HassCancelTimer": {"default"},
    "HassPauseTimer": {"default"},
    "HassListAddItem": {"name_item"},
    "HassBroadcast": {"message_only"},
    "HassVacuumReturnToBase": {"name_only"},
    "HassMediaNext": {"name_only", "area_only"},
    "HassMediaPrevious": {"name_only"},
    "HassFanSetSpeed": {"area_only"},
}


@dataclass(frozen=True)
class Unit:
    """One way to fill a row: a block, what it means here, and the kind of device it is about (if about one)."""

    block: Block
    answer: str  # "on", "off", "level" or "nothing"
    kind: str | None
    reason: str | None = None  # of "nothing"

    @property
    def withheld(self) -> bool:
        return self.block.combination in WITHHELD.get(self.block.intent, ())


@cache
def units(language: str) -> tuple[Unit, ...]:
    """Every use of every block that the tables allow."""
    actions = tuple(unit for block in blocks(language) for unit in _actions(block))
    unmet = tuple(_unmet(unit, reason) for unit in actions for reason in UNMET if _can_be_unmet(unit, reason))
    return actions + unmet + tuple(unit for block in blocks(language) for unit in _nothings(block))


def _actions(block: Block) -> list[Unit]:
    answer, combinations = ACTIONS.get(block.intent, (None, ()))
    if block.combination not in combinations:
        return []
    return [Unit(block, answer, kind) for kind in _kinds(block)]


def _nothings(block: Block) -> list[Unit]:
    ways = {f"{block.intent}.{block.combination}{domain}" for domain in ("", *(f":{name}" for name in block.domains))}
    kind = (_kinds(block) or [None])[0]
    return [Unit(block, "nothing", kind, reason) for reason, uses in NOTHING.items() if ways & set(uses.split())]


def _kinds(block: Block) -> list[str]:
    kinds = [KINDS[domain] for domain in block.domains if domain in KINDS]
    return kinds or [kind for kind in (KIND_OF_INTENT.get(block.intent),) if kind]


def _unmet(unit: Unit, reason: str) -> Unit:
    return Unit(unit.block, "nothing", unit.kind, reason)


def _can_be_unmet(unit: Unit, reason: str) -> bool:
    """Several devices can only be meant where an area alone is said, and only lights and media come in several."""
    return reason == "missing" or (not unit.block.says_name and unit.kind in ("light", "media"))
