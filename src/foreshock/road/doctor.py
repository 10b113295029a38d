"""Doctor: what this installation can do, one line a finding with its remedy. Knows no command line, changes nothing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from foreshock.errors import ForeshockError
from foreshock.plugins import DOORS, load, members

if TYPE_CHECKING:
    from foreshock.bundle import Bundle

OK, NOTE, WARN, FAIL = "ok", "note", "warn", "fail"

EXTRAS = {
    "train": (("torch", "lightning", "onnxscript", "tensorboard", "optuna"), "training"),
    "tables": (("pyarrow", "openpyxl"), "Parquet and Excel tables"),
    "postgres": (("psycopg",), "a catalogue store on PostgreSQL"),
    "scale": (("distributed",), "catalogues on a Dask cluster"),
    "live": (("paho-mqtt", "websockets"), "alerts by MQTT and WebSocket"),
}
CORE = (
    "numpy",
    "scipy",
    "pandas",
    "obspy",
    "h5py",
    "onnx",
    "onnxruntime",
    "safetensors",
    "matplotlib",
    "pydantic",
    "sqlalchemy",
    "alembic",
    "lxml",
)
LEAST_FREE_GB = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: `level` is ok, note, warn or fail."""

    level: str
    subject: str
    sentence: str
    remedy: str = ""


def examine(folder: Path) -> Iterator[Finding]:
    """Look at the environment, the optional parts, devices, data, disk, doors and bundles."""
    yield from _environment()
    yield from _core()
    yield from _extras()
    yield from _devices()
    yield from _data(os.environ)
    yield from _disk(folder)
    yield from _doors()
    yield from _runtime()
    yield from _shipped_bundles()


def _environment() -> Iterator[Finding]:
    text = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield Finding(OK, "python", text)
    if sys.flags.utf8_mode == 0 and sys.getfilesystemencoding().lower() not in ("utf-8", "utf8"):
        yield Finding(WARN, "encoding", f"file names are {sys.getfilesystemencoding()}", "set PYTHONUTF8=1")


def version_of(package: str) -> str | None:
    """The installed version of a package, or None; nothing is imported."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _core() -> Iterator[Finding]:
    found = {name: version_of(name) for name in CORE}
    missing = [name for name, version in found.items() if version is None]
    if missing:
        yield Finding(FAIL, "core", f"{', '.join(missing)} not installed", "pip install --force-reinstall foreshock")
    else:
        yield Finding(OK, "core", ", ".join(f"{name} {version}" for name, version in found.items()))


def _extras() -> Iterator[Finding]:
    for extra, (packages, feature) in EXTRAS.items():
        missing = [name for name in packages if version_of(name) is None]
        if missing:
            yield Finding(
                NOTE, extra, f"{feature}: {', '.join(missing)} not installed", f"pip install 'foreshock[{extra}]'"
            )
        else:
            yield Finding(OK, extra, f"{feature}: " + ", ".join(f"{name} {version_of(name)}" for name in packages))


def _devices() -> Iterator[Finding]:
    from foreshock.bundle.onnx_runtime import onnxruntime

    providers = [name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers()]
    gpu = "CUDA" in providers
    remedy = "" if gpu else "for NVIDIA GPUs: pip install onnxruntime-gpu"
    sentence = f"ONNX Runtime offers {', '.join(providers)}"
    yield Finding(OK if gpu else NOTE, "prediction device", sentence, remedy)
    torch_version = version_of("torch")
    if torch_version is None:
        yield Finding(NOTE, "training device", "torch is not installed", "pip install 'foreshock[train]'")
        return
    build = "the CPU build" if "+cpu" in torch_version else "a build with CUDA or of unstated kind"
    from foreshock.train.devices import accelerators

    found = accelerators()
    sentence = f"torch {torch_version} is {build}; it sees {', '.join(found) or 'no accelerator'}"
    remedy = "" if found else "training runs on the CPU; for an NVIDIA GPU install a CUDA build of torch"
    yield Finding(OK if found else NOTE, "training device", sentence, remedy)


def _data(environment: os._Environ[str]) -> Iterator[Finding]:
    named = environment.get("FORESHOCK_DATA")
    if not named:
        yield Finding(NOTE, "data", "FORESHOCK_DATA is not set", "set it to run the tests on real recordings")
        return
    folder = Path(named)
    if not folder.is_dir():
        yield Finding(FAIL, "data", f"FORESHOCK_DATA={named} is not a folder", "correct or unset it")
        return
    sets = sorted(item.parent.name for item in folder.glob("*/metadata.csv"))
    yield Finding(OK, "data", f"{folder} holds {len(sets)} labelled data sets ({', '.join(sets) or 'none'})")


def _disk(folder: Path) -> Iterator[Finding]:
    for name, place in (("disk", folder), ("temporary disk", Path(tempfile.gettempdir()))):
        free_gb = shutil.disk_usage(place).free / 1e9
        if free_gb < LEAST_FREE_GB:
            yield Finding(WARN, name, f"{free_gb:.1f} GB free at {place}", f"free at least {LEAST_FREE_GB} GB")
        else:
            yield Finding(OK, name, f"{free_gb:.1f} GB free at {place}")
        if not os.access(place, os.W_OK):
            yield Finding(WARN, name, f"{place} cannot be written to", "run elsewhere or give --out")


def _doors() -> Iterator[Finding]:
    for door in DOORS:
        broken = []
        for name in members(door):
            try:
                load(door, name)
            except ForeshockError as error:
                broken.append(str(error))
        if broken:
            yield Finding(FAIL, door, broken[0], "pip install --force-reinstall foreshock")
        else:
            yield Finding(OK, door, ", ".join(members(door)) or "none yet")


def _runtime() -> Iterator[Finding]:
    """Write a small bundle, read it back, predict: the path every model takes."""
    member = load("predictors", "bundle")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            said = [len(one.predict(member.trial_examples())) for one in member.specimens(Path(scratch))]
    except (ForeshockError, OSError, RuntimeError) as error:
        sentence = f"a bundle could not be written, read and run ({error})"
        yield Finding(FAIL, "runtime", sentence, "reinstall onnxruntime")
        return
    yield Finding(OK, "runtime", f"{len(said)} trial bundles written, read back and run on {sum(said)} examples")


def _shipped_bundles() -> Iterator[Finding]:
    from foreshock.bundle import SHIPPED, shipped

    for name in SHIPPED:
        try:
            bundle = shipped(name)
            yield Finding(OK, "shipped models", f"{name} passes its hashes ({bundle.sha256[:12]}, {_size(bundle)} kB)")
        except ForeshockError as error:
            yield Finding(FAIL, "shipped models", str(error), "reinstall foreshock")
            return
    yield _trial_pick()


def _trial_pick() -> Finding:
    """The shipped picker on the recording that ships."""
    from foreshock.collect.example import example_waveform
    from foreshock.road.picking import pick

    try:
        picks = pick(example_waveform())
    except ForeshockError as error:
        return Finding(FAIL, "shipped models", str(error), "reinstall onnxruntime")
    found = ", ".join(f"{one.phase} at {one.time}" for one in picks)
    if not picks:
        return Finding(FAIL, "shipped models", f"{picks.picker} finds nothing on the example", "reinstall foreshock")
    return Finding(OK, "shipped models", f"{picks.picker} finds {found} on the example recording")


def _size(bundle: Bundle) -> int:
    return (len(bundle.onnx) + len(bundle.weights)) // 1000
