"""Token ids of conversations and answers as this engine's process has them, for the rows that a model learns from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from plait.core.prompting.prompt import Prompt
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.vocabulary import TokenTexts, read_vocabulary
from plait.service.engines.llamacpp.engine import LlamaCpp


@dataclass(frozen=True)
class LlamaRowTokenizer:
    """Tokenizes through the server of an engine (plait.learning.token_rows.RowTokenizer)."""

    engine: LlamaCpp

    @cached_property
    def end_of_answer(self) -> list[int]:
        """The ids of the token that ends an answer; filled by the first answer."""
        return []

    @property
    def token_texts(self) -> TokenTexts:
        """The texts of all tokens that a model may write."""
        return self.texts_of_file

    @cached_property
    def texts_of_file(self) -> TokenTexts:
        return read_vocabulary(read_gguf_header(self.engine.load_options.path)).written_texts

    async def prompt_tokens(self, prompt: Prompt) -> list[int]:
        """Token ids of a conversation, up to where the answer begins."""
        return await self.engine.tokenizer.tokenize_prompt(prompt)

    async def answer_tokens(self, text: str) -> tuple[list[int], list[bytes]]:
        """Token ids of an answer with the bytes of each; last the end of the answer, which has none."""
        body = {"content": text, "add_special": False, "parse_special": False, "with_pieces": True}
        tokens = (await self.engine.post("/tokenize", body))["tokens"] if text else []
        if not self.end_of_answer:
            self.end_of_answer[:] = await self.end_token_ids()  # several answers may be the first at the same time
        return [*(each["id"] for each in tokens), *self.end_of_answer], [*map(piece_bytes, tokens), b""]

    async def end_token_ids(self) -> list[int]:
        server = await self.engine.ensure_running()
        end = (await server.http.get("/props")).raise_for_status().json()["eos_token"]
        return await self.engine.tokenizer.tokenize_text(end, control=True)


def piece_bytes(token: dict[str, Any]) -> bytes:
    """The bytes of a token: a text, or a list of bytes if they are not UTF-8."""
    piece = token["piece"]
    return piece.encode() if isinstance(piece, str) else bytes(piece)
