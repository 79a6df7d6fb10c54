"""One row: a sentence drawn from a block, said in a house in which it has exactly one right answer."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from home import speech, wording
from home.houses import Device, House, anything, name_decides, only_one
from home.mapping import KINDS, Unit
from home.rooms import ROOMS
from home.templates import Speaker, package


@dataclass(frozen=True)
class Row:
    utterance: str
    devices: House
    answer: dict
    unit: Unit

    def plain(self, held_out: bool) -> dict:
        devices = [{"name": device.name, "area": device.area, "kind": device.kind} for device in self.devices]
        row = {"utterance": self.utterance, "devices": devices, "answer": self.answer}
        where = {"language": self.unit.block.language, "template": self.unit.block.id}
        return row | where if held_out else row


def row(unit: Unit, house: House, random: Random) -> Row | None:
    """None where the house has nothing to say this about, or no sentence of the block reads well."""
    targets = _targets(unit, house, random)
    if not targets:
        return None
    target, level = random.choice(targets), speech.percent(random)
    for _ in range(30):
        draft = _Draft(unit, target, level, random)
        utterance = draft.spoken()
        if not draft.awkward(utterance):
            return Row(_politely(utterance, unit, random), house, _answer(unit, house, target, draft.level), unit)
    return None


def _targets(unit: Unit, house: House, random: Random) -> list[Device]:
    """The devices that the sentence can be about so that the answer is not in doubt; a stand-in where none is needed."""
    language, kind, combination = unit.block.language, unit.kind, unit.block.combination
    there = [device for device in house if device.kind == kind]
    match unit.reason:
        case "missing":
            stranger = anything(language, kind, random)
            return [stranger] if _fits(unit, stranger) and _is_missing(unit, stranger, house) else []
        case "several":
            return [device for device in there if not only_one(device.area, kind, house)]
        case "no room":
            return there if len(there) > 1 else []
        case "whole":
            return list(house) if len(there) > 1 else []
        case "cleaning" | "mowing" | "fan" | "lock" | "valve" | "scene" | "weather" | "list":
            return list(house)
    if kind is None:
        return list(house)
    fitting = [device for device in there if _fits(unit, device)]
    if "name" in combination and "area" in combination:
        return [device for device in fitting if _is_told_by_area(device, house)]
    if "name" in combination:
        return [device for device in fitting if name_decides(device.name, house)]
    return [device for device in fitting if only_one(device.area, kind, house)]


def _fits(unit: Unit, device: Device) -> bool:
    """Can these words name this device? "the bookshelf light" needs a bookshelf, "the kitchen blind" a blind."""
    block = unit.block
    if "device_class" in block.combination:
        return cover_class(device, block.language) is not None and not device.name.startswith(_class_in_area(device))
    if "name" in block.combination and "area" in block.combination and device.name != device.bare:
        return False
    adds_light = block.intent in ("HassTurnOn", "HassTurnOff") and block.domains == ("light",)
    if block.intent in ("HassTurnOn", "HassTurnOff", "HassGetState") and "name" in block.combination and unit.kind == "light":
        return device.says_kind is not adds_light or (block.language == "zh" and block.intent != "HassGetState")
    return True


def _is_missing(unit: Unit, stranger: Device, house: House) -> bool:
    combination = unit.block.combination
    if "name" not in combination:
        return not any((device.area, device.kind) == (stranger.area, stranger.kind) for device in house)
    if "area" in combination:
        return not any(device.area == stranger.area and stranger.bare in device.name for device in house)
    return not any(stranger.name in device.name or device.name in stranger.name for device in house)


def _is_told_by_area(device: Device, house: House) -> bool:
    return name_decides(device.bare, tuple(other for other in house if other.area == device.area))


def _class_in_area(device: Device) -> str:
    """The garage door of the garage: "the garage garage door" is nothing to say."""
    return f"{device.area} door" if device.area == "garage" else "车库门" if device.area == "车库" else "\0"


def cover_class(device: Device, language: str) -> str | None:
    """The package's cover class with which the device's name ends, in the name's own number: "roller blind" -> "blind"."""
    forms = [form for value in package(language)["lists"]["cover_classes"]["values"] for form in _forms(value["in"])]
    return max((form for form in forms if device.bare.endswith(form)), key=len, default=None)


def _forms(pattern: str) -> list[str]:
    """The few patterns of cover classes, written out: `blind[s]`, `(百叶窗|百叶帘|卷帘)`, `(遮阳|雨)(蓬|棚)`."""
    if group := re.search(r"\(([^()]*)\)", pattern):
        return [form for choice in group[1].split("|") for form in _forms(pattern.replace(group[0], choice, 1))]
    if group := re.search(r"\[([^\[\]]*)\]", pattern):
        return _forms(pattern.replace(group[0], "", 1)) + _forms(pattern.replace(group[0], group[1], 1))
    return [pattern]


class _Draft:
    """A sentence in the making; `level` is the percentage that it turns out to say."""

    def __init__(self, unit: Unit, target: Device, level: int, random: Random) -> None:
        self.unit, self.target, self.level, self.random = unit, target, level, random
        self.language = unit.block.language
        self.in_words = random.random() < 0.25
        self.speaker = Speaker(random, self._rules(), wording.UNSAID, wording.chance, self._slot)

    def spoken(self) -> str:
        return self.speaker.says(self.random.choice(sayable_lines(self.unit)))

    def awkward(self, utterance: str) -> bool:
        name, plural = self.target.name, self.target.name.endswith("s")
        contradicts = re.search(r"\b(increase|up)\b", utterance) and self.level < 40
        contradicts = contradicts or (re.search(r"\b(decrease|down)\b", utterance) and self.level > 60)
        wrong_number = f"is the {name}" in utterance and plural or (f"are the {name}" in utterance and not plural)
        twice = f"{self.target.area} the " in utterance or f"{self.target.area} my " in utterance
        lightless = not self.target.says_kind and self.language == "zh" and self.unit.answer in ("on", "off")
        unlit = lightless and not re.search(f"{name}的?灯", utterance)
        lit_twice = self.target.says_kind and re.search(f"{name}的?灯", utterance)
        return bool(
            wording.AWKWARD[self.language].search(utterance)
            or (self.unit.answer == "level" and contradicts)
            or wrong_number
            or twice
            or unlit
            or lit_twice
        )

    def _rules(self) -> dict[str, str]:
        rules = package(self.language)["expansion_rules"] | wording.RULES[self.language]
        rules |= wording.OF_INTENT.get(self.unit.block.intent, {}) if self.language == "en" else {}
        if self.language == "en" and self.target.kind == "cover":
            rolls = cover_class(self.target, "en") in wording.ROLLS
            verbs = wording.ROLLING if rolls else wording.NOT_ROLLING
            rules = verbs | rules if self.unit.block.intent == "HassSetPosition" else rules | verbs
        return rules

    def _slot(self, name: str) -> str:
        fillers = speech.FILLERS[self.language]
        match name:
            case "name":
                foreign = next((domain for domain in self.unit.block.domains if domain in fillers), None)
                return self.random.choice(fillers[foreign]) if foreign and not self.unit.kind else self._called()
            case "area":
                return self.target.area
            case "cover_classes":
                return cover_class(self.target, self.language) or self._value(name)
            case "brightness" | "position" | "volume" | "volume_percentage" | "fan_speed":
                return self._number(self.level)
            case "brightness_level":
                self.level = 100
                return self.random.choice(("maximum", "max", "highest") if self.language == "en" else ("最亮", "最高", "最大"))
            case "temperature":
                return self._number(self.random.randint(17, 27))
            case "color_temperature":
                return str(self.random.randrange(2700, 6600, 100))
            case _ if name.startswith(("timer_", "volume_step_")):
                return self._number(self.random.randrange(5, 60, 5) if name != "timer_hours" else self.random.randint(2, 5))
            case _ if name in fillers:
                return self.random.choice(fillers[name])
        return self._value(name)

    def _called(self) -> str:
        in_area = "area" in self.unit.block.combination and "name" in self.unit.block.combination
        return self.target.bare if in_area else self.target.name

    def _value(self, name: str) -> str:
        """A value of one of the package's own lists."""
        return self.speaker.says(self.random.choice(package(self.language)["lists"][name]["values"])["in"])

    def _number(self, number: int) -> str:
        return speech.spelled(number, self.language) if self.in_words else str(number)


def sayable_lines(unit: Unit) -> list[str]:
    """The block's lines without those that mean something else to us.

    All lights at once are no single device; a bare name is no command; "the kitchen to 40 percent" may be its volume;
    "close to 30%" may be 30 or 70 per cent open; "upstairs" without the word floor is no floor of our lists.
    """
    unwanted = [r"^\[<the>\] \{name\}$", r"^\[<the>\] \{name\} on$", r"<light> \{floor\}", r"brightness_level:brightness\}$"]
    unwanted += [r"<the>\] \{area\} \[to\] \{brightness\}\[\(\[ \]%\)\| percent\]$", r"^\[<current>\]<time>$", r"^<what_is><time>"]
    unwanted += [] if unit.reason == "whole" else [r"(?<![\[(])<all>"]
    unwanted += [r"^<light> \(?(off|on)", r"\{timer_half", r"^<today>", r"^\{timer_.*timer$", r"^timer "]
    return [line for line in unit.block.lines if not any(re.search(pattern, line) for pattern in unwanted)]


def _answer(unit: Unit, house: House, target: Device, level: int) -> dict:
    if unit.answer == "nothing":
        return {"Nothing": {"why": _why(unit, house, target)}}
    device = next(index for index, other in enumerate(house) if other is target)
    if unit.answer == "level":
        return {"SetLevel": {"device": device, "percent": level}}
    return {"Switch": {"device": device, "on": unit.answer == "on"}}


def _why(unit: Unit, house: House, target: Device) -> str:
    language, combination, reason = unit.block.language, unit.block.combination, unit.reason
    if reason == "missing":
        by_area = "area" in combination
        reason = "missing in area" if by_area and "name" in combination else f"missing {unit.kind}" if by_area else reason
    name = target.bare if reason == "missing in area" else target.name
    same = sum((device.area, device.kind) == (target.area, target.kind) for device in house)
    return speech.WHY[language][reason].format(name=name, area=target.area, count=_count(same, unit.kind, language))


def _count(number: int, kind: str | None, language: str) -> str:
    names = {"light": ("lights", "灯"), "media": ("media players", "影音设备")}
    english, chinese = names.get(kind, ("devices", "设备"))
    if language == "en":
        return f"{speech.spelled(number, 'en')} {english}"
    return f"{'两' if number == 2 else speech.spelled(number, 'zh')}个{chinese}"


POLITE: dict[str, Callable[[str], str]] = {
    "en": lambda said: f"please {said}",
    "zh": lambda said: f"麻烦{said}",
}


def _politely(utterance: str, unit: Unit, random: Random) -> str:
    """One command in eight begins with a skip word of the package."""
    commands = r"^(turn|set|switch|open|close|shut|raise|lower|activate|deactivate|change|increase|decrease|把|打开|关闭|关掉|调|设置)"
    polite = unit.answer != "nothing" and random.random() < 0.12 and re.search(commands, utterance)
    return POLITE[unit.block.language](utterance) if polite else utterance
