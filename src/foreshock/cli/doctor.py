"""The verb `doctor`: what this installation can do, and the remedy for what it cannot. Knows no stage."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from foreshock.cli.answer import AsJson, say, say_json

MARKS = {"ok": "ok  ", "note": "note", "warn": "WARN", "fail": "FAIL"}


def command(*, as_json: AsJson = False) -> None:
    """Examine the installation: environment, optional parts, devices, data folders, disk, doors, models."""
    from foreshock.road.doctor import examine

    findings = list(examine(Path.cwd()))
    failed = sum(finding.level == "fail" for finding in findings)
    if as_json:
        say_json({"schema": "foreshock.doctor/1", "failed": failed, "findings": [asdict(one) for one in findings]})
    else:
        for one in findings:
            remedy = f" → {one.remedy}" if one.remedy else ""
            say(f"{MARKS[one.level]}  {one.subject}: {one.sentence}{remedy}")
        say("everything that is installed works" if not failed else f"{failed} findings need mending")
    if failed:
        raise typer.Exit(1)
