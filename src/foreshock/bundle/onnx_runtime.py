"""ONNX Runtime, imported in this one place with its telemetry off. Knows no bundles.

Since 1.32 its wheel for Linux holds a telemetry client that leaves a file in the temporary folder when it is imported;
only this variable, set before the import, keeps it from starting.
"""

from __future__ import annotations

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

__all__ = ["onnxruntime", "ort_errors"]
