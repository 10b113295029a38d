"""How many megabytes the core takes: builds the wheel, installs it with the constraints into a clean environment.

Sizes are the sums of the installed files (1 MB = 10⁶ bytes), compiled bytecode included, pip itself left out. Needs
pip's network (or its cache). `--site FOLDER` measures a site-packages folder that is there already. Knows no timing.

    python benchmarks/install_size.py --json
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from collections import Counter
from importlib.metadata import Distribution, distributions
from pathlib import Path

import fair

LIMIT_MB = 650.0
ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = ("pip", "setuptools")


def installed(folder: Path) -> Path:
    """Build the wheel and install it with its core requirements into a new environment in `folder`."""
    python = folder / "venv" / "bin" / "python"
    wheels = folder / "wheels"
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)])
    venv.create(folder / "venv", with_pip=True)
    wheel = next(wheels.glob("foreshock-*.whl"))
    run([str(python), "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt"), str(wheel)])
    return next((folder / "venv" / "lib").glob("python*/site-packages"))


def run(command: list[str]) -> None:
    """Run one step, or end with what it said last."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        print(f"{' '.join(command[1:4])}: it failed ({last}); check pip's network and try again.", file=sys.stderr)
        raise SystemExit(1)


def size(distribution: Distribution) -> int:
    """Bytes of the files a package says it installed."""
    places = (Path(str(distribution.locate_file(file))) for file in distribution.files or [])
    return sum(place.stat().st_size for place in places if place.is_file())


def sizes_mb(site: Path) -> dict[str, float]:
    """Megabytes of each package, the largest first; what no package owns stands under ``(unowned)``."""
    found: Counter[str] = Counter()
    for one in distributions(path=[str(site)]):
        found[one.metadata["Name"]] += size(one)
    whole = sum(place.stat().st_size for place in site.rglob("*") if place.is_file() and not place.is_symlink())
    found["(unowned)"] = max(whole - sum(found.values()), 0)
    return {name: bytes_ / 1e6 for name, bytes_ in found.most_common() if name not in NOT_OURS}


def main() -> int:
    """Install, measure and tell."""
    options = fair.parser(__doc__)
    options.add_argument("--site", type=Path, help="measure this site-packages folder instead of a new one")
    asked = options.parse_args()
    asked.rounds = 1
    if asked.site is not None and not asked.site.is_dir():
        print(f"--site {asked.site}: it is not a folder; give a site-packages folder.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        sizes = sizes_mb(asked.site or installed(Path(scratch)))
    total = sum(sizes.values())
    return fair.tell(
        "install_size",
        [
            fair.exact("core install", total, "MB", at_most=LIMIT_MB),
            fair.exact("foreshock itself", sizes.get("foreshock", 0.0), "MB"),
        ],
        asked=asked,
        versions=fair.versions("foreshock"),
        equal=total <= LIMIT_MB,
        checked=f"the core takes no more than {LIMIT_MB:g} MB",
        packages_mb={name: round(value, 2) for name, value in sizes.items()},
    )


if __name__ == "__main__":
    sys.exit(main())
