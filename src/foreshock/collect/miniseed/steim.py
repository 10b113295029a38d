"""Steim: differences of whole numbers packed into frames of 64 bytes, Steim-1 and Steim-2, read and written.

Many records are unpacked together, because the cost lies in the number of array operations, not in their length.
Source: SEED manual 2.4, appendix B (FDSN, 2012). Knows no headers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foreshock.types.arrays import AnyArray, Bools, Ints

FRAME_BYTES = 64
WORDS = 16
MOST_IN_A_WORD = 7
BAD = -1
"""Count of a word whose code means nothing."""
CODELESS = "its Steim frames hold a code that means nothing"
ENDLESS = "its Steim frames do not end on the sample they promise"

_CODE_SHIFTS = np.arange(30, -2, -2, dtype=np.uint32)
_STEIM1 = {1: (4, 8), 2: (2, 16), 3: (1, 32)}
_STEIM2 = {(1, None): (4, 8), (2, 1): (1, 30), (2, 2): (2, 15), (2, 3): (3, 10)} | {
    (3, 0): (5, 6),
    (3, 1): (6, 5),
    (3, 2): (7, 4),
}
_PACKED = ((7, 4, 3, 2), (6, 5, 3, 1), (5, 6, 3, 0), (4, 8, 1, 0), (3, 10, 2, 3), (2, 15, 2, 2), (1, 30, 2, 1))
"""How differences are packed, most in a word first: how many, bits of each, code, and the two bits in the word."""
_TOO_WIDE = np.array([1 << (bits - 1) for _, bits, _, _ in _PACKED])


def _tables(steim: int) -> tuple[Ints, AnyArray, AnyArray, AnyArray]:
    """By code and top two bits: how many, left and right shifts (kind, place), and which places hold a number."""
    count = np.zeros(16, np.int64)
    left, right = np.zeros((16, MOST_IN_A_WORD), np.uint32), np.zeros((16, MOST_IN_A_WORD), np.int32)
    for kind in range(4, 16):
        code, top = divmod(kind, 4)
        n, bits = _STEIM1[code] if steim == 1 else _STEIM2.get((code, None if code == 1 else top), (BAD, 0))
        count[kind] = n
        if n > 0:
            left[kind, :n] = 32 - n * bits + bits * np.arange(n)
            right[kind, :n] = 32 - bits
    return count, left, right, np.arange(MOST_IN_A_WORD) < count[:, None]


_TABLES = {1: _tables(1), 2: _tables(2)}


def unpack(payloads: Sequence[bytes], n_samples: Sequence[int], *, steim: int) -> list[AnyArray | str]:
    """Unpack the samples of records, each as int32, or say in words why one cannot be.

    Args:
        payloads: the frames of each record.
        n_samples: how many samples each header promises, all above 0.
        steim: 1 or 2.

    >>> frame = pack(np.array([5, 7, 4], np.int32), before=0, frames=1, steim=2)[0][0]
    >>> unpack([frame], [3], steim=2)[0].tolist()
    [5, 7, 4]
    """
    whole = [len(one) // FRAME_BYTES * FRAME_BYTES for one in payloads]
    told: list[AnyArray | str] = ["its payload holds no frame"] * len(payloads)
    groups: dict[int, list[int]] = {}
    for number, size in enumerate(whole):
        if size:
            groups.setdefault(size, []).append(number)
    for size, numbers in groups.items():
        if len(numbers) == 1:
            (number,) = numbers
            told[number] = _alone(np.frombuffer(payloads[number], ">u4", size // 4), n_samples[number], steim)
            continue
        words = np.frombuffer(b"".join([payloads[k][:size] for k in numbers]), ">u4").astype(np.uint32)
        promised = np.array([n_samples[k] for k in numbers])
        for number, samples in zip(numbers, _unpacked(words.reshape(len(numbers), -1), promised, steim), strict=True):
            told[number] = samples
    return told


def _alone(stored: AnyArray, n: int, steim: int) -> AnyArray | str:
    """Unpack one record, (word,), by fewer operations than many together take."""
    count, left, right, held = _TABLES[steim]
    words = stored.astype(np.uint32)
    codes = (words[::WORDS, None] >> _CODE_SHIFTS & np.uint32(3)).ravel()
    codes[::WORDS] = 0
    codes[1:3] = 0
    used = codes.nonzero()[0]
    taken = words[used]
    kind = codes[used] << np.uint32(2) | taken >> np.uint32(30)
    if count[kind].min(initial=0) < 0:
        return CODELESS
    differences = ((taken[:, None] << left[kind]).view(np.int32) >> right[kind])[held[kind]]
    if len(differences) < n:
        return _short(len(differences), n)
    differences[0] = words[1:2].view(np.int32)[0]
    sums = differences[:n].cumsum(dtype=np.int64)
    return sums.astype(np.int32) if sums[-1] == words[2:3].view(np.int32)[0] else ENDLESS


def _short(held: int, promised: int) -> str:
    return f"its Steim frames hold {held} of the {promised} samples its header promises"


def _unpacked(words: AnyArray, promised: Ints, steim: int) -> list[AnyArray | str]:
    """Unpack records of one length, (record, word)."""
    count, left, right, held = _TABLES[steim]
    n_records = len(words)
    codes = (words[:, ::WORDS, None] >> _CODE_SHIFTS & np.uint32(3)).reshape(n_records, -1)
    codes[:, ::WORDS] = 0
    codes[:, 1:3] = 0
    kinds = (codes << np.uint32(2)) | (words >> np.uint32(30))
    counts = count[kinds]
    used = counts.ravel().nonzero()[0]
    kind = kinds.ravel()[used]
    values = (words.ravel()[used, None] << left[kind]).view(np.int32) >> right[kind]
    differences = values[held[kind]]
    bad: Bools = np.any(counts < 0, axis=1)
    total = np.where(counts > 0, counts, 0).sum(1)
    return _summed(differences, total, promised, first=words[:, 1], last=words[:, 2], bad=bad)


def _summed(
    differences: AnyArray, total: Ints, promised: Ints, *, first: AnyArray, last: AnyArray, bad: Bools
) -> list[AnyArray | str]:
    """Sum differences up from each record's first sample, and compare with its last."""
    first, last = first.view(np.int32), last.view(np.int32)
    starts = total.cumsum() - total
    begun = total > 0
    values = differences.astype(np.int64)
    values[starts[begun]] = first[begun]
    sums = np.concatenate([[0], values.cumsum()])
    before = sums[starts]
    samples = (sums[1:] - before.repeat(total)).astype(np.int32)
    ends = sums[starts + np.minimum(promised, total)] - before
    told: list[AnyArray | str] = []
    for k, (start, n) in enumerate(zip(starts.tolist(), promised.tolist(), strict=True)):
        if bad[k]:
            told.append(CODELESS)
        elif total[k] < n:
            told.append(_short(int(total[k]), n))
        elif ends[k] != last[k]:
            told.append(ENDLESS)
        else:
            told.append(samples[start : start + n])
    return told


def pack(samples: AnyArray, *, before: int, frames: int, steim: int = 2) -> list[tuple[bytes, int]] | None:
    """Pack int32 samples into payloads of at most `frames` frames; give each with how many samples it holds.

    Args:
        samples: int32, (time,).
        before: the sample before the first one; any will do where there is none.
        frames: the most of one record.
        steim: 2; Steim-1 is read, not written.

    Returns:
        None where a difference needs more than the 30 bits Steim-2 has.
    """
    assert steim == 2
    wide = samples.astype(np.int64)
    differences = np.diff(wide, prepend=before)
    if differences.min() < -(1 << 29) or differences.max() >= 1 << 29:
        return None
    at, way = _chosen(differences)
    words = _words(differences, at, way)
    codes = np.array([code for _, _, code, _ in _PACKED], np.uint32)[way]
    room = frames * (WORDS - 1) - 2
    ends = np.append(at[room::room], len(samples)).tolist()
    packed, start = [], 0
    for number, end in enumerate(ends):
        part = slice(number * room, (number + 1) * room)
        packed.append((_framed(words[part], codes[part], int(wide[start]), int(wide[end - 1])), end - start))
        start = end
    return packed


def _chosen(differences: Ints) -> tuple[Ints, Ints]:
    """Where each word begins and how it is packed: as many differences as go in, from the left."""
    n = len(differences)
    size = np.where(differences < 0, ~differences, differences)
    too_wide = np.zeros((len(_PACKED), n + 1), np.int64)
    np.cumsum(size >= _TOO_WIDE[:, None], axis=1, out=too_wide[:, 1:])
    best = np.full(n, len(_PACKED) - 1)
    for way in range(len(_PACKED) - 2, -1, -1):
        count = _PACKED[way][0]
        if count <= n:
            best[: n + 1 - count][too_wide[way, count:] == too_wide[way, :-count]] = way
    step = np.array([one[0] for one in _PACKED])[best].tolist()
    at, k = [], 0
    while k < n:
        at.append(k)
        k += step[k]
    begins = np.array(at)
    return begins, best[begins]


def _words(differences: Ints, at: Ints, way: Ints) -> AnyArray:
    """The words themselves, (word,) uint32."""
    count, width, _, top = np.array(_PACKED).T[:, way]
    place = np.arange(MOST_IN_A_WORD)
    held = place < count[:, None]
    taken = differences[np.minimum(at[:, None] + place, len(differences) - 1)]
    shift = np.where(held, (count[:, None] - 1 - place) * width[:, None], 0)
    parts = np.where(held, (taken & ((1 << width) - 1)[:, None]) << shift, 0)
    flagged = np.where(width == 8, 0, top << 30)  # bytes fill the word and leave no room for the two bits
    words: AnyArray = (parts.sum(1) | flagged).astype(np.uint32)
    return words


def _framed(words: AnyArray, codes: AnyArray, first: int, last: int) -> bytes:
    """Words laid into frames with their codes, first and last sample."""
    n_frames = -(-(len(words) + 2) // (WORDS - 1))
    flat, code = np.zeros(n_frames * WORDS, np.uint32), np.zeros(n_frames * WORDS, np.uint32)
    places = np.flatnonzero(np.arange(n_frames * WORDS) % WORDS)[2 : 2 + len(words)]
    flat[places], code[places] = words, codes
    flat[1], flat[2] = first & 0xFFFFFFFF, last & 0xFFFFFFFF
    flat[::WORDS] = (code.reshape(-1, WORDS) << _CODE_SHIFTS).sum(1, dtype=np.uint32)
    return flat.astype(">u4").tobytes()
