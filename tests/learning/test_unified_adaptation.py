"""From pictures to a version of a unified model that answers, its origin and its way back: a tiny model, for real."""

from dataclasses import replace
from pathlib import Path

import pytest

from plait import Image
from plait.core.calls import event_loop
from plait.core.calls.scope import use_transport
from plait.core.engine.protocol import name_of_model
from plait.core.prompting.project import OWNER
from plait.foundation.cards.letterbox import middle_square
from plait.foundation.text.adapt_request import LoraConfig, SftConfig
from plait.learning.adaptation import adapt
from plait.learning.answer_origin import AnswerOrigin, origin_of_answer
from plait.learning.judged_run import AdaptedVersion, AdaptOptions
from plait.service.answer_lookup import find_answer
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import find_model
from plait.service.models.registry import current_registry
from plait.tasks.draw import draw
from plait.tasks.locate import locate
from tests.support.box_pictures import BOX, hold_out_drawings, noise_picture, write_captioned, write_shelf
from tests.support.tiny_weights import save_tiny_weights

pytestmark = pytest.mark.slow
CONFIG = SftConfig(LoraConfig(4, 8.0), learning_rate=1e-2, epochs=10)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    base = tmp_path / "tiny.safetensors"
    save_tiny_weights(base, {task.declaration.name: task.declaration.fingerprint for task in (locate, draw)})
    Path("plait.toml").write_text(f'[models.tiny]\npath = "{base}"\nthreads = 1\n')
    return write_shelf(tmp_path / "shelf", 60)


def adapt_to(shelf: Path, said: list[str] | None = None, config: SftConfig = CONFIG) -> AdaptedVersion:
    tell = (said if said is not None else []).append
    return adapt(locate.declaration, [shelf], find_model("tiny"), AdaptOptions(config, 1), tell)


def test_a_gain_is_promoted_answers_is_explained_and_taken_back(shelf: Path) -> None:
    said: list[str] = []
    adapted = adapt_to(shelf, said)
    verdict = adapted.verdict
    assert verdict.holds and adapted.is_promoted and adapted.name == "tiny/locate@1", str(verdict)
    assert verdict.score.mean > 0.7 > verdict.champion.score.mean and verdict.parity and not verdict.parity.fault
    assert verdict.parity.positions >= 100 and verdict.calibration.startswith("not calibrated")
    assert any("steps of 16 rows" in line for line in said)

    picture, transport = Image(noise_picture(1_000)), LocalTransport()
    with use_transport(transport):
        answer = locate.using("tiny", timeout=100).detailed(picture, "the mug")
        assert answer.model == "tiny/locate@1" and answer.value.iou(type(answer.value)(**BOX)) > 0.7
        origin = event_loop.run(origin_in(transport, answer.id))
        assert origin.version and origin.version.name == "tiny/locate@1" and origin.version.config["rank"] == 4
        assert len(origin.version.examples) == len(adapted.version.made_by.examples) > 20
        assert set(origin.version.packages) == {"plait", "torch"}
        version = adapted.version
        current_registry().rollback(version.project, version.name)
        event_loop.run(transport.aclose())  # nothing is loaded, so that the base need not take over
        assert name_of_model(locate.using("tiny", timeout=100).detailed(picture, "the mug").model) == "tiny"
    event_loop.run(transport.aclose())

    again = adapt_to(shelf)
    assert again.version.number == 1 and again.verdict == verdict, "a finished run is found"


async def origin_in(transport: LocalTransport, id: str) -> AnswerOrigin:
    answer = await find_answer(transport.answers, [locate.declaration], id, OWNER)
    return origin_of_answer(answer)


def test_a_folder_of_captioned_pictures_teaches_a_style_to_one_version_alone(shelf: Path, tmp_path: Path) -> None:
    folder = write_captioned(tmp_path / "stripes", 24)
    hold_out_drawings(folder, 20)
    adapted = adapt(draw.declaration, [folder], find_model("tiny"), AdaptOptions(replace(CONFIG, epochs=60), 1), print)
    verdict = adapted.verdict
    assert verdict.holds and adapted.name == "tiny/draw@1", str(verdict)
    assert verdict.parity and verdict.parity.rows == 44 and not verdict.parity.fault
    transport = LocalTransport()
    with use_transport(transport):
        striped, plain = (
            draw.using(model, timeout=100, seed=3)("a striped thing") for model in ("tiny/draw@1", "tiny-base")
        )
        event_loop.run(transport.aclose())
    assert adapted.version.made_by.config["rank"] == 4 and striped.size == plain.size == (64, 64)
    right, likeness = middle_square(Image(folder / "0.png"), 64), draw.declaration.answer.score
    assert likeness(striped, right) > likeness(plain, right) + 0.05
