"""`plait feedback ID`: say whether an answer is right, how good it is, or that it is better than another one"""

from collections.abc import Sequence
from dataclasses import replace

import click

from plait.cli.correct import asks_another_machine
from plait.cli.program_name import as_called
from plait.cli.recent_answers import LAST, find_kept
from plait.core.calls import event_loop
from plait.core.calls.feedback import Feedback, checked_feedback
from plait.core.calls.transport import transport
from plait.core.errors import AnswerNotFound, InputError
from plait.service.answer_feedback import ratable_answer, store_ratings


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--right", is_flag=True, help="The answer is right.")
@click.option("--wrong", is_flag=True, help="The answer is wrong.")
@click.option("--score", type=float, metavar="X", help="How good it is, from 0 to 1.")
@click.option("--comment", default="", metavar="TEXT", help="Anything else.")
@click.option("--better-than", default="", metavar="ID", help="Another answer to the same inputs, which is worse.")
@click.option("--user", default="", metavar="NAME", help="Who says so: a label.")
def feedback(
    ids: tuple[str, ...], right: bool, wrong: bool, score: float | None, comment: str, better_than: str, user: str
) -> None:
    """Say what an answer is like: `plait feedback ID --right`. Several IDs are an episode; `last` is the last answer.

    It is kept in the database and trains nothing by itself: `plait correct` makes an answer an example. An answer that
    was recorded and is right can serve to evaluate.
    """
    if right and wrong:
        raise InputError("an answer is right or wrong, not both", hint=f"plait feedback {ids[0]} --right")
    verdict = True if right else False if wrong else None
    fields = {"right": verdict, "score": score, "comment": comment, "better_than": better_than, "user": user}
    given = checked_feedback({**fields, "answers": list(ids)})
    given = replace(given, answers=tuple(map(full_id, given.answers)), better_than=full_id(given.better_than))
    store(given)
    click.echo(f"kept: {', '.join(feedback_words(given))}" + (f" (episode {given.episode})" if given.episode else ""))
    if given.right:
        click.echo(as_called(f"plait correct {given.answers[0]} --right makes it an example as well"), err=True)
    elif given.right is False:
        click.echo(as_called(f"plait correct {given.answers[0]} --FIELD VALUE says what is right"), err=True)


def full_id(id: str) -> str:
    return find_kept(LAST).record.id if id == LAST else id


def feedback_words(given: Feedback) -> Sequence[str]:
    """The parts of the feedback in words."""
    return [
        *([] if given.right is None else ["right" if given.right else "wrong"]),
        *([] if given.score is None else [f"score {given.score:g}"]),
        *(["a comment"] if given.comment else []),
        *([f"better than {given.better_than}"] if given.better_than else []),
    ]


def store(given: Feedback) -> None:
    """Stores it where the answer was given, else here if `plait run` kept the answer. Raises AnswerNotFound."""
    try:
        event_loop.run(transport().feedback(given))
    except AnswerNotFound:
        if asks_another_machine():
            raise
        known = {id: ratable_answer(find_kept(id).record) for id in (*given.answers, given.better_than) if id}
        store_ratings([known[id] for id in given.answers], given, known)
