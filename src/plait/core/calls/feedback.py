"""What a person says about answers: right or wrong, a number, a comment, or that one is better than another.

It is about one answer, or about the answers of an episode alike. A correction is made with `task.correct`.
"""

import math
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import cast

from plait.core.calls import event_loop
from plait.core.calls.transport import transport
from plait.core.errors import InputError, InputTooLarge, Problem
from plait.core.suggestions import did_you_mean
from plait.core.values.json_value import Json
from plait.core.values.quoting import shorten

MAX_LABEL = 200  # characters of a person or of the id of an episode
MAX_COMMENT = 10_000  # characters
MAX_ANSWERS = 100  # of an episode
FIELDS = ("answer", "answers", "right", "score", "comment", "better_than", "episode", "user")
HINT = 'send {"answer": ID, "right": true}, or "score", "comment", "better_than"; "answers": [ID, ...] for an episode'


@dataclass(frozen=True)
class Feedback:
    """Feedback on answers by their ids. `score` is from 0 to 1; `user` is a label of the person, "" for nobody.

    `better_than` is an answer to the same inputs over which this one is chosen. Several answers share an `episode`.
    """

    answers: tuple[str, ...]
    right: bool | None = None
    score: float | None = None
    comment: str = ""
    better_than: str = ""
    episode: str = ""
    user: str = ""

    @property
    def json_value(self) -> dict[str, Json]:
        return cast("dict[str, Json]", {**asdict(self), "answers": list(self.answers)})


def feedback(
    answer: str | Iterable[str],
    *,
    right: bool | None = None,
    score: float | None = None,
    comment: str = "",
    better_than: str = "",
    episode: str = "",
    user: str = "",
) -> Feedback:
    """Says about an answer, by its id, whether it is right, how good it is, or that it is better than another one.

    Several ids are an episode: the same is said about each. It is on disk on return. Raises AnswerNotFound, InputError.
    """
    answers = [answer] if isinstance(answer, str) else list(answer)
    given = checked_feedback(
        {"answers": answers, "right": right, "score": score, "comment": comment, "better_than": better_than,
         "episode": episode, "user": user}
    )  # fmt: skip
    event_loop.run(transport().feedback(given))
    return given


def feedback_from_json(json_value: Json) -> Feedback:
    """The feedback of a JSON object, as it is sent over HTTP. Raises InputError for another form."""
    if not isinstance(json_value, dict):
        raise feedback_error("", "should be an object", json_value, HINT)
    for name in json_value:
        if name not in FIELDS:
            raise feedback_error(name, "is not a field of feedback", json_value[name], did_you_mean(name, FIELDS, HINT))
    if ("answer" in json_value) == ("answers" in json_value):
        given = json_value.get("answer")
        raise feedback_error("answer", 'should be one id, or "answers" those of an episode instead', given, HINT)
    answers = json_value["answers"] if "answers" in json_value else [json_value["answer"]]
    return checked_feedback({**json_value, "answers": answers})


def checked_feedback(fields: Mapping[str, object]) -> Feedback:
    """Raises InputError for a value of another form, and if nothing is said."""
    ids, right, score = check_ids(fields["answers"]), fields.get("right"), fields.get("score")
    if not isinstance(right, bool | None):
        raise feedback_error("right", "should be true or false", right, HINT)
    comment, better_than = check_comment(fields.get("comment")), fields.get("better_than") or ""
    if not isinstance(better_than, str) or (better_than and (len(ids) > 1 or better_than in ids)):
        raise feedback_error("better_than", "should be the id of another answer, for one answer", better_than, HINT)
    checked = None if score is None else check_score(score)
    if right is None and checked is None and not comment and not better_than:
        missing = Problem("right", "is missing, and so are score, comment and better_than", "")
        raise InputError("feedback says nothing", problems=(missing,), hint=HINT)
    episode = check_label(fields.get("episode") or "", "episode") or (secrets.token_hex(8) if len(ids) > 1 else "")
    return Feedback(ids, right, checked, comment, better_than, episode, check_label(fields.get("user") or "", "user"))


def check_ids(answers: object) -> tuple[str, ...]:
    """The ids of answers, each once."""
    ids = cast("list[object]", answers) if isinstance(answers, list) else []
    texts = [each for each in ids if isinstance(each, str) and each]
    if not 0 < len(texts) == len(ids) <= MAX_ANSWERS:
        raise feedback_error("answers", f"should be 1 to {MAX_ANSWERS} ids of answers", cast("object", answers), HINT)
    return tuple(dict.fromkeys(texts))


def check_score(score: object) -> float:
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score) or not 0 <= score <= 1:
        raise feedback_error("score", "should be a number from 0 to 1", score, HINT)
    return float(score)


def check_comment(comment: object) -> str:
    """The comment without spaces around it. Raises InputError, InputTooLarge."""
    if comment is None:
        return ""
    if not isinstance(comment, str) or not is_storable(comment):
        raise feedback_error("comment", "should be a text without the character NUL", comment, HINT)
    if len(comment) > MAX_COMMENT:
        raise InputTooLarge(
            f"the comment has {len(comment):,} characters; {MAX_COMMENT:,} are accepted", hint="shorten the comment"
        )
    return comment.strip()


def check_label(label: object, name: str) -> str:
    """A person or an episode: a short text that can be printed. Raises InputError."""
    if isinstance(label, str) and len(label) <= MAX_LABEL and (not label or label.isprintable()):
        return label.strip()
    raise feedback_error(
        name, f"should be a text of up to {MAX_LABEL} characters, without control characters", label, f"{name}=anna"
    )


def is_storable(text: str) -> bool:
    """Whether every database can store the text: no NUL, no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def feedback_error(name: str, message: str, value: object, hint: str) -> InputError:
    value_text = shorten(ascii(value), 80, with_length=True)
    return InputError("feedback is not accepted", problems=(Problem(name, message, value_text),), hint=hint)
