"""A request that resumes an adaptation is the one that began it, or there is none."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from plait.foundation.text.adapt_request import LoraConfig, method_config
from plait.learning.adapt_options import METHODS, AdaptRequestOptions, request_options
from plait.learning.adaptation import request_of
from plait.learning.judged_run import AdaptOptions
from plait.service.engines.llamacpp.config import Config
from plait.service.models.discovery import Model

REQUESTS = st.builds(
    AdaptRequestOptions,
    model=st.just("tiny"),
    method=st.sampled_from(METHODS),
    gate_rows=st.integers(1, 500),
    promote=st.booleans(),
    epochs=st.none() | st.integers(1, 100),
    learning_rate=st.none() | st.floats(1e-6, 1.0),
    from_base=st.booleans(),
)


@given(REQUESTS)
def test_the_request_of_a_configuration_is_the_one_that_made_it(request: AdaptRequestOptions) -> None:
    config = method_config(request.method, epochs=request.epochs or 0, learning_rate=request.learning_rate)
    again = request_options(
        [], request.model, config, request.gate_rows, promote=request.promote, from_base=request.from_base
    )
    assert not request.fault and again == request


def test_what_a_request_cannot_say_has_none() -> None:
    config = method_config("sft")
    assert request_options([], "tiny", config, 120, promote=True) == AdaptRequestOptions("tiny")
    assert request_options([Path("rows.jsonl")], "tiny", config, 120, promote=True) is None
    assert request_options([], "tiny", method_config("sft", LoraConfig(rank=4)), 120, promote=True) is None
    assert request_options([], "tiny", method_config("reward"), 120, promote=True) is None


def test_options_that_no_page_has_leave_an_adaptation_to_its_command() -> None:
    model = Model("tiny", Config(path=Path("tiny.gguf")))
    assert request_of([], model, AdaptOptions()) == AdaptRequestOptions("tiny")
    for options in (AdaptOptions(quantized=True), AdaptOptions(processes=2), AdaptOptions(reward="rules.py:brief")):
        assert request_of([], model, options) is None
