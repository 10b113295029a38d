"""Lets the tests of the associator share their made-up network. Knows nothing else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if "associate_made" not in sys.modules:
    spec = importlib.util.spec_from_file_location("associate_made", Path(__file__).with_name("made.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["associate_made"] = module
    spec.loader.exec_module(module)
