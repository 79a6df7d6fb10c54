"""Orders that are computed, not kept: where a run goes on, nothing but a number need be known.

Plain hashes, no library's generator: what numpy draws from a seed may change with its version, and a run that goes on
under a newer one would see some rows twice.
"""

import hashlib
import struct

ROUNDS = 8


def hash64(*numbers: int) -> int:
    """64 bits that follow from these numbers (each below 2**63, by its sign too) and look as if drawn."""
    packed = struct.pack(f"<{len(numbers)}q", *numbers)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "little")


def permuted_index(index: int, length: int, *key: int) -> int:
    """Where `index` goes in the permutation of range(length) that the key names.

    A balanced Feistel network over the next even power of two, walked on until it is back within the length (Black and
    Rogaway 2002, "Ciphers with arbitrary finite domains"): at most four steps in the mean.
    """
    half = max(1, ((length - 1).bit_length() + 1) // 2)
    while True:
        index = feistel(index, half, key)
        if index < length:
            return index


def feistel(number: int, half_bits: int, key: tuple[int, ...]) -> int:
    """A permutation of the numbers of twice `half` bits."""
    mask = (1 << half_bits) - 1
    left, right = number >> half_bits, number & mask
    for round_number in range(ROUNDS):
        left, right = right, left ^ (hash64(*key, round_number, right) & mask)
    return (left << half_bits) | right
