"""The rows of `home_command`, read without the recipe's mapping: by their words, by Home Assistant's recognizer."""

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hassil.intents import Intents, TextSlotList
from hassil.recognize import RecognizeResult, recognize_all
from home_assistant_intents import get_intents

ROOT = Path(__file__).parents[2]
TASKS = ROOT / "src/plait/tasks"
FILES = {
    "seeds": TASKS / "seeds/home_command.jsonl",
    "unseen-sentences": TASKS / "held_out/home_command.unseen-sentences.jsonl",
    "unseen-templates": TASKS / "held_out/home_command.unseen-templates.jsonl",
}
HELD_OUT = ["unseen-sentences", "unseen-templates"]
DOMAINS = {"light": "light", "cover": "cover", "climate": "climate", "media": "media_player"}
LEVELS = {"HassLightSet": "brightness", "HassSetPosition": "position", "HassSetVolume": "volume_level"}
ON = r"\b(on|open|raise|activate|illuminate|light up)\b|开"
OFF = r"\b(off|out|close|shut|lower|deactivate)\b|关"
ENGLISH_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
ENGLISH_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
CHINESE_DIGITS = "零一二三四五六七八九"


@cache
def rows(split: str) -> list[dict]:
    return [json.loads(line) for line in FILES[split].read_text("utf-8").splitlines()]


def all_rows() -> list[dict]:
    return [row for split in FILES for row in rows(split)]


def language(row: dict) -> str:
    return "zh" if re.search("[一-鿿]", row["utterance"]) else "en"


def action(row: dict) -> str:
    [(kind, answer)] = row["answer"].items()
    return kind if kind != "Switch" else "Switch on" if answer["on"] else "Switch off"


def commands() -> list[tuple[dict, dict]]:
    """Rows that act, each with the device that it acts on."""
    acting = [row for row in all_rows() if action(row) != "Nothing"]
    return [(row, row["devices"][next(iter(row["answer"].values()))["device"]]) for row in acting]


def in_words(number: int, language: str) -> str:
    tens, ones = divmod(number, 10)
    if language == "en":
        ten = ENGLISH_TENS[min(tens, 9)]
        whole = ENGLISH_ONES[number] if number < 20 else f"{ten}-{ENGLISH_ONES[ones]}" if ones else ten
        return "one hundred" if number == 100 else whole
    if number == 100:
        return "一百"
    ten = "" if tens == 0 else "十" if tens == 1 else f"{CHINESE_DIGITS[tens]}十"
    return ten + (CHINESE_DIGITS[ones] if ones or not tens else "")


def test_a_row_has_the_json_form_of_the_task() -> None:
    fields = {"Switch": {"device": int, "on": bool}, "SetLevel": {"device": int, "percent": int}}
    fields["Nothing"] = {"why": str}
    for row in all_rows():
        [(kind, answer)] = row["answer"].items()
        assert {name: type(value) for name, value in answer.items()} == fields[kind]
        assert 0 <= answer.get("device", 0) < len(row["devices"])
        assert 0 <= answer.get("percent", 0) <= 100
        assert 4 <= len(row["devices"]) <= 30
        for device in row["devices"]:
            assert list(device) == ["name", "area", "kind"] and device["kind"] in DOMAINS


def test_only_held_out_rows_have_language_template_and_action() -> None:
    actions = {"Switch on": "on", "Switch off": "off", "SetLevel": "level", "Nothing": "nothing"}
    assert {frozenset(row) for row in rows("seeds")} == {frozenset({"utterance", "devices", "answer"})}
    for split in HELD_OUT:
        assert all(row["template"].startswith(f"{row['language']}.") for row in rows(split))
        assert all(row["language"] == language(row) for row in rows(split))
        assert all(row["action"] == actions[action(row)] for row in rows(split))


def test_device_names_are_in_the_language_of_the_utterance() -> None:
    for row in all_rows():
        chinese = {bool(re.search("[一-鿿]", device["name"])) for device in row["devices"]}
        assert chinese == {language(row) == "zh"}, row["utterance"]


def test_the_name_or_the_area_of_the_device_is_in_the_utterance() -> None:
    for row, device in commands():
        utterance = row["utterance"]
        if device["name"] not in utterance or device["name"] == device["area"]:
            assert device["area"] in utterance, utterance


def test_an_area_alone_is_used_only_if_it_has_one_device_of_the_kind() -> None:
    words = {"light": "light|lamp|brightness|illuminate|灯|亮度", "media": "volume|音量", "cover": "[a-z]|[窗帘门棚]"}
    for row, device in commands():
        if device["name"] not in row["utterance"]:
            area_and_kind = device["area"], device["kind"]
            assert [other for other in row["devices"] if (other["area"], other["kind"]) == area_and_kind] == [device]
            assert re.search(words[device["kind"]], row["utterance"])


def test_no_other_device_is_named() -> None:
    for row, device in commands():
        utterance = row["utterance"]
        if device["name"] in utterance:
            named = [
                other for other in row["devices"] if other["name"] in utterance and other["name"] not in device["name"]
            ]
            here = [other for other in named if other["name"] != device["name"] or other["area"] in utterance]
            assert here in ([], [device]), utterance


def test_switching_agrees_with_the_verb() -> None:
    for row, _ in commands():
        if action(row) != "SetLevel":
            words, others = (ON, OFF) if action(row) == "Switch on" else (OFF, ON)
            utterance = re.sub("玄关|开关", "", row["utterance"])  # a hallway and a switch are no verbs
            assert re.search(words, utterance) and not re.search(others, utterance), utterance


def test_covers_are_opened_and_closed_and_nothing_else_is() -> None:
    for row, device in commands():
        opens = re.search(r"^(please )?(open|close|shut|raise|lower)\b", row["utterance"])
        if language(row) == "en" and action(row) != "SetLevel":
            assert bool(opens) == (device["kind"] == "cover"), row["utterance"]


def test_a_level_is_in_digits_or_words_and_valid_for_its_device() -> None:
    subjects = {"light": "bright|亮|%|percent|[0-9]|lamp|light", "media": "volume|音量|up|down", "cover": "."}
    for row, device in commands():
        if action(row) == "SetLevel":
            percent, utterance = row["answer"]["SetLevel"]["percent"], row["utterance"]
            digits = [int(number) for number in re.findall(r"\d+", utterance)]
            most = percent == 100 and re.search(r"\b(max|maximum|highest)\b|最[亮高大]", utterance)
            assert digits == [percent] or (not digits and in_words(percent, language(row)) in utterance) or most, (
                utterance
            )
            assert re.search(subjects[device["kind"]], utterance), utterance
            assert device["kind"] == "light" or not re.search("bright|亮度", utterance), utterance
            assert device["kind"] == "media" or not re.search("volume|音量", utterance), utterance


@cache
def recognizer(language: str) -> Intents:
    return Intents.from_dict(get_intents({"en": "en", "zh": "zh-CN"}[language]))


def recognize(row: dict) -> list[RecognizeResult]:
    """Interpretations of the row by the templates of Home Assistant, without our restrictions."""
    devices = row["devices"]
    named = [(device["name"], index, {"domain": DOMAINS[device["kind"]]}) for index, device in enumerate(devices)]
    areas = TextSlotList.from_strings(sorted({device["area"] for device in devices}), name="area")
    floors = TextSlotList.from_strings(["ground", "first", "second", "top", "一", "二", "三"], name="floor")
    lists = {"name": TextSlotList.from_tuples(named, name="name"), "area": areas, "floor": floors}
    return list(recognize_all(row["utterance"], recognizer(language(row)), slot_lists=lists))


def device_and_action(result: RecognizeResult, devices: list[dict]) -> tuple | None:
    """(intent, device, level) where the sentence comes down to one device of the house."""
    slots = {name: entity.value for name, entity in result.entities.items()}
    device, area = slots.get("name"), slots.get("area")
    if isinstance(device, int):
        if area is not None and devices[device]["area"] != area:
            return None
    elif area is not None:
        domain = slots.get("domain", "media_player")
        matching = [i for i, other in enumerate(devices) if (other["area"], DOMAINS[other["kind"]]) == (area, domain)]
        if len(matching) != 1:
            return None
        [device] = matching
    else:
        return None
    level = LEVELS.get(result.intent.name)
    return (result.intent.name, device, slots[level]) if level in slots else (result.intent.name, device, None)


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_the_recognizer_of_home_assistant_agrees_on_device_and_action(every: int) -> None:
    """Recognition takes 10 ms a row."""
    ours = {"HassTurnOn": "Switch on", "HassTurnOff": "Switch off"} | dict.fromkeys(LEVELS, "SetLevel")
    for row in all_rows()[::every]:
        devices_found = {device_and_action(result, row["devices"]) for result in recognize(row)} - {None}
        acts = {(ours[intent], device, level) for intent, device, level in devices_found if intent in ours}
        acts = {act for act in acts if act[0] != "SetLevel" or act[2] is not None}
        answer = next(iter(row["answer"].values()))
        expected = {(action(row), answer["device"], answer.get("percent"))} if action(row) != "Nothing" else set()
        assert acts == expected, (row["utterance"], row["answer"], acts)


def test_the_reason_for_doing_nothing_is_given_in_the_language_of_the_utterance() -> None:
    for row in all_rows():
        if action(row) == "Nothing":
            why = row["answer"]["Nothing"]["why"]
            assert bool(re.search("[一-鿿]", why)) == (language(row) == "zh"), why


def test_a_device_called_missing_is_not_in_the_list() -> None:
    for row in all_rows():
        why = row["answer"].get("Nothing", {}).get("why", "")
        if match := re.search(r'is called "(.+)"\.|叫“(.+)”的', why):
            name = match[1] or match[2]
            assert name in row["utterance"]
            area = re.search(r"in the (.+) is called|^(.+)没有叫", why)
            where = (area[1] or area[2]) if area else None
            assert not any(name == d["name"] and where in (None, "这里", d["area"]) for d in row["devices"]), why


@pytest.mark.parametrize("split", HELD_OUT)
def test_no_held_out_sentence_and_no_held_out_home_occurs_in_the_seeds(split: str) -> None:
    def houses(of: str) -> set:
        return {frozenset(tuple(device.values()) for device in row["devices"]) for row in rows(of)}

    def sentences(of: str) -> set:
        return {re.sub(r"\b(please|the|my) |麻烦|的", "", row["utterance"]) for row in rows(of)}

    assert not sentences("seeds") & sentences(split)
    assert not houses("seeds") & houses(split)
    assert len(sentences(split)) == len(rows(split))


@cache
def recipe() -> list:
    """The splits as the recipe makes them, in which the seeds still know their templates."""
    sys.path.insert(0, str(ROOT / "recipes/data"))
    try:
        import home_command

        return home_command.splits()
    finally:
        sys.path.remove(str(ROOT / "recipes/data"))


def test_unseen_sentences_use_only_templates_of_the_seeds_and_unseen_templates_none() -> None:
    seen = {row.unit.block.id for row in recipe()[0].rows}
    assert {row["template"] for row in rows("unseen-sentences")} <= seen
    assert not {row["template"] for row in rows("unseen-templates")} & seen


def test_no_sibling_of_an_unseen_template_occurs_in_the_seeds() -> None:
    def combination(template: str) -> str:
        return template.rsplit(".", 1)[0]

    seen = {combination(row.unit.block.id) for row in recipe()[0].rows}
    assert not {combination(row["template"]) for row in rows("unseen-templates")} & seen


def test_the_first_seeds_are_a_good_few_shot_set() -> None:
    first = rows("seeds")[:8]
    assert [language(row) for row in first] == ["en", "zh"] * 4
    assert all(4 <= len(row["devices"]) <= 6 for row in first)
    assert {action(row) for row in first} == {"Switch on", "Switch off", "SetLevel", "Nothing"}
    acted_on = {device["kind"] for row, device in commands()[:8] if row in first}
    assert acted_on == {"light", "cover", "climate", "media"}


def test_the_recipe_reproduces_these_files_byte_for_byte() -> None:
    script = [sys.executable, str(ROOT / "recipes/data/home_command.py"), "--check"]
    process = subprocess.run(script, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr


def test_rows_for_training_share_no_sentence_and_no_house_with_the_other_files(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "recipes/data/home_command.py"), "--training", str(tmp_path / "rows.jsonl")]
    subprocess.run([*script, "120"], check=True)
    training = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert abs(len(training) - 120) <= 4, "shares are rounded"
    assert set(training[0]) == {"utterance", "devices", "answer"}
    for read in (lambda row: row["utterance"], lambda row: json.dumps(row["devices"], sort_keys=True)):
        assert not {read(row) for row in training} & {read(row) for row in all_rows()}
    assert abs(Counter(map(language, training))["en"] - 72) <= 2
    assert {action(row) for row in training} == {"Switch on", "Switch off", "SetLevel", "Nothing"}


def test_the_counts_in_the_documentation_are_correct() -> None:
    page = (ROOT / "docs/data/home_command.md").read_text("utf-8")
    for split in FILES:
        languages = Counter(language(row) for row in rows(split))
        actions = Counter(action(row) for row in rows(split))
        counted = [len(rows(split)), languages["en"], languages["zh"]]
        counted += [actions[name] for name in ("Switch on", "Switch off", "SetLevel", "Nothing")]
        assert f"| {split} | " + " | ".join(map(str, counted)) + " |" in page, (split, counted)


def test_a_fifth_to_a_seventh_of_each_split_does_nothing_and_four_in_ten_rows_are_chinese() -> None:
    for split in FILES:
        nothing = sum(action(row) == "Nothing" for row in rows(split)) / len(rows(split))
        chinese = sum(language(row) == "zh" for row in rows(split)) / len(rows(split))
        assert 0.15 <= nothing <= 0.20 and 0.38 <= chinese <= 0.42
        assert FILES[split].stat().st_size < 1_500_000
