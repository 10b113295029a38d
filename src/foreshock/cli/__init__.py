"""The command line: one verb a stage, one an application. Imports a stage only when its verb is called."""

from __future__ import annotations

from foreshock.cli.app import main

__all__ = ["main"]
