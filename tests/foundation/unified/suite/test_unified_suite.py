"""The suite: who knows all scores 1 everywhere, who knows nothing is at chance, and it can be stopped."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pytest

from plait.core.errors import InputError, PlaitError, SettingsError, error_text
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.metrics.image_similarity import PixelArray
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.suite.baseline_training import training_items as training_questions
from plait.foundation.unified.suite.baseline_training import training_scenes
from plait.foundation.unified.suite.nearest_picture_baseline import NearestImageBaseline
from plait.foundation.unified.suite.question_only_baseline import MajorityBaseline, QuestionOnlyBaseline
from plait.foundation.unified.suite.questions import sample_questions
from plait.foundation.unified.suite.report import SuiteReport
from plait.foundation.unified.suite.results import build_result
from plait.foundation.unified.suite.solver import Prediction, Solver
from plait.foundation.unified.suite.suite import SuitePlan, evaluate, run_suite
from plait.foundation.unified.suite.task_metrics import METRICS, AnsweredQuestion
from plait.foundation.unified.suite.trained_solver import TrainedSolver
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS, TASKS

Scenes = Sequence[Scene | None]
FEW = SuitePlan(limit=20)


class PerfectSolver:
    name = "knower"

    def answers(self, items: Sequence[Item], scenes: Scenes) -> list[Prediction]:
        return [Prediction(truth(item)) for item in items]


def truth(item: Item) -> Answer | PixelArray:
    return render_scene(item.answer, 64) if isinstance(item.answer, Scene) else item.answer


class ShufflingSolver:
    """Right answers, to other questions."""

    name = "shuffler"

    def __init__(self) -> None:
        self.rng = random.Random(1)

    def answers(self, items: Sequence[Item], scenes: Scenes) -> list[Prediction]:
        predictions = [Prediction(truth(item)) for item in items]
        self.rng.shuffle(predictions)
        return predictions


class SilentSolver:
    name = "silent"

    def answers(self, items: Sequence[Item], scenes: Scenes) -> list[Prediction]:
        return [Prediction(None) for _ in items]


class LeaningSolver:
    """Says yes to all, but leans less to it where it is wrong."""

    name = "leaner"

    def answers(self, items: Sequence[Item], scenes: Scenes) -> list[Prediction]:
        return [Prediction(True, true_logit_margin=5.0 + bool(item.answer)) for item in items]


@dataclass
class InterruptedSolver:
    """The person at the terminal has enough after so many batches."""

    name: str
    batches: int

    def answers(self, items: Sequence[Item], scenes: Scenes) -> list[Prediction]:
        self.batches -= 1
        if self.batches < 0:
            raise KeyboardInterrupt
        return PerfectSolver().answers(items, scenes)


def first_scores(solver: Solver, task: str, count: int) -> dict[str, float]:
    questions = list(islice(sample_questions(task, "seen", count, 1), count))
    predictions = solver.answers([each.item for each in questions], [each.visible_scene for each in questions])
    rows = [AnsweredQuestion(*pair) for pair in zip(questions, predictions, strict=True)]
    return {name: interval.mean for name, interval in build_result(solver.name, rows).measures.items()}


@pytest.fixture(scope="module")
def perfect_report() -> SuiteReport:
    return run_suite(PerfectSolver(), FEW)


@pytest.mark.slow
def test_a_perfect_solver_scores_1_everywhere(perfect_report: SuiteReport) -> None:
    mine = [each for each in perfect_report.results if each.solver == "knower"]
    assert {each.task for each in mine} == set(TASKS) and len(mine) == 7 * 4 + 2 * 2
    for each in mine:
        if each.task in IMAGE_TASKS:  # as far as the judge knows all
            assert all(score.mean > 0.5 for score in each.measures.values() if score.count >= 10), each
            continue
        below = {name: score.mean for name, score in each.measures.items() if score.mean != pytest.approx(1)}
        assert set(below) <= {"CIDEr-D", "yes is right", "no is right"}, each
        assert all(score.count == 0 for name, score in each.measures.items() if name in below and name != "CIDEr-D")
        assert all(score.mean == 1 for by in each.slices.values() for score in by.values() if score.count)
    describe = perfect_report.result("describe")
    assert describe and describe.measures["CIDEr-D"].mean == pytest.approx(10)


@pytest.mark.slow
def test_results_are_split_by_task_split_language_kind_and_object_count(perfect_report: SuiteReport) -> None:
    ask = perfect_report.result("ask")
    assert ask and set(ask.slices) == {"language", "things", "kind"}
    assert set(ask.slices["language"]) == {"en", "zh"} and set(ask.slices["things"]) == {"1", "2", "3"}
    assert {"exists", "relation", "ground colour"} <= set(ask.slices["kind"])
    assert ask.measures["accuracy"].count == 20, "extra questions count for their kind alone"
    assert sum(score.count for score in ask.slices["kind"].values()) > 20
    for split in ("style", "identities", "triples"):
        assert perfect_report.result("locate", split) and perfect_report.result("locate", split, "majority")
    assert perfect_report.result("restore_text", "style") is None


@pytest.mark.slow
def test_the_same_seed_gives_the_same_report(perfect_report: SuiteReport) -> None:
    few = SuitePlan(("locate", "ask", "draw"), limit=5)
    assert run_suite(PerfectSolver(), few).results == run_suite(PerfectSolver(), few).results
    assert run_suite(PerfectSolver(), SuitePlan(limit=20, seed=2), baselines=False).result(
        "locate"
    ) != perfect_report.result("locate", solver="blind")


def test_answers_to_other_questions_score_at_chance_level() -> None:
    shuffled = {
        task: first_scores(ShufflingSolver(), task, 200) for task in ("matches", "locate", "describe", "detect")
    }
    assert shuffled["matches"]["AUC"] == pytest.approx(0.5, abs=0.1)
    assert shuffled["locate"]["Acc@0.5"] < 0.15 and shuffled["detect"]["F1@0.5"] < 0.05
    assert shuffled["describe"]["noun recall"] < 0.1 and shuffled["describe"]["exact"] < 0.05
    drawing_scores, restoring_scores = (
        first_scores(ShufflingSolver(), "draw", 30),
        first_scores(ShufflingSolver(), "restore_image", 30),
    )
    assert drawing_scores["objects"] < 0.1 and drawing_scores["as asked"] < 0.15 and restoring_scores["recall"] < 0.1


def test_missing_answers_are_wrong_and_counted() -> None:
    report = run_suite(
        SilentSolver(),
        SuitePlan(("locate", "detect", "matches", "restore_text", "draw", "restore_image"), limit=10),
        baselines=False,
    )
    assert report.unanswered == report.asked == report.planned
    assert "questions without an answer count as wrong" in str(report)
    scores = [score for each in report.results for score in each.measures.items()]
    assert all(score.mean == (0.5 if name == "AUC" else 0) for name, score in scores if score.count)


def test_the_yes_probability_ranks_even_if_the_answer_is_always_yes() -> None:
    scores = first_scores(LeaningSolver(), "matches", 60)
    assert scores["AUC"] == 1 and scores["yes is right"] == 1 and scores["no is right"] == 0


@pytest.mark.parametrize("solver", [MajorityBaseline(), QuestionOnlyBaseline()], ids=lambda each: each.name)
def test_question_only_baselines_do_not_solve_matches_and_existence(solver: Solver) -> None:
    assert first_scores(solver, "matches", 800)["AUC"] == pytest.approx(0.5, abs=0.06)
    questions = [
        each for each in islice(sample_questions("ask", "seen", 2_000, 1), 2_000) if each.item.kind == "exists"
    ]
    predictions = solver.answers([each.item for each in questions], [each.visible_scene for each in questions])
    right = [one.answer == each.item.answer for one, each in zip(predictions, questions, strict=True)]
    assert len(right) > 200 and sum(right) / len(right) == pytest.approx(0.5, abs=0.1)


def test_question_only_beats_majority_and_nearest_picture_beats_question_only() -> None:
    scores = [
        first_scores(solver, "ask", 400)["accuracy"]
        for solver in (MajorityBaseline(), QuestionOnlyBaseline(), NearestImageBaseline())
    ]
    assert scores == sorted(scores) and scores[0] > 0.15 and scores[2] < 0.75


def test_the_nearest_drawing_scores_higher_than_the_mean_drawing() -> None:
    mean, nearest = (first_scores(each, "draw", 30)["objects"] for each in (MajorityBaseline(), NearestImageBaseline()))
    assert mean < 0.05 < 0.3 < nearest < 0.9
    mean, nearest = (
        first_scores(each, "restore_image", 30)["PSNR"] for each in (MajorityBaseline(), NearestImageBaseline())
    )
    assert 5 < mean < nearest < 25


def test_the_nearest_picture_of_a_picture_is_itself() -> None:
    some = training_questions("describe_region")[:60]
    predictions = NearestImageBaseline().answers(
        [each.item for each in some], [training_scenes()[each.scene_index] for each in some]
    )
    assert [one.answer for one in predictions] == [each.item.answer for each in some]


def test_an_interrupted_suite_reports_partial_results() -> None:
    report = run_suite(InterruptedSolver("stopped", 3), SuitePlan(("locate", "ask"), limit=20), baselines=False)
    assert 0 < report.asked < report.planned
    assert report.result("locate") and not report.result("ask")
    assert f"stopped: these are the first of {report.planned:,} questions" in str(report)
    assert "1.000" in str(report)


def test_a_suite_interrupted_at_once_reports_only_the_interruption() -> None:
    report = run_suite(InterruptedSolver("stopped", 0), FEW, baselines=False)
    assert (report.asked, report.results) == (0, ()) and "stopped" in str(report)


@pytest.mark.slow
def test_a_report_is_saved_and_read(perfect_report: SuiteReport, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    perfect_report.save(file)
    assert SuiteReport.read(file) == perfect_report and file.read_text("utf-8").strip() == perfect_report.json()


@pytest.mark.slow
def test_a_report_that_cannot_be_saved_or_read_is_an_error(perfect_report: SuiteReport, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"score": 1}')
    for act, error, message in faults(perfect_report, tmp_path):
        with pytest.raises(error) as caught:
            act()
        assert message in error_text(caught.value)


def faults(perfect_report: SuiteReport, folder: Path) -> Iterator[tuple[object, type[PlaitError], str]]:
    yield lambda: perfect_report.save(folder / "report.md"), InputError, "written as .json, not report.md"
    yield lambda: perfect_report.save(folder / "none" / "report.json"), SettingsError, "cannot be written"
    yield lambda: SuiteReport.read(folder / "none.json"), InputError, "cannot be read"
    yield lambda: SuiteReport.read(folder / "other.json"), InputError, "is not a report of a suite"


@pytest.mark.slow
def test_the_table_has_every_task_and_measure_and_the_baselines_beside_them(perfect_report: SuiteReport) -> None:
    text = str(perfect_report)
    lines = text.splitlines()
    assert lines[0].startswith("unified · knower · seed 1 · ")
    assert all(name in lines[2] for name in ("knower", "n", "majority", "blind", "nearest"))
    for task, sheet in METRICS.items():
        assert task in lines and all(f"  {measure.name} " in text for measure in sheet)
    (line,) = [line for line in lines if line.startswith("  Acc@0.75")][:1]
    assert "1.000 [0.850, 1.000]" in line and line.split()[-4] == "20"
    assert max(map(len, lines)) <= 100


def test_a_task_that_is_not_in_the_suite_is_refused() -> None:
    with pytest.raises(InputError, match="home_command is not in the suite unified"):
        evaluate("majority", ["home_command"], 1, lambda line: None)


def test_scenes_are_rendered_at_the_picture_size_of_the_model() -> None:
    words = vocabulary()
    for side in (96, 160):
        solver = TrainedSolver("untrained", UnifiedModel(replace(SIZES["tiny"], side=side), words))
        questions = list(islice(sample_questions("locate", "seen", 4, 1), 4))
        predictions = solver.answers([each.item for each in questions], [each.visible_scene for each in questions])
        assert all(each.answer is not None for each in predictions)
        picture = solver.answer_request(questions[0].item, questions[0].visible_scene).image
        assert picture is not None and picture.shape == (side, side, 3)
