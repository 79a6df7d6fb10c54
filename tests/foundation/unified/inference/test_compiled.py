"""Compiling layers needs a C++ compiler; without one the error says so."""

import pytest

from plait.core.errors import EngineError, error_text
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.inference import compiled
from tests.support.tiny_weights import tiny_model


def test_without_a_compiler_the_error_has_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "which", lambda name: None)
    with pytest.raises(EngineError, match="compiled = true needs a C") as caught:
        compiled.compile_decoder_layers(tiny_model(), vocabulary())
    assert "install g++" in error_text(caught.value)
