"""Report the licences of a package and of all it requires; fail on GPL and AGPL by exact SPDX identifier."""

from __future__ import annotations

import re
import sys
from importlib import metadata

FORBIDDEN = {
    f"{family}-{version}{suffix}"
    for family, versions in (("GPL", ("1.0", "2.0", "3.0")), ("AGPL", ("1.0", "3.0")))
    for version in versions
    for suffix in ("", "+", "-only", "-or-later")
}
CLASSIFIERS = {
    "GNU General Public License (GPL)": "GPL-2.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-2.0-or-later",
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
    "The Unlicense (Unlicense)": "Unlicense",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
}
WORDS = {
    "mit": "MIT",
    "mit license": "MIT",
    "the mit license": "MIT",
    "bsd": "BSD-3-Clause",
    "bsd-3-clause license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "gnu lesser general public license, version 3 (lgplv3)": "LGPL-3.0-only",
    "psf": "PSF-2.0",
    "dual license": "Apache-2.0 OR BSD-3-Clause",
}


def required(name: str, seen: dict[str, metadata.Distribution]) -> None:
    """Gather a package and everything it requires without extras."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return
    try:
        seen[key] = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return  # needed on other systems only
    for line in seen[key].requires or []:
        if "extra ==" not in line:
            required(re.split(r"[\s;<>=!~\[(]", line, maxsplit=1)[0], seen)


def spdx(distribution: metadata.Distribution) -> str:
    """Give the SPDX expression a package states: its License-Expression, else its classifiers, else its words."""
    about = distribution.metadata
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    named = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    known = [CLASSIFIERS[name] for name in named if name in CLASSIFIERS]
    if known:
        return " AND ".join(sorted(set(known)))
    first = (about.get("License") or "").strip().split("\n")[0].strip()
    return WORDS.get(first.lower(), first if re.fullmatch(r"[\w.+-]+( (AND|OR|WITH) [\w.+-]+)*", first) else "")


def refused(expression: str) -> bool:
    """Say whether every way of using a package falls under a forbidden licence."""
    ways = re.split(r"\bOR\b", expression.replace("(", " ").replace(")", " "))
    return all(any(word in FORBIDDEN for word in way.split()) for way in ways)


def main(root: str) -> int:
    """Print the report; 1 when a licence is forbidden or unknown."""
    seen: dict[str, metadata.Distribution] = {}
    required(root, seen)
    failed = 0
    for name, distribution in sorted(seen.items()):
        expression = spdx(distribution)
        verdict = "FORBIDDEN" if expression and refused(expression) else "" if expression else "UNKNOWN"
        failed += bool(verdict)
        print(f"{name:28} {distribution.version:16} {expression or '?':40} {verdict}".rstrip())
    print(f"{len(seen)} packages, {failed} forbidden or unknown")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
