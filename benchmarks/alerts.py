"""What it costs to tell an alert, and whether our CAP schema keeps its word beside the published one. Knows no network.

Messages a CPU-second: issuing, CAP, JSON line and QuakeML for one site and for a hundred, and the whole way into files
with a ledger, for the tenth update of an event. With `--published FILE` (the CAP-v1.2.xsd of OASIS, which is not ours
to ship) our own messages, broken in `--mutants` ways, are held against both schemas: what ours accepts the published
one must accept.

    python benchmarks/alerts.py --published CAP-v1.2.xsd --json
"""

from __future__ import annotations

import copy
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np
from lxml import etree

import foreshock.deliver
from foreshock.clock import NS_PER_S, StepClock
from foreshock.deliver.cap import CapSettings, cap_bytes
from foreshock.deliver.files import Files
from foreshock.deliver.issue import Chain, Draft, issue
from foreshock.deliver.ledger import Ledger
from foreshock.deliver.lines import line
from foreshock.deliver.outbox import Outbox
from foreshock.deliver.quakeml import quakeml_bytes
from foreshock.deliver.record import Record
from foreshock.types import Alert, Area, SiteForecast
from foreshock.types.authority import Rehearsal

NOW_NS = 1_592_926_164 * NS_PER_S
CAP = CapSettings(sender="eew@example.org", sender_name="Example", languages=("en",))
TEXTS = ("", "x", "Alert", "Actual", "Geo", "Unknown", "1", "1,2 3", "a,b", "2020-01-01T00:00:00-00:00", "2020-01-01")
UPDATES = 10


def drafted(n_sites: int) -> Draft:
    """A draft with so many sites."""
    sites = tuple(
        SiteForecast(
            f"S{k}", f"Town {k}", 16.0, -96.0, 3.0, 4.0 + k * 1e-3, 5.0, s_arrival_ns=NOW_NS + k, threshold=4.0
        )
        for k in range(n_sites)
    )
    ring = ((15.0, -97.0), (15.0, -95.0), (17.0, -95.0), (15.0, -97.0))
    area = Area("Coast", circles=((15.9, -96.0, 150.0),), rings=(ring,))
    return Draft(NOW_NS - 20 * NS_PER_S, 15.9, -96.0, 22.6, 7.1, 7.4, 7.6, sites=sites, area=area)


def tenth(draft: Draft) -> tuple[Alert, Chain]:
    """The tenth message of an event, and the chain before it."""
    chain = Chain("north", "ev1")
    before = chain
    for _ in range(UPDATES):
        before = chain
        alert, chain = issue(draft, chain, authority=Rehearsal(StepClock(NOW_NS)))
    return alert, before


def repeated(task: Callable[[], object], times: int) -> Callable[[], int]:
    """A round: the task so many times."""

    def run() -> int:
        for _ in range(times):
            task()
        return times

    return run


def whole_way(draft: Draft) -> Callable[[], int]:
    """A round: ten messages of an event into a new folder, with CAP and a ledger."""

    def run() -> int:
        clock, chain = StepClock(NOW_NS), Chain("north", "ev1")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            formats = {"cap": lambda alert: cap_bytes(alert, CAP)}
            with Ledger(folder / "ledger.jsonl", at_ns=0) as ledger, Files(folder, formats=formats) as files:
                record = Record(ledger, clock)
                outbox = Outbox([files], clock=clock, report=record.delivery)
                for _ in range(UPDATES):
                    alert, chain = issue(draft, chain, authority=Rehearsal(clock))
                    record.alert(alert)
                    outbox.put(alert)
                    outbox.pump()
        return UPDATES

    return run


def broken(root: Any, rng: np.random.Generator, others: list[Any]) -> Any:
    """A copy of a message with one or two elements removed, doubled, moved, renamed or said otherwise."""
    made = copy.deepcopy(root)
    for _ in range(rng.integers(1, 3)):
        elements = list(made.iter())
        one, other = (elements[rng.integers(len(elements))] for _ in range(2))
        how, parent = rng.integers(5), one.getparent()
        if how == 0 and len(one) == 0:
            one.text = TEXTS[rng.integers(len(TEXTS))]
        elif how == 1:
            one.tag = other.tag
        elif parent is not None and how == 2:
            parent.remove(one)
        elif parent is not None and how == 3:
            parent.insert(rng.integers(len(parent) + 1), copy.deepcopy(one))
        elif parent is not None:
            parent.append(copy.deepcopy(others[rng.integers(len(others))]))
    return made


def compared(published: Path, mutants: int) -> dict[str, int]:
    """How many broken messages each schema accepts, and how many only ours does."""
    ours = etree.XMLSchema(etree.parse(Path(foreshock.deliver.__file__).with_name("cap-1.2.xsd")))
    theirs = etree.XMLSchema(etree.parse(published))
    root = etree.fromstring(cap_bytes(tenth(drafted(3))[0], CAP))
    others, rng = list(root.iter()), np.random.default_rng(0)
    told = {"ours": 0, "theirs": 0, "only ours": 0}
    for _ in range(mutants):
        made = broken(root, rng, others)
        says = ours.validate(made), theirs.validate(made)
        told["ours"] += says[0]
        told["theirs"] += says[1]
        told["only ours"] += says[0] and not says[1]
    return told


def main() -> int:
    """Measure and tell."""
    parser = fair.parser(__doc__, records=100)
    parser.add_argument("--published", type=Path, help="the CAP-v1.2.xsd of OASIS")
    parser.add_argument("--mutants", type=int, default=20_000, help="broken messages to hold against both")
    asked = parser.parse_args()
    one, hundred = drafted(1), drafted(100)
    (small, before), (large, _) = tenth(one), tenth(hundred)
    tasks: dict[str, Callable[[], object]] = {
        "issue": lambda: issue(one, before, authority=Rehearsal(StepClock(NOW_NS))),
        "CAP, 1 site": lambda: cap_bytes(small, CAP),
        "CAP, 100 sites": lambda: cap_bytes(large, CAP),
        "line, 1 site": lambda: line(small),
        "line, 100 sites": lambda: line(large),
        "QuakeML": lambda: quakeml_bytes(small),
    }
    sides = {name: repeated(task, asked.records) for name, task in tasks.items()}
    rates = fair.interleaved(sides | {"whole way, 1 site": whole_way(one)}, rounds=asked.rounds)
    figures = [fair.figure(name, values, "messages/CPU-s") for name, values in rates.items()]
    same = cap_bytes(tenth(hundred)[0], CAP) == cap_bytes(large, CAP)
    if asked.published:
        told = compared(asked.published, asked.mutants)
        figures += [
            fair.exact(f"broken messages accepted by {who}", n, f"of {asked.mutants}") for who, n in told.items()
        ]
        same = same and told["only ours"] == 0
    return fair.tell(
        "alerts",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "lxml", "obspy"),
        equal=same,
        checked="the same alert gives the same CAP bytes"
        + ("; no broken message is accepted by our schema alone" if asked.published else ""),
    )


if __name__ == "__main__":
    sys.exit(main())
