"""Mapping of Home Assistant's intents to the answers of the task: switch one device, set one level, or nothing.

An intent is listed with the slot combinations in use; blocks in no table are not sampled (counts in the documentation).
`docs/data/home_command.md` describes the mapping in prose.
"""

from dataclasses import dataclass
from functools import cache

from home.templates import Block, blocks

# Home Assistant domain -> device kind. Blocks only for other domains (`switch`, `fan`) have no device here.
KINDS = {"light": "light", "cover": "cover", "climate": "climate", "media_player": "media"}

ON_OFF = ("name_only", "name_area", "area_domain", "area_device_class_cover")
ACTIONS = {
    "HassTurnOn": ("on", ON_OFF),  # opens, where the domain is `cover`
    "HassTurnOff": ("off", ON_OFF),  # closes
    "HassLightSet": ("level", ("name_brightness", "area_brightness")),
    "HassSetPosition": ("level", ("name_only", "area_device_class")),
    "HassSetVolume": ("level", ("name_only", "area_only")),
}
# Device kind of intents whose blocks name no domain.
KIND_OF_INTENT = {"HassSetVolume": "media"}

# Reason for "nothing" -> blocks, as intent.combination or intent.combination:domain.
NOTHING_BLOCKS = {
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
# Reasons why an action is impossible in a house: the named device is missing, or several devices match.
UNAVAILABLE_REASONS = ("missing", "several")
# Relative frequency of each reason among "nothing" rows; missing devices are the most informative.
REASON_SHARES = dict.fromkeys(NOTHING_BLOCKS, 1) | {
    "missing": 6,
    "several": 2,
    "no room": 2,
    "question": 2,
    "step": 2,
    "degrees": 2,
}
# Relative frequency of each device kind among actions; lights are the most frequent in real use.
KIND_SHARES = {"light": 2, "cover": 1, "climate": 1, "media": 1}

# Excluded from the seeds: whole slot combinations, so that no similar block of the same combination is in the seeds.
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
    """One use of a block: its answer and the kind of device that it concerns, if any."""

    block: Block
    answer: str  # "on", "off", "level" or "nothing"
    kind: str | None
    reason: str | None = None  # only for "nothing"

    @property
    def is_withheld(self) -> bool:
        return self.block.combination in WITHHELD.get(self.block.intent, ())


@cache
def units(language: str) -> tuple[Unit, ...]:
    """All uses of all blocks in the tables."""
    actions = tuple(unit for block in blocks(language) for unit in _actions(block))
    unavailable = tuple(
        _unavailable(unit, reason)
        for unit in actions
        for reason in UNAVAILABLE_REASONS
        if _can_be_unavailable(unit, reason)
    )
    return actions + unavailable + tuple(unit for block in blocks(language) for unit in _nothings(block))


def _actions(block: Block) -> list[Unit]:
    answer, combinations = ACTIONS.get(block.intent, (None, ()))
    if block.combination not in combinations:
        return []
    return [Unit(block, answer, kind) for kind in _kinds(block)]


def _nothings(block: Block) -> list[Unit]:
    block_keys = {
        f"{block.intent}.{block.combination}{domain}" for domain in ("", *(f":{name}" for name in block.domains))
    }
    kind = (_kinds(block) or [None])[0]
    return [
        Unit(block, "nothing", kind, reason)
        for reason, keys in NOTHING_BLOCKS.items()
        if block_keys & set(keys.split())
    ]


def _kinds(block: Block) -> list[str]:
    kinds = [KINDS[domain] for domain in block.domains if domain in KINDS]
    return kinds or [kind for kind in (KIND_OF_INTENT.get(block.intent),) if kind]


def _unavailable(unit: Unit, reason: str) -> Unit:
    return Unit(unit.block, "nothing", unit.kind, reason)


def _can_be_unavailable(unit: Unit, reason: str) -> bool:
    """Reason "several" needs a block with an area and without a name, and a kind of which an area has several."""
    return reason == "missing" or (not unit.block.has_name and unit.kind in ("light", "media"))
