"""Deliver: how alerts leave the house, as CAP, QuakeML and lines. Knows the alert noun, not how it came about."""

from __future__ import annotations
