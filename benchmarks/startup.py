"""What `foreshock --help` and `import foreshock` cost, load and touch. Knows no stage of the product.

CPU seconds, user and system, of the whole process (interpreter, console script, imports, help text), each command in a
process of its own, interleaved with a bare interpreter. Then what is loaded of the heavy packages (must be none), and
which files `import foreshock` writes, folders it makes and sockets it opens (must be none; by Python's audit events).

    python benchmarks/startup.py --json
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import fair

HEAVY = ("torch", "lightning", "obspy", "scipy.signal", "pandas", "matplotlib", "h5py", "onnxruntime", "sklearn")
TARGET_S = 0.5
LOADED = """
import json, sys
sys.argv = ["foreshock", "--help"]
from foreshock.cli import main
try:
    main()
except SystemExit:
    pass
print("\\n" + json.dumps([name for name in %r if name in sys.modules]))
"""
TOUCHED = """
import json, os, sys
sys.dont_write_bytecode = True
seen = []
def hook(event, args):
    writes = event == "open" and (set(str(args[1] or "")) & set("wax+") or (args[2] or 0) & (os.O_WRONLY | os.O_RDWR))
    if writes or event.startswith(("socket.", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "subprocess.")):
        seen.append(event + " " + str(args[0]))
sys.addaudithook(hook)
import foreshock
print(json.dumps({"touched": seen, "loaded": [name for name in %r if name in sys.modules]}))
"""


def help_command() -> list[str]:
    """The console script of this environment, else the module."""
    script = Path(sys.executable).parent / "foreshock"
    return [str(script), "--help"] if script.is_file() else [sys.executable, "-m", "foreshock", "--help"]


def cost_s(command: list[str]) -> float:
    """CPU seconds of one process."""
    began = fair.cpu_s()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return fair.cpu_s() - began


def last_line(code: str) -> Any:
    """Run code in a fresh interpreter and read its last line."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> int:
    """Measure and tell."""
    asked = fair.parser(__doc__).parse_args()
    os.environ.update(fair.ONE_THREAD)
    commands = {
        "foreshock --help": help_command(),
        "import foreshock": [sys.executable, "-c", "import foreshock"],
        "bare interpreter": [sys.executable, "-c", "pass"],
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for count in range(asked.rounds + 1):
        for name, command in commands.items():
            value = cost_s(command)
            if count:
                spent[name].append(value)
    loaded, touched = last_line(LOADED % (HEAVY,)), last_line(TOUCHED % (HEAVY,))
    bounds = {"foreshock --help": {"at_most": TARGET_S}}
    figures = [fair.figure(name, values, "CPU s", **bounds.get(name, {})) for name, values in spent.items()]
    figures.append(fair.exact("heavy modules loaded by --help", len(loaded), "modules", at_most=0))
    figures.append(fair.exact("writes, folders, sockets of import foreshock", len(touched["touched"]), "", at_most=0))
    return fair.tell(
        "startup",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "typer", "rich"),
        equal=not loaded and not touched["touched"] and not touched["loaded"],
        checked=f"neither loads {', '.join(HEAVY)}; the import touches nothing",
        loaded_by_help=loaded,
        touched_by_import=touched["touched"],
        loaded_by_import=touched["loaded"],
    )


if __name__ == "__main__":
    sys.exit(main())
