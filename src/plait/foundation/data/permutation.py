"""Computed permutations: a run resumes from a number, with no stored order.

Plain hashes instead of a library's generator: the output of numpy for a seed may change with its version, and a run
resumed under a newer one would read some rows twice.
"""

import hashlib
import struct

ROUNDS = 8


def hash64(*numbers: int) -> int:
    """Pseudo-random 64-bit hash of these numbers (each below 2**63; the sign counts)."""
    packed = struct.pack(f"<{len(numbers)}q", *numbers)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "little")


def permuted_index(index: int, length: int, *key: int) -> int:
    """Position of `index` in the permutation of range(length) that `key` selects.

    A balanced Feistel network over the next even power of two, iterated until the result is below `length` (Black and
    Rogaway 2002, "Ciphers with arbitrary finite domains"): at most four iterations on average.
    """
    half = max(1, ((length - 1).bit_length() + 1) // 2)
    while True:
        index = feistel(index, half, key)
        if index < length:
            return index


def feistel(number: int, half_bits: int, key: tuple[int, ...]) -> int:
    """Permutation of the numbers with twice `half_bits` bits."""
    mask = (1 << half_bits) - 1
    left, right = number >> half_bits, number & mask
    for round_number in range(ROUNDS):
        left, right = right, left ^ (hash64(*key, round_number, right) & mask)
    return (left << half_bits) | right
