"""One row: a sentence sampled from a block, for a house in which it has exactly one right answer."""

import re
from dataclasses import dataclass
from random import Random

from home import awkward, speech, wording
from home.houses import Device, House
from home.mapping import Unit
from home.targets import cover_class, targets
from home.templates import Speaker, package


@dataclass(frozen=True)
class Row:
    utterance: str
    devices: House
    answer: dict
    unit: Unit

    def to_json(self, held_out: bool) -> dict:
        """The row as the task writes it; held-out rows also say their language, template and what is to be done."""
        devices = [{"name": device.name, "area": device.area, "kind": device.kind} for device in self.devices]
        row = {"utterance": self.utterance, "devices": devices, "answer": self.answer}
        block = self.unit.block
        slices = {"language": block.language, "template": block.id, "action": self.unit.answer}
        return row | slices if held_out else row


def row(unit: Unit, house: House, random: Random) -> Row | None:
    """None where the house has nothing to say this about, or no sentence of the block reads well."""
    candidates = targets(unit, house, random)
    lines = wording.sayable(unit.block.lines, of_all=unit.reason == "whole")
    if not candidates or not lines:
        return None
    target = random.choice(candidates)
    for _ in range(30):
        draft = Draft(unit, target, random)
        utterance = draft.speak(lines)
        if not draft.reads_wrong(utterance):
            return Row(_politely(utterance, unit, random), house, _answer(unit, house, target, draft.level), unit)
    return None


class Draft:
    """A sentence in the making; `level` is the percentage that it says, if it says one."""

    def __init__(self, unit: Unit, target: Device, random: Random) -> None:
        self.unit, self.target, self.random = unit, target, random
        self.language = unit.block.language
        self.level: int | None = None
        self.in_words = random.random() < 0.25

    def speak(self, lines: list[str]) -> str:
        [line] = self.random.choices(lines, [wording.weight(line) for line in lines])
        return self._speaker().render(line)

    def reads_wrong(self, said: str) -> bool:
        if awkward.reads_wrong(said, self.language):
            return True
        if self.unit.reason == "question" and not wording.ASKS.search(said):
            return True
        if self.unit.reason == "scene" and not re.search("scene|script|场景|模式|脚本", said):
            return True
        if self.language == "en":
            return self._stumbles(said) or self._contradicts_itself(said)
        return self._misplaces_light(said)

    def _stumbles(self, said: str) -> bool:
        """ "the kitchen the lamp", "in kitchen", "on the kitchen", "is the curtains open"."""
        name, area = self.target.name, self.target.area
        wrong_verb = rf"\bis (the |my )?{name}" if name.endswith("s") else rf"\bare (the |my )?{name}"
        area_alone = "" if self.unit.block.says_name else rf"|\bon (the |my )?{area}"
        return bool(re.search(rf"{area} (the|my) | in {area}|{wrong_verb}{area_alone}", said))

    def _contradicts_itself(self, said: str) -> bool:
        """ "turn up to 5 %": nobody knows the level there is, yet it sounds wrong."""
        rises, falls = re.search(r"\b(increase|up)\b", said), re.search(r"\b(decrease|down)\b", said)
        return self.level is not None and bool((rises and self.level < 40) or (falls and self.level > 60))

    def _misplaces_light(self, said: str) -> bool:
        """打开书架 needs 灯 after the name; 打开吸顶灯 and 打开空调 must not get one."""
        switched_by_name = self.unit.block.intent in ("HassTurnOn", "HassTurnOff") and self.unit.block.says_name
        needed = self.unit.kind == "light" and not self.target.says_kind
        return switched_by_name and needed is not bool(re.search(f"{self._called()}的?灯", said))

    def _speaker(self) -> Speaker:
        rules = package(self.language)["expansion_rules"] | wording.RULES[self.language]
        if self.language == "en":
            rules |= wording.OF_REASON.get(self.unit.reason, {})
            if self.target.kind == "cover":
                rules |= wording.ROLLING if cover_class(self.target, "en") in wording.ROLLS else wording.NOT_ROLLING
            rules |= wording.OF_INTENT.get(self.unit.block.intent, {})
        return Speaker(self.random, rules, wording.UNSAID, wording.chance, self._slot)

    def _slot(self, name: str) -> str:
        fillers = speech.FILLERS[self.language]
        match name:
            case "name":
                foreign = next((domain for domain in self.unit.block.domains if domain in fillers), None)
                return self.random.choice(fillers[foreign]) if foreign and not self.unit.kind else self._called()
            case "area":
                return self.target.area
            case "cover_classes":
                return cover_class(self.target, self.language) or self._listed(name)
            case "brightness" | "position" | "volume" | "volume_percentage" | "fan_speed":
                self.level = speech.percent(self.random)
                return self._number(self.level)
            case "brightness_level":
                self.level = 100
                return self.random.choice(speech.MOST[self.language])
            case "temperature":
                return self._number(self.random.randint(17, 27))
            case "color_temperature":
                return str(self.random.randrange(2700, 6600, 100))
            case "volume_step":
                return self.random.choice(("up", "down"))
            case "volume_step_up" | "volume_step_down":
                return self._number(self.random.randrange(5, 35, 5))
            case "timer_minutes":
                return str(self.random.randrange(5, 60, 5))
            case "timer_hours":
                return str(self.random.randint(2, 5))
            case _ if name in fillers:
                return self.random.choice(fillers[name])
        return self._listed(name)

    def _called(self) -> str:
        return self.target.bare if self.unit.block.says_area else self.target.name

    def _listed(self, name: str) -> str:
        """A value of one of the package's own lists."""
        return self._speaker().render(self.random.choice(package(self.language)["lists"][name]["values"])["in"])

    def _number(self, number: int) -> str:
        return speech.spell_number(number, self.language) if self.in_words else str(number)


def _answer(unit: Unit, house: House, target: Device, level: int | None) -> dict:
    if unit.answer == "nothing":
        return {"Nothing": {"why": _why(unit, house, target)}}
    device = next(index for index, other in enumerate(house) if other is target)
    if unit.answer == "level":
        return {"SetLevel": {"device": device, "percent": level}}
    return {"Switch": {"device": device, "on": unit.answer == "on"}}


def _why(unit: Unit, house: House, target: Device) -> str:
    reason, block = unit.reason, unit.block
    if reason == "missing" and block.says_area:
        reason = "missing in area" if block.says_name else f"missing {unit.kind}"
    name = target.bare if block.says_area else target.name
    same = sum((device.area, device.kind) == (target.area, target.kind) for device in house)
    count = speech.count(same, unit.kind, block.language)
    return speech.WHY[block.language][reason].format(name=name, area=target.area, count=count)


def _politely(utterance: str, unit: Unit, random: Random) -> str:
    """One command in eight begins with a skip word of the package."""
    polite = unit.answer != "nothing" and random.random() < 0.125 and wording.COMMANDS.search(utterance)
    return wording.POLITE[unit.block.language] + utterance if polite else utterance
