"""A reward is the task's score, a function, or a reward model; whatever is none is refused with a hint."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import CheckpointError, InputError, SettingsError, TaskFileError
from plait.core.prompting.example_rows import Example
from plait.core.values.file_digest import file_sha256
from plait.foundation.text.reward_head import REWARD_FILE
from plait.learning.rewards import find_reward

COLOUR = '''from typing import Literal
from plait import task

@task
def colour(thing: str) -> Literal["red", "green", "blue", "yellow"]:
    """Which colour has {thing}?"""
    ...
'''
RULES = """
LIMIT = 3

def brief(example, answer):
    return 1 - len(answer) / 10 + ("sky" in example.inputs["thing"])

def broken(example, answer):
    return 1 / 0

def endless(example, answer):
    return float("inf") if answer == "red" else float("nan")

def wordy(example, answer):
    return "very good"

def forgetful(example, answer):
    pass
"""
BASE = Path("base.gguf")
EXAMPLE = Example({"thing": "the sky"}, "blue")


@pytest.fixture
def colour(load_source: Callable[..., Any]) -> Any:
    Path("rules.py").write_text(RULES)
    return load_source(COLOUR, "colour", "colours.py")


def test_the_default_is_the_score_of_the_task(colour: Any) -> None:
    reward = find_reward(colour.declaration, "score", BASE)
    assert (reward.value(EXAMPLE, "blue"), reward.value(EXAMPLE, "red")) == (1.0, 0.0)


def test_a_function_of_a_file_or_a_module_is_a_reward(colour: Any) -> None:
    reward = find_reward(colour.declaration, "rules.py:brief", BASE)
    assert reward.value(EXAMPLE, "blue") == pytest.approx(1.6) and len(reward.sha256) == 64
    assert find_reward(colour.declaration, "math.dist", BASE).function is math.dist
    assert find_reward(colour.declaration, "json:dumps", BASE).sha256 == file_sha256(Path(json.__file__))


def test_another_rule_is_another_reward(colour: Any) -> None:
    before = find_reward(colour.declaration, "rules.py:brief", BASE).sha256
    Path("other_rules.py").write_text(RULES + "\n# another limit\n")
    assert find_reward(colour.declaration, "other_rules.py:brief", BASE).sha256 != before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("broken", r"the reward rules\.py:broken failed on the answer \"red\": ZeroDivisionError"),
        ("endless", r"the reward rules\.py:endless of the answer \"red\" is inf, and should be a finite number"),
        ("wordy", r"of the answer \"red\" is \"very good\", and should be a finite number"),
        ("forgetful", r"of the answer \"red\" is None, and should be a finite number"),
    ],
)
def test_a_reward_that_fails_or_gives_no_finite_number_is_named(colour: Any, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        find_reward(colour.declaration, f"rules.py:{name}", BASE).value(EXAMPLE, "red")
    assert f"rules.py:{name}; the same command then begins anew" in caught.value.hint


def test_a_name_that_is_no_reward_is_refused(colour: Any, tmp_path: Path) -> None:
    declaration = colour.declaration
    for name, message, hint in (
        ("accuracy", 'there is no reward "accuracy"', "--reward score"),
        ("json.no_such", 'there is no reward "json.no_such"', "rules.py:NAME"),
        ("missing.py:brief", "missing.py is not a Python file", ""),
        ("rules.py:breif", "rules.py has no 'breif'", "brief"),
        ("rules.py:LIMIT", "the reward rules.py:LIMIT is 3 and no function", "rules.py:NAME"),
        (str(tmp_path), "has no reward model: reward.json is missing", "--method reward"),
    ):
        with pytest.raises(SettingsError) as caught:
            find_reward(declaration, name, BASE)
        assert message in caught.value.message and hint in caught.value.hint
    Path("worse.py").write_text("def brief(:\n")
    with pytest.raises(TaskFileError, match=r"worse\.py cannot be imported"):
        find_reward(declaration, "worse.py:brief", BASE)
    (tmp_path / REWARD_FILE).write_text("{}")
    with pytest.raises(CheckpointError, match="is no reward model"):
        find_reward(declaration, str(tmp_path), BASE)
