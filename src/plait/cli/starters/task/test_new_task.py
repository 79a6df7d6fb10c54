"""new_task, tested without a model: run pytest in this folder."""

from new_task import Opinion, new_task

from plait import engine
from plait.testing import check_task


def test_the_task_conforms() -> None:
    check_task(new_task)


def test_the_code_around_it_gets_a_typed_answer() -> None:
    script = {new_task: Opinion(about="delivery", stars=2, summary="It came three weeks late.")}
    with engine.scripted(script):
        assert new_task("Ordered in May, arrived in June.").stars < 3
