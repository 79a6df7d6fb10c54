"""Sampling of rows: a sentence from a block, with a house in which exactly one answer is right."""

import re
from dataclasses import dataclass
from random import Random

from home import sentence_filter, slot_values, wording
from home.houses import Device, House
from home.mapping import Unit
from home.targets import cover_class, targets
from home.templates import TemplateSampler, package


@dataclass(frozen=True)
class Row:
    utterance: str
    devices: House
    answer: dict
    unit: Unit

    def to_json(self, held_out: bool) -> dict:
        """The row in the JSON form of the task; held-out rows also have language, template and action."""
        devices = [{"name": device.name, "area": device.area, "kind": device.kind} for device in self.devices]
        row = {"utterance": self.utterance, "devices": devices, "answer": self.answer}
        block = self.unit.block
        slices = {"language": block.language, "template": block.id, "action": self.unit.answer}
        return row | slices if held_out else row


def sample_row(unit: Unit, house: House, random: Random) -> Row | None:
    """None if no device of the house fits the block, or no sampled sentence passes the filter."""
    candidates = targets(unit, house, random)
    lines = wording.usable_lines(unit.block.lines, about_all=unit.reason == "whole")
    if not candidates or not lines:
        return None
    target = random.choice(candidates)
    for _ in range(30):
        draft = SentenceDraft(unit, target, random)
        utterance = draft.sample(lines)
        if not draft.is_unnatural(utterance):
            return Row(_add_politeness(utterance, unit, random), house, _answer(unit, house, target, draft.level), unit)
    return None


class SentenceDraft:
    """Samples sentences for one unit and device; `level` is the percentage in the last one, if any."""

    def __init__(self, unit: Unit, target: Device, random: Random) -> None:
        self.unit, self.target, self.random = unit, target, random
        self.language = unit.block.language
        self.level: int | None = None
        self.spell_numbers = random.random() < 0.25

    def sample(self, lines: list[str]) -> str:
        [line] = self.random.choices(lines, [wording.line_weight(line) for line in lines])
        return self._sampler().render(line)

    def is_unnatural(self, sentence: str) -> bool:
        if sentence_filter.is_unnatural(sentence, self.language):
            return True
        if self.unit.reason == "question" and not wording.QUESTION.search(sentence):
            return True
        if self.unit.reason == "scene" and not re.search("scene|script|场景|模式|脚本", sentence):
            return True
        if self.language == "en":
            return self._has_wrong_grammar(sentence) or self._has_wrong_direction(sentence)
        return self._has_wrong_light_suffix(sentence)

    def _has_wrong_grammar(self, sentence: str) -> bool:
        """English grammar: "the kitchen the lamp", "in kitchen", "on the kitchen", "is the curtains open"."""
        name, area = self.target.name, self.target.area
        wrong_verb = rf"\bis (the |my )?{name}" if name.endswith("s") else rf"\bare (the |my )?{name}"
        area_alone = "" if self.unit.block.has_name else rf"|\bon (the |my )?{area}"
        return bool(re.search(rf"{area} (the|my) | in {area}|{wrong_verb}{area_alone}", sentence))

    def _has_wrong_direction(self, sentence: str) -> bool:
        """Direction against level: "turn up to 5 %"."""
        raises, lowers = re.search(r"\b(increase|up)\b", sentence), re.search(r"\b(decrease|down)\b", sentence)
        return self.level is not None and bool((raises and self.level < 40) or (lowers and self.level > 60))

    def _has_wrong_light_suffix(self, sentence: str) -> bool:
        """打开书架 needs 灯 after the name; 打开吸顶灯 and 打开空调 must not have it."""
        switched_by_name = self.unit.block.intent in ("HassTurnOn", "HassTurnOff") and self.unit.block.has_name
        needed = self.unit.kind == "light" and not self.target.name_states_kind
        return switched_by_name and needed is not bool(re.search(f"{self._device_name()}的?灯", sentence))

    def _sampler(self) -> TemplateSampler:
        rules = package(self.language)["expansion_rules"] | wording.RULES[self.language]
        if self.language == "en":
            rules |= wording.RULES_BY_REASON.get(self.unit.reason, {})
            if self.target.kind == "cover":
                rules |= (
                    wording.ROLLING_RULES
                    if cover_class(self.target, "en") in wording.ROLLING_COVERS
                    else wording.NOT_ROLLING_RULES
                )
            rules |= wording.RULES_BY_INTENT.get(self.unit.block.intent, {})
        return TemplateSampler(
            self.random, rules, wording.EXCLUDED_ALTERNATIVES, wording.option_probability, self._slot_value
        )

    def _slot_value(self, name: str) -> str:
        fillers = slot_values.FILLERS[self.language]
        match name:
            case "name":
                other_domain = next((domain for domain in self.unit.block.domains if domain in fillers), None)
                return (
                    self.random.choice(fillers[other_domain])
                    if other_domain and not self.unit.kind
                    else self._device_name()
                )
            case "area":
                return self.target.area
            case "cover_classes":
                return cover_class(self.target, self.language) or self._list_value(name)
            case "brightness" | "position" | "volume" | "volume_percentage" | "fan_speed":
                self.level = slot_values.sample_percent(self.random)
                return self._number(self.level)
            case "brightness_level":
                self.level = 100
                return self.random.choice(slot_values.MAXIMUM_WORDS[self.language])
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
        return self._list_value(name)

    def _device_name(self) -> str:
        return self.target.base_name if self.unit.block.has_area else self.target.name

    def _list_value(self, name: str) -> str:
        """A value of one of the package's lists."""
        return self._sampler().render(self.random.choice(package(self.language)["lists"][name]["values"])["in"])

    def _number(self, number: int) -> str:
        return slot_values.spell_number(number, self.language) if self.spell_numbers else str(number)


def _answer(unit: Unit, house: House, target: Device, level: int | None) -> dict:
    if unit.answer == "nothing":
        return {"Nothing": {"why": _reason_text(unit, house, target)}}
    device = next(index for index, other in enumerate(house) if other is target)
    if unit.answer == "level":
        return {"SetLevel": {"device": device, "percent": level}}
    return {"Switch": {"device": device, "on": unit.answer == "on"}}


def _reason_text(unit: Unit, house: House, target: Device) -> str:
    reason, block = unit.reason, unit.block
    if reason == "missing" and block.has_area:
        reason = "missing in area" if block.has_name else f"missing {unit.kind}"
    name = target.base_name if block.has_area else target.name
    same = sum((device.area, device.kind) == (target.area, target.kind) for device in house)
    count = slot_values.device_count(same, unit.kind, block.language)
    return slot_values.REASON_TEXTS[block.language][reason].format(name=name, area=target.area, count=count)


def _add_politeness(utterance: str, unit: Unit, random: Random) -> str:
    """One command in eight starts with a polite word of the package's skip words."""
    polite = unit.answer != "nothing" and random.random() < 0.125 and wording.COMMAND_VERBS.search(utterance)
    return wording.POLITE_PREFIX[unit.block.language] + utterance if polite else utterance
