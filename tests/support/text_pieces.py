"""Texts in pieces, as tokens are."""


def pieces_of(text: str, cuts: list[int]) -> list[bytes]:
    """The bytes of a text cut at some places, and the end."""
    content = text.encode()
    ends = sorted({cut % (len(content) + 1) for cut in cuts} | {len(content)})
    return [*(content[start:end] for start, end in zip([0, *ends], ends, strict=False) if end > start), b""]
