"""Lets the tests of the documents share how pages are read. Knows nothing of what the pages say."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if "docs_pages" not in sys.modules:
    spec = importlib.util.spec_from_file_location("docs_pages", Path(__file__).with_name("pages.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_pages"] = module
    spec.loader.exec_module(module)
