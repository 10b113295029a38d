"""Each guard before people is taken away in a copy of the source: then the tests of the gate fail. None is for show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import foreshock

SOURCE = Path(foreshock.__file__).parent
GATE = Path(__file__).with_name("test_gate.py")
NEEDED = ("errors.py", "clock.py", "config.py", "geo", "outputs.py", "types", "deliver")

GUARDS = {
    "the clock is the live one": ("types/authority.py", "if type(clock) is not LiveClock:", "if False:"),
    "a duty's status looks at the clock": (
        "types/authority.py", 'return "test" if self.doubts() else "actual"', 'return "actual"'
    ),
    "a duty's status looks at its own clock's kind": (
        "types/authority.py", "        _check_live(self.by)\n        _check_signed(self.start, self.confirmed, "
        "self.seconded, self.keys)\n        return", "        return"
    ),
    "a duty begins without doubt": ("types/authority.py", "if doubts := self.doubts():", "if False:"),
    "signatures are verified": ("types/authority.py", "if not right or not hmac", "if False and not hmac"),
    "keys are there": ("types/authority.py", "right = key and sign(", "right = sign("),
    "signers are two people": ("types/authority.py", "_person(confirmed.name) == _person(seconded.name) or", ""),
    "keys are two keys": (
        "types/authority.py", "or keys.key(confirmed.name) == keys.key(seconded.name)", ""
    ),
    "names are compared as people": ("types/authority.py", "if letter.isalnum()", "if True"),
    "a confirmation is for one start": ("types/authority.py", "if not 0 <= since_s <= CONFIRM_S:", "if False:"),
    "an exercise is ordered": ("types/authority.py", "if not _person(self.ordered_by):", "if False:"),
    "no stranger lends authority": (
        "types/authority.py", "authority is None or type(authority) not in (Rehearsal, Exercise, Duty)",
        "authority is None"
    ),
    "a status is asked for": ("types/alert.py", "if self.authority is None or allowed != self.status:", "if False:"),
    "an actual alert is of now": ("types/alert.py", "if off_s > LATE_S or", "if"),
    "an actual alert is of a present event": ("types/alert.py", "age_s > OLDEST_ACTUAL_S and", "False and"),
    "others are told until when": ("types/alert.py", "if self.expires_at_ns is None:", "if False:"),
    "an exercise has its own id": (
        "types/alert.py", 'return self.alert_id if self.status == "actual" else', "return self.alert_id or"
    ),
    "the status still holds": (
        "deliver/endpoint.py", 'if alert.status != "test" and allowed_status(alert.authority) != alert.status:',
        "if False:"
    ),
    "nothing stale": ("deliver/endpoint.py", "if alert.authority is not None and alert.is_stale(", "if 0 and ("),
    "no test elsewhere": ("deliver/endpoint.py", 'if not place.is_local and alert.status == "test":', "if False:"),
    "the gate is passed": ("deliver/endpoint.py", "        admit(alert, place)\n", ""),
    "only loopback is local": ("deliver/address.py", "true_address(self.address).is_loopback", "True"),
    "wrapped addresses are unwrapped": (
        "deliver/address.py", "return found.ipv4_mapped or found.sixtofour or found", "return found"
    ),
    "private addresses are refused": (
        "deliver/address.py", "if not true.is_global or true.is_multicast:", "if False:"
    ),
    "what waited is looked at": ("deliver/outbox.py", "if self._is_stale(waiting):", "if False:"),
    "waiting needs no wall": ("deliver/outbox.py", "isinstance(self._clock, LiveClock) and", "False and"),
    "a kernel without time is doubted": ("clock.py", "if kernel.status & _UNSYNCHRONISED or", "if"),
    "a kernel with an error is doubted": ("clock.py", 'or _STATES.get(kernel.state) == "error":', ":"),
    "a large error is doubted": ("clock.py", "if kernel.worst_error_s > WORST_ERROR_S:", "if False:"),
    "a leap in progress is doubted": ("clock.py", "kernel.state == _LEAP_IN_PROGRESS or", ""),
    "a leap at hand is doubted": ("clock.py", 'or (_STATES.get(kernel.state) == "leap" and near_midnight):', ":"),
    "silence is doubted": (
        "clock.py", 'return ("the system does not say whether it is synchronised",)', "return ()"
    ),
    "steps are seen": ("clock.py", "if abs(step_s) > STEP_S:", "if False:"),
    "steps back are seen": ("clock.py", "if abs(step_s) >", "if step_s >"),
    "steps are remembered": ("clock.py", "> STEADY_S * NS_PER_S", "> 0"),
}  # fmt: skip


def copied(folder: Path) -> Path:
    """The part of the package that the gate needs; its nouns' index, which loads pandas, is left empty."""
    made = folder / "foreshock"
    made.mkdir()
    (made / "__init__.py").touch()
    for name in NEEDED:
        if (SOURCE / name).is_dir():
            shutil.copytree(SOURCE / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(SOURCE / name, made)
    (made / "types" / "__init__.py").write_text("")
    return made


def gate_holds(folder: Path) -> bool:
    """Run the gate's tests on the copy; False when one of them failed, and not when they could not be run."""
    told = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    words = ["-q", "-x", "--noconftest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-c", os.devnull]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "--rootdir", str(folder), str(GATE)],
        env=told, cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert "error" not in done.stdout.splitlines()[-1], done.stdout
    return done.returncode == 0


def test_the_gate_holds_in_an_unbroken_copy(tmp_path: Path) -> None:
    copied(tmp_path)
    assert gate_holds(tmp_path)


def test_the_environment_is_asked_for_secrets_and_nothing_else() -> None:
    paths = [SOURCE / "clock.py", *(SOURCE / "types").glob("*.py"), *(SOURCE / "deliver").glob("*.py")]
    asks = [path.name for path in paths if re.search(r"\bos\.environ|getenv", path.read_text(encoding="utf-8"))]
    assert asks == ["secret.py"]


@pytest.mark.slow
@pytest.mark.parametrize("guard", GUARDS)
def test_without_a_guard_the_gate_does_not_hold(guard: str, tmp_path: Path) -> None:
    where, before, after = GUARDS[guard]
    path = copied(tmp_path) / where
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{where} has {before!r} {text.count(before)} times"
    path.write_text(text.replace(before, after), encoding="utf-8")
    assert not gate_holds(tmp_path), f"nobody notices when this is gone: {guard}"
