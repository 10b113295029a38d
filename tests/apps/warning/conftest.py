"""Lets the tests of the warning engine share stations, packets and runs. Knows no engine."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if "warning_parts" not in sys.modules:
    spec = importlib.util.spec_from_file_location("warning_parts", Path(__file__).with_name("parts.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["warning_parts"] = module
    spec.loader.exec_module(module)
