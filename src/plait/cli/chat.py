"""`plait chat`: talk with a model in the terminal."""

from dataclasses import replace

import click

from plait.core.calls import event_loop
from plait.core.calls.transport import transport
from plait.core.engine.conversation import Conversation, SamplingOptions
from plait.core.engine.protocol import TextDelta
from plait.core.errors import PlaitError, error_text
from plait.core.prompting.prompt import Message

GREETING = "Ctrl-C stops an answer, /new starts a new conversation, Ctrl-D ends."


@click.command()
@click.option("--model", help="The model to talk with.")
@click.option("--system", default="You are a helpful assistant.", help="The system message.")
@click.option("--seed", type=int, help="A whole number: the same seed gives the same answers.")
@click.option("--temperature", type=float, help="0 gives the most likely answer, 1 a varied one.")
def chat(model: str | None, system: str, seed: int | None, temperature: float | None) -> None:
    """Talk with a model."""
    opening = Conversation((Message("system", system),), model, SamplingOptions(temperature=temperature, seed=seed))
    conversation = opening
    click.echo(GREETING, err=True)
    while (line := read_line()) is not None:
        if line == "/new":
            conversation = opening
        elif line:
            conversation = with_answer(with_message(conversation, "user", line))


def with_message(conversation: Conversation, role: str, text: str) -> Conversation:
    return replace(conversation, messages=(*conversation.messages, Message(role, text)))


def read_line() -> str | None:
    """The next line from the terminal; None at the end."""
    try:
        return input("> ").strip()
    except EOFError:
        click.echo(err=True)
        return None
    except KeyboardInterrupt:
        click.echo(err=True)
        return ""


def with_answer(conversation: Conversation) -> Conversation:
    """Appends the model's answer to the conversation. A stopped answer stays; a question that fails is removed."""
    answer = ""
    try:
        for event in event_loop.iterate(transport().chat(conversation)):
            if isinstance(event, TextDelta):
                answer += event.text
                click.echo(event.text, nl=False)
            elif event.reason != "stop":
                click.echo(" … (cut off: raise answer_tokens in plait.toml)", nl=False, err=True)
    except KeyboardInterrupt:
        click.echo(" …", nl=False)
    except PlaitError as error:
        click.echo(error_text(error), err=True)
        return replace(conversation, messages=conversation.messages[:-1])
    click.echo()
    return with_message(conversation, "assistant", answer)
