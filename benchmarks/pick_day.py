"""A day from files to picks: our road beside SeisBench's PhaseNet, each with its reading. Scores nothing.

One station-day of three components at 100 Hz, synthetic, as day files of miniSEED, whole and (with `--gaps`) torn.
Ours is what each worker of `foreshock predict` does: survey, read, pick with the picker that ships, first motions.
Theirs reads the files with ObsPy and runs PhaseNet's `classify`, as it comes and at the best of several batch sizes
(weights of `pick_phasenet.py` by `--phasenet`; else random ones, made with a seed).

    python benchmarks/pick_day.py --rounds 7
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import archive_scale

DAY_S = 86_400
BATCHES = (16, 32, 64, 128)
TARGET = 6.0


def ours(archive: Path, counts: list[int]) -> int:
    """A day, read and picked; how many picks is kept."""
    heard = archive_scale.heard(archive)
    counts.append(sum(len(one.picks) for one in heard))
    return DAY_S


def theirs(model: Any, archive: Path, **told: Any) -> int:
    """A day, read by ObsPy and picked by SeisBench."""
    import obspy

    stream = obspy.Stream()
    for path in sorted(archive.rglob("*.D.*")):
        stream += obspy.read(str(path), format="MSEED")
    model.classify(stream, **told)
    return DAY_S


def best_batch(run: Callable[..., int]) -> int:
    """The batch size that costs least, each tried once."""
    spent = {}
    for size in BATCHES:
        began = fair.cpu_s()
        run(batch_size=size)
        spent[size] = fair.cpu_s() - began
    return min(spent, key=lambda size: spent[size])


def main() -> int:
    """Measure and tell."""
    options = fair.parser(__doc__)
    options.add_argument("--gaps", type=int, default=0, help="of the day (default none)")
    options.add_argument("--phasenet", type=Path, help="folder with phasenet.pt of pick_phasenet.py")
    asked = options.parse_args()
    fair.peer("seisbench", extra="bench")
    import seisbench.models as sbm
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    warnings.simplefilter("ignore")  # the peer's own
    logging.getLogger("seisbench").setLevel(logging.ERROR)
    model = sbm.PhaseNet(phases="PSN", norm="std").eval()
    if asked.phasenet is not None:
        model.load_state_dict(torch.load(asked.phasenet / "phasenet.pt", weights_only=True))
    counts: list[int] = []
    with tempfile.TemporaryDirectory(prefix="pick-day-") as held:
        archive_scale.write_day(Path(held), gaps=asked.gaps)
        plain = partial(theirs, model, Path(held))
        size = best_batch(plain)
        best = f"SeisBench's PhaseNet, batch {size}"
        sides = {
            "ours": partial(ours, Path(held), counts),
            "SeisBench's PhaseNet": plain,
            best: partial(plain, batch_size=size),
        }
        rates = fair.interleaved(sides, rounds=asked.rounds)
    figures = [fair.figure(who, [DAY_S / rate for rate in held], "CPU-s a day") for who, held in rates.items()]
    for other, bound in (("SeisBench's PhaseNet", {"at_least": TARGET}), (best, {})):
        figures.append(fair.figure(f"ours / {other}", fair.ratios(rates["ours"], rates[other]), "×", **bound))
    return fair.tell(
        "pick_day",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "seisbench", "torch", "onnxruntime", "numpy", "obspy"),
        equal=len(set(counts)) == 1,
        checked="ours gave as many picks in every round",
        picks=counts[0],
        gaps=asked.gaps,
    )


if __name__ == "__main__":
    sys.exit(main())
