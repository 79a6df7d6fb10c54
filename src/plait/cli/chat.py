"""`plait chat`: talk with a model in the terminal."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

import click

from plait.core.calls import event_loop
from plait.core.calls.transport import transport
from plait.core.engine.chat import stop_at_repetition
from plait.core.engine.conversation import Conversation, SamplingOptions
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.errors import PlaitError, error_text
from plait.core.prompting.prompt import Message
from plait.core.suggestions import nearest_name
from plait.core.task.options import MAX_SEED
from plait.core.values.quoting import shorten

GREETING = "Ctrl-C stops an answer, /help lists the commands, Ctrl-D ends."
HELP = """\
/new     start a new conversation
/retry   drop the last answer and ask again, with another seed
/help    list the commands
/exit    end, as /quit and Ctrl-D do
//text   send a text that begins with a slash"""
EXIT_COMMANDS = ("/exit", "/quit")
CUTS = {
    "length": "cut off: raise answer_tokens in plait.toml",
    "repetition": "stopped: the model repeats itself; /retry asks again",
}


@click.command()
@click.option("--model", help="The model to talk with.")
@click.option("--system", default="You are a helpful assistant.", help="The system message.")
@click.option("--seed", type=int, help="A whole number: the same seed gives the same answers.")
@click.option("--temperature", type=float, help="0 gives the most likely answer, 1 a varied one.")
def chat(model: str | None, system: str, seed: int | None, temperature: float | None) -> None:
    """Talk with a model. /help lists the commands."""
    sampling = SamplingOptions(temperature=temperature, seed=seed)
    session = ChatSession(Conversation((Message("system", system),), model, sampling))
    click.echo(GREETING, err=True)
    while (line := read_line()) is not None and line not in EXIT_COMMANDS:
        session.handle(line)


class ChatSession:
    """A conversation in the terminal. `retries` counts how often its last question was asked again."""

    def __init__(self, opening: Conversation) -> None:
        self.opening = self.conversation = opening
        self.retries = 0

    @property
    def commands(self) -> dict[str, Callable[[], None]]:
        return {"/new": self.restart, "/retry": self.retry, "/help": lambda: click.echo(HELP, err=True)}

    def handle(self, line: str) -> None:
        """Runs a command, or sends a text."""
        if line in self.commands:
            self.commands[line]()
        elif line.startswith("/") and not line.startswith("//"):
            click.echo(self.unknown_command(line), err=True)
        elif line:
            self.retries = 0
            self.ask(line.removeprefix("/") if line.startswith("//") else line)

    def unknown_command(self, line: str) -> str:
        name = line.split()[0]
        nearest = nearest_name(name, (*self.commands, *EXIT_COMMANDS))
        hint = f"did you mean {nearest}?" if nearest else "/help lists the commands"
        reason = "is not a command" if name == line else "is not a command with words after it"
        as_text = f"sent as a text with a second slash: /{shorten(line, 60)}"
        return f"{name} {reason}; nothing was sent\n  → {hint}\n  → {as_text}"

    def restart(self) -> None:
        self.conversation, self.retries = self.opening, 0

    def ask(self, text: str) -> None:
        self.answer(with_message(self.conversation, "user", text))

    def retry(self) -> None:
        """Asks the last question again. It cannot be another answer at temperature 0, which the person is told."""
        *before, last = self.conversation.messages
        if last.role != "assistant":
            click.echo("there is no answer to drop yet", err=True)
            return
        if self.conversation.sampling.temperature == 0:
            click.echo("at temperature 0 every seed gives the same answer", err=True)
        self.retries += 1
        self.answer(replace(self.conversation, messages=tuple(before)))

    def answer(self, question: Conversation) -> None:
        """Prints the next answer. A stopped one joins the conversation; one that fails changes nothing."""
        text = ""
        try:
            for event in event_loop.iterate(answer_deltas(with_seed(question, self.retries))):
                if isinstance(event, TextDelta):
                    text += event.text
                    click.echo(event.text, nl=False)
                elif event.reason in CUTS:
                    click.echo(f" … ({CUTS[event.reason]})", nl=False, err=True)
        except KeyboardInterrupt:
            click.echo(" …", nl=False)
        except PlaitError as error:
            click.echo(error_text(error), err=True)
            return
        click.echo()
        self.conversation = with_message(question, "assistant", text)


def with_message(conversation: Conversation, role: str, text: str) -> Conversation:
    return replace(conversation, messages=(*conversation.messages, Message(role, text)))


def with_seed(conversation: Conversation, retries: int) -> Conversation:
    """The conversation with the seed of a retry. Without a chosen seed each answer has a fresh one."""
    seed = conversation.sampling.seed
    if seed is None:
        return conversation
    return replace(conversation, sampling=replace(conversation.sampling, seed=(seed + retries) % (MAX_SEED + 1)))


async def answer_deltas(conversation: Conversation) -> AsyncGenerator[TextDelta | Finish, None]:
    """The next message, stopped when it begins to repeat itself: a person asks again rather than reads on."""
    async with (
        aclosing(transport().chat(conversation)) as deltas,
        aclosing(stop_at_repetition(deltas)) as checked,
    ):
        async for delta in checked:
            yield delta


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
