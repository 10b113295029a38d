"""Style: the colours, fonts and sizes all pictures of a report share. Knows matplotlib, but not what is drawn."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import matplotlib.style
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

DPI = 150
WIDTH_IN = 7.2
WIDE_IN = 8.9
"""The whole width of a page."""

PAIR_IN = 4.6
"""Half the width, for two pictures side by side."""
CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
)
"""Fonts with Chinese characters that systems bring, the first that is found is used beside DejaVu Sans."""

LONGEST_NAME = 22


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of one theme; the class colours are Okabe and Ito's, told apart by colour-blind readers too."""

    paper: str
    ink: str
    faint: str
    grid: str
    ours: str
    own: tuple[str, ...]
    rivals: tuple[str, ...]
    warn: str
    classes: tuple[str, ...]
    heat: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who appears: what our model is called, and which rivals are our own other models."""

    ours: str
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What a regression predicts, and in which unit."""

    name: str
    unit: str = ""

    def __str__(self) -> str:
        written = self.name.replace("$", r"\$").replace("_", " ")
        return f"{written} ({self.unit})" if self.unit not in ("", "1") else written


LIGHT = Look(
    paper="#ffffff",
    ink="#1f2733",
    faint="#667080",
    grid="#e6e9ee",
    ours="#1766b5",
    own=("#00876a", "#8f5bb5"),
    rivals=("#6b7280", "#969ca6", "#b4b9c1", "#4b515b"),
    warn="#c2410c",
    classes=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#3fa0d8", "#5b5f66", "#7a4fa3"),
    heat=("#f3f7fc", "#1766b5"),
)
DARK = Look(
    paper="#1b2028",
    ink="#dfe5ec",
    faint="#98a3b1",
    grid="#323a46",
    ours="#63aef5",
    own=("#3fc7a2", "#c39ae6"),
    rivals=("#a3abb6", "#7d8591", "#666e7a", "#c6ccd4"),
    warn="#fb923c",
    classes=("#56b4e9", "#f2844b", "#34c79a", "#e39cc4", "#e6b422", "#8fd0ff", "#a8adb5", "#b996dd"),
    heat=("#222a35", "#3f8fdc"),
)
MARKERS = ("s", "D", "^", "v", "P", "X")


def png(draw: Callable[[Look], Figure], look: Look) -> bytes:
    """Draw in one theme and give the PNG; the same drawing gives the same bytes."""
    with matplotlib.style.context(["default", _rc(look)]):
        figure = draw(look)
        target = io.BytesIO()
        figure.savefig(target, format="png", dpi=DPI, bbox_inches="tight", pad_inches=0.06, metadata={"Software": None})
    return target.getvalue()


def new_figure(height_in: float, *, width_in: float = WIDTH_IN) -> Figure:
    """An empty figure that lays itself out."""
    return Figure(figsize=(width_in, height_in), layout="constrained")


def plain_axes(axes: Axes, *, grid: str = "both") -> None:
    """Take away the box; keep a quiet grid behind the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    axes.grid(True, axis=grid)  # type: ignore[arg-type,unused-ignore]


def heat_map(look: Look) -> LinearSegmentedColormap:
    """From paper to our colour."""
    return LinearSegmentedColormap.from_list("heat", list(look.heat))


def colours_of(names: Sequence[str], own: Iterable[str], look: Look) -> dict[str, str]:
    """A colour a rival: our own other models in colour, all others in greys."""
    mine = set(own)
    ours = [name for name in names if name in mine]
    others = [name for name in names if name not in mine]
    return {name: look.own[k % len(look.own)] for k, name in enumerate(ours)} | {
        name: look.rivals[k % len(look.rivals)] for k, name in enumerate(others)
    }


def drawable(names: Iterable[str], *, word: str = "class") -> dict[str, str]:
    """What to write in a picture for each name: the name, shortened, or ``class k`` where no font can draw it.

    >>> drawable(["quake", "a" * 40])["quake"]
    'quake'
    """
    fonts = [font_manager.get_font(path) for path in _font_paths()]
    written: dict[str, str] = {}
    for k, name in enumerate(names, 1):
        plain = " ".join(unicodedata.normalize("NFC", name).split())
        can = bool(plain) and all(_can_draw(letter, fonts) for letter in plain)
        short = plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1].rstrip() + "…"
        taken = short in written.values()
        written[name] = short if can and not taken else f"{word} {k}"
    return {name: text.replace("$", r"\$") for name, text in written.items()}


def _can_draw(letter: str, fonts: Sequence[Any]) -> bool:
    """Whether a letter has a glyph and needs no shaping: right-to-left and joining scripts do, and come out wrong."""
    if unicodedata.bidirectional(letter) in ("R", "AL", "AN") or unicodedata.category(letter)[0] in "CM":
        return False
    return any(font.get_char_index(ord(letter)) for font in fonts)


def _families() -> list[str]:
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *[name for name in CJK_FONTS if name in installed][:1]]


def _font_paths() -> list[Any]:
    return [font_manager.findfont(font_manager.FontProperties(family=name)) for name in _families()]


def _rc(look: Look) -> dict[str, Any]:
    return {
        "font.family": _families(),
        "font.size": 10,
        "axes.titlesize": 10.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 8,
        "axes.labelsize": 10,
        "axes.labelcolor": look.ink,
        "axes.titlecolor": look.ink,
        "axes.edgecolor": look.faint,
        "axes.facecolor": look.paper,
        "axes.linewidth": 0.8,
        "figure.facecolor": look.paper,
        "savefig.facecolor": look.paper,
        "grid.color": look.grid,
        "grid.linewidth": 0.8,
        "legend.frameon": False,
        "legend.fontsize": 9.5,
        "legend.labelcolor": look.ink,
        "lines.linewidth": 1.8,
        "lines.solid_capstyle": "round",
        "text.color": look.ink,
        "xtick.color": look.faint,
        "ytick.color": look.faint,
        "xtick.labelcolor": look.ink,
        "ytick.labelcolor": look.ink,
        "xtick.labelsize": 9.5,
        "ytick.labelsize": 9.5,
        "xtick.major.size": 3,
        "ytick.major.size": 3,
        "svg.hashsalt": "foreshock",
        "axes.unicode_minus": True,
    }
