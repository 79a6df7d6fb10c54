"""`plait why ID`: where an answer came from: model, version, the examples that taught it, gate, feedback"""

import click

from plait.cli.recent_answers import LAST, find_kept
from plait.cli.standard_streams import echo_json
from plait.client.http_transport import HttpTransport, answer_path
from plait.client.nearby import NearbyTransport
from plait.core.calls import event_loop
from plait.core.calls.transport import nearby_transport
from plait.core.errors import AnswerNotFound
from plait.learning.answer_origin import ORIGIN, AnswerOrigin, origin_of_answer, origin_of_row
from plait.learning.origin_text import feedback_facts, origin_facts
from plait.service.answer_lookup import recorded_row
from plait.web.origin_texts import ORIGIN_STRINGS


@click.command()
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, with the ids of the examples.")
def why(id: str, as_json: bool) -> None:
    """Say where an answer came from. ID stands in the output of `plait run --detailed`; `last` is the last answer.

    A recorded answer is explained whoever asked for it; of another one only what is still known: the model and what
    people said. Its inputs are not kept.
    """
    origin = find_origin(find_kept(LAST).record.id if id == LAST else id)
    if as_json:
        echo_json(ORIGIN.dump_json(origin).decode())
        return
    strings = ORIGIN_STRINGS["en"]
    facts = origin_facts(origin, strings)
    facts += [(strings.feedback, f"{person}: {text}") for person, text in feedback_facts(origin, strings)]
    width = max(len(label) for label, _ in facts)
    click.echo(origin.id)
    for label, text in facts:
        click.echo(f"  {label.lower():<{width}}  {printable(text)}")


def find_origin(id: str) -> AnswerOrigin:
    """The answer's origin: recorded here, else kept by `plait run`, else known to the server. Raises AnswerNotFound."""
    row = recorded_row(id, None)
    if row is not None:
        return origin_of_row(row)
    try:
        return origin_of_answer(find_kept(id).record)
    except AnswerNotFound:
        current = nearby_transport()
        server = current.server if isinstance(current, NearbyTransport) else current
        if not isinstance(server, HttpTransport):
            raise
        return ORIGIN.validate_python(event_loop.run(server.get(f"{answer_path(id)}/why")))


def printable(text: str) -> str:
    """The text without characters that could change what a terminal shows."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
