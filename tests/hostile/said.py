"""How hostile tests speak with the command line, and what a good refusal looks like. Knows no input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from foreshock.cli import main

SENTENCE = re.compile(r"foreshock: .+: .+; .+\.")


@dataclass(frozen=True)
class Said:
    """What a command said and left with."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one sentence of a failure."""
        (line,) = [line for line in self.err.splitlines() if line.startswith("foreshock: ")]
        return line

    @property
    def told(self) -> dict[str, Any]:
        """The one JSON object."""
        told: dict[str, Any] = json.loads(self.out)
        return told


class Commands:
    """The command line in this process; `refused` demands one good sentence, the same in parts, and nothing left."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        with pytest.raises(SystemExit) as end:
            main([str(one) for one in arguments])
        said = self.capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Said(end.value.code, said.out, said.err)

    def ok(self, *arguments: object) -> Said:
        said = self(*arguments)
        assert said.code == 0, said.err
        return said

    def refused(self, *arguments: object, says: str, out: Path | None = None) -> str:
        told = [*arguments, *(() if out is None else ("--out", out)), "--json"]
        was_there = out is not None and out.exists()
        said = self(*told)
        assert said.code == 1, said.err
        assert SENTENCE.fullmatch(said.sentence), said.err
        assert re.search(says, said.sentence), said.sentence
        assert "a defect of Foreshock" not in said.sentence
        parts = said.told["error"]
        assert said.sentence == f"foreshock: {parts['value']}: {parts['rule']}; {parts['remedy']}."
        assert out is None or was_there or not out.exists(), sorted(out.rglob("*"))
        return said.sentence


Recording = Callable[..., Path]
"""Writes a waveform file."""
