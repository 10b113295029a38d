"""Words: the kinds of text a card may hold. Knows no card."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A short printable text of one line."""

Text = Annotated[str, StringConstraints(max_length=10_000)]
