"""Store: solved earthquakes kept in a database and told in other programs' formats. Knows nothing of how they came."""

from __future__ import annotations
