"""CRC-32C (Castagnoli) of bytes, as miniSEED 3 asks for. Knows no records.

A CRC is linear: the effect of each byte, followed by so many zeros, is looked up, and all are added without carry.
Source: RFC 3309 (2002), polynomial 0x1EDC6F41, reversed 0x82F63B78.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from foreshock.types.arrays import AnyArray

BLOCK = 1024
_REVERSED = 0x82F63B78


def crc32c(content: bytes) -> int:
    """The checksum of bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    effect, places = _effects()
    state = 0xFFFFFFFF
    for first in range(0, len(content), BLOCK):
        part = np.frombuffer(content, np.uint8, count=min(BLOCK, len(content) - first), offset=first)
        n = len(part)
        if n < 4:
            for byte in part.tolist():
                state = int(effect[(state ^ byte) & 255]) ^ state >> 8
            continue
        mixed = part.copy()
        mixed[:4] ^= np.frombuffer(state.to_bytes(4, "little"), np.uint8)
        state = int(np.bitwise_xor.reduce(effect[places[BLOCK - n :] + mixed]))
    return state ^ 0xFFFFFFFF


@cache
def _effects() -> tuple[AnyArray, AnyArray]:
    """What a byte leaves behind, flat by zeros after it and value; and where each place's row begins, last one 0."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & np.uint32(1), table >> np.uint32(1) ^ np.uint32(_REVERSED), table >> np.uint32(1))
    rows = np.empty((BLOCK, 256), np.uint32)
    rows[0] = table
    for k in range(1, BLOCK):
        rows[k] = table[rows[k - 1] & np.uint32(255)] ^ rows[k - 1] >> np.uint32(8)
    return rows.ravel(), np.arange(BLOCK - 1, -1, -1) * 256
