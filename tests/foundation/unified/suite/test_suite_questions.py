"""The suite's questions follow from a seed and a count alone."""

from collections import Counter

import pytest

from plait.foundation.unified.suite.baseline_training import training_scenes
from plait.foundation.unified.suite.questions import (
    TASKS_WITH_KINDS,
    question_region,
    question_text,
    sample_questions,
    task_splits,
)
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.held_out import is_held_out
from plait.foundation.unified.worlds.task_items import TASKS


@pytest.mark.parametrize("task", TASKS)
def test_questions_depend_on_the_seed(task: str) -> None:
    questions = list(sample_questions(task, "seen", 12, seed=1))
    assert questions == list(sample_questions(task, "seen", 12, seed=1))
    assert questions != list(sample_questions(task, "seen", 12, seed=2))


def test_a_larger_sample_starts_with_the_smaller_one() -> None:
    few, many = ([q for q in sample_questions("ask", "seen", count, 1) if not q.extra] for count in (10, 30))
    assert many[:10] == few and len(many) == 30


def test_all_tasks_are_asked_equally_in_both_languages() -> None:
    for task in TASKS:
        languages = Counter(q.item.language for q in sample_questions(task, "triples", 20, 1))
        assert languages == {"en": 10, "zh": 10}


def test_rare_kinds_are_oversampled_and_the_rest_is_unchanged() -> None:
    for task in TASKS_WITH_KINDS:
        questions = list(sample_questions(task, "seen", 100, 1))
        assert [q.extra for q in questions[:100]] == [False] * 100
        assert len(questions) > 100 and all(q.extra for q in questions[100:])
        all_kinds, sampled = Counter(q.item.kind for q in questions), Counter(q.item.kind for q in questions[:100])
        topped = {kind: count for kind, count in all_kinds.items() if count > sampled[kind]}
        assert topped and max(topped.values()) <= 10, "a tenth of the questions, and no further"
        assert all(count >= 10 for kind, count in all_kinds.items() if kind in sampled and sampled[kind] > 1)


def test_held_out_combinations_are_only_in_their_split() -> None:
    training = {style for style, each in enumerate(atlas().styles) if each.training}
    hidden = atlas().held_out
    by_split = {split: [q.scene for q in sample_questions("detect", split, 40, 1)] for split in task_splits("detect")}
    for split, sampled in by_split.items():
        for scene in sampled:
            styles = {thing.style for thing in scene.things}
            sprites = [bool(hidden[thing.style, thing.noun]) for thing in scene.things]
            assert bool(styles - training) == (split == "style")
            if split != "style":
                assert any(sprites) == (split == "identities")
            assert is_held_out(scene) == (split == "triples")


def test_no_training_scene_is_in_the_suite() -> None:
    assert not {q.scene for task in TASKS for q in sample_questions(task, "seen", 50, 1)} & set(training_scenes())


def test_text_tasks_have_no_picture_and_no_held_out_style() -> None:
    question = next(sample_questions("restore_text", "seen", 1, 1))
    assert (
        question.visible_scene is None
        and "___" in question_text(question.item)
        and question_region(question.item) is None
    )
    assert task_splits("restore_text") == ("seen", "triples")


def test_a_region_input_has_no_phrase() -> None:
    question = next(sample_questions("describe_region", "seen", 1, 1))
    assert (
        question_text(question.item) == ""
        and question_region(question.item) == question.scene.things[question.item.target[0]].box
    )
    assert question.visible_scene == question.scene
