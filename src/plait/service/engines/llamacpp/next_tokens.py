"""Log-probabilities of the next token as the server computes them, with an adapter or without, sampling aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plait.foundation.cards.adapter import LoraAdapter
from plait.service.engines.llamacpp.adapters import lora_scales
from plait.service.engines.llamacpp.engine import NO_ADAPTER, LlamaCpp
from plait.service.supervisor.process_engine import too_long_error

NUM_CANDIDATES = 40  # tokens whose log-probabilities the server lists
FORCED = 1_000.0  # nats


@dataclass(frozen=True)
class NextTokens:
    """Asks an engine for the likeliest next tokens after given ones."""

    engine: LlamaCpp
    adapter: LoraAdapter | None = None

    async def log_probs(self, token_ids: Sequence[int]) -> Mapping[int, float]:
        """Log-probabilities of the likeliest tokens by their ids, in nats, before any grammar or temperature.

        Raises ContextTooLong, EngineError.
        """
        engine = self.engine
        if len(token_ids) >= engine.context:
            raise too_long_error(engine.name, len(token_ids), engine.context - 1, where=" here")
        # The server lists nothing beside the end of an answer or half a character, so it is made to write a letter.
        # What it lists are the probabilities before that.
        letter = (await engine.tokenizer.tokenize_text("a", control=False))[0]
        body: dict[str, Any] = {"prompt": list(token_ids), "n_predict": 1, "n_probs": NUM_CANDIDATES}
        body |= {"logit_bias": [[letter, FORCED]], "temperature": 0.0}
        if engine.adapters:
            body["lora"] = lora_scales(engine.adapters, self.adapter)
        owner = self.adapter.name if self.adapter else NO_ADAPTER
        async with engine.admission.reserve(len(token_ids) + 1):
            with engine.slots.reserve(owner, token_ids) as reservation:
                body |= {"id_slot": reservation.slot.number, "cache_prompt": not reservation.must_clear}
                response = await engine.post("/completion", body)
                reservation.confirm()
        (position,) = response["completion_probabilities"]
        return {each["id"]: each["logprob"] for each in position["top_logprobs"]}
