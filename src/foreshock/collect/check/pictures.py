"""Pictures of a check: availability, noise power beside Peterson's models, diversity. Looks at no samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import dates, font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from foreshock.collect.check.report import CheckReport, NoiseLevel, Span
from foreshock.collect.peterson import nhnm_db, nlnm_db
from foreshock.outputs import explained, sayable, whole_file

INK, GREY, BLUE, ORANGE = "#222222", "#8a8f98", "#2b6cb0", "#c05621"
LINES = ("#2b6cb0", "#c05621", "#2f855a", "#805ad5", "#b83280", "#718096", "#b7791f", "#319795")
MOST_STATIONS = 30
MOST_SHADED = 4
FEW_VALUES = 4
LAST_DRAWN, LAST_DRAWN_CJK = 0x2E7F, 0x9FFF
"""The last letter that fonts without, and with, Chinese can be counted on to draw."""
CJK_FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC", "SimHei")


def draw(report: CheckReport, out: Path) -> list[Path]:
    """Draw what the report knows as PNG files in the folder `out` and give their paths.

    ``availability.png`` and ``noise.png`` are left out where no times or no noise are known; ``diversity.png`` where
    nothing but names is known.

    Raises:
        OutputError: the folder cannot be written to.
    """
    out = Path(out)
    with explained(out):
        out.mkdir(parents=True, exist_ok=True)
    figures = {
        "availability.png": availability_figure(report) if report.spans else None,
        "noise.png": noise_figure(report) if report.noise else None,
        "diversity.png": diversity_figure(report) if _quantities(report.diversity) else None,
    }
    return [_saved(figure, out / name) for name, figure in figures.items() if figure is not None]


def _saved(figure: Figure, path: Path) -> Path:
    with whole_file(path) as temporary:
        FigureCanvasAgg(figure)
        figure.savefig(temporary, format="png", dpi=130, metadata={"Software": None})
    return path


def _text(text: str, *, most: int = 48) -> str:
    """Shorten a text, put ? for letters that no font can draw, and let no dollar begin a formula."""
    text = text if len(text) <= most else "…" + text[-most + 1 :]
    last = LAST_DRAWN if _cjk_font() is None else LAST_DRAWN_CJK
    drawn = "".join(letter if letter.isprintable() and ord(letter) <= last else "?" for letter in sayable(text))
    return drawn.replace("$", r"\$")


def _cjk_font() -> str | None:
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CJK_FONTS if name in installed), None)


def _family() -> list[str]:
    font = _cjk_font()
    return ["DejaVu Sans", font] if font is not None else ["DejaVu Sans"]


def _new(width: float, height: float, title: str) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    figure.suptitle(title, fontsize=12, color=INK, fontfamily=_family())
    return figure


def _calm(axes: Axes, title: str = "") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9, colors=INK)
    axes.grid(visible=True, color="#e6e8eb", linewidth=0.7)
    axes.set_axisbelow(True)
    if title:
        axes.set_title(title, fontsize=10, color=INK, loc="left", fontfamily=_family())


# -- availability --------------------------------------------------------------------------------------------------


def availability_figure(report: CheckReport) -> Figure:
    """Draw when there is data: one line a station or channel."""
    lines = _lines(report.spans)
    shown = dict(sorted(lines.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_STATIONS])
    names = sorted(shown, reverse=True)
    hidden = f" ({len(lines) - len(shown)} lines not shown)" if len(lines) > len(shown) else ""
    figure = _new(9, 1.6 + 0.3 * len(names), f"When there is data: {_text(Path(report.path).name)}{hidden}")
    axes = figure.add_subplot()
    first, last = (f(edge) for f, edge in ((min, _starts(report.spans)), (max, _ends(report.spans))))
    width = max((last - first) / 86_400e9, 1e-6)
    for height, name in enumerate(names):
        axes.add_collection(_bars(shown[name], height, least=width / 900))
    axes.set_yticks(
        range(len(names)), [_text(f"{name}  ({len(shown[name])})") for name in names], fontsize=9, fontfamily=_family()
    )
    axes.set_ylim(-0.6, len(names) - 0.4)
    margin = 0.01 * width
    axes.set_xlim(first / 86_400e9 - margin, last / 86_400e9 + margin)
    locator = dates.AutoDateLocator(minticks=4, maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.set_xlabel("time, UTC    (in brackets: number of pieces)", fontsize=9)
    _calm(axes)
    return figure


def _starts(spans: tuple[Span, ...]) -> list[int]:
    return [span.start_ns for span in spans]


def _ends(spans: tuple[Span, ...]) -> list[int]:
    return [span.end_ns for span in spans]


def _lines(spans: tuple[Span, ...]) -> dict[str, list[Span]]:
    lines: dict[str, list[Span]] = {}
    for span in spans:
        lines.setdefault(span.label, []).append(span)
    return lines


def _bars(spans: list[Span], height: int, *, least: float) -> PolyCollection:
    """Bars in days; one thinner than a hair is drawn as wide as a hair."""
    edges = []
    for span in spans:
        left = span.start_ns / 86_400e9
        right = max(span.end_ns / 86_400e9, left + least)
        low, high = height - 0.32, height + 0.32
        edges.append([(left, low), (left, high), (right, high), (right, low)])
    return PolyCollection(edges, facecolor=BLUE, edgecolor="none", alpha=0.85)


# -- noise ---------------------------------------------------------------------------------------------------------


def noise_figure(report: CheckReport) -> Figure:
    """Draw the power of the noise by period; in SI beside Peterson's models, in counts alone."""
    absolute = [level for level in report.noise if level.absolute]
    levels = absolute or list(report.noise)
    figure = _new(9, 5.2, f"Power of the noise: {_text(Path(report.path).name)}")
    axes = figure.add_subplot()
    shade = len(levels) <= MOST_SHADED
    for k, level in enumerate(levels):
        _draw_level(axes, level, colour=LINES[k % len(LINES)], style=("-", "--", ":")[k // len(LINES) % 3], shade=shade)
    low = min(float(level.period_s.min()) for level in levels)
    high = max(float(level.period_s.max()) for level in levels)
    if absolute:
        _draw_peterson(axes, low, high)
        axes.set_ylabel("acceleration power, dB rel. 1 (m/s²)²/Hz", fontsize=9)
    else:
        axes.set_ylabel("power, dB rel. 1 count²/Hz", fontsize=9)
        note = "samples in counts: not comparable with Peterson's models"
        axes.annotate(note, (0.01, 0.02), xycoords="axes fraction", fontsize=8, color=GREY)
    axes.set_xscale("log")
    axes.set_xlim(low * 0.9, high * 1.1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("period, s", fontsize=9)
    axes.legend(prop={"family": _family(), "size": 8}, frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5))
    _calm(axes, "median over windows" + (", shaded from 10th to 90th percentile" if shade else ""))
    return figure


def _draw_level(axes: Axes, level: NoiseLevel, *, colour: str, style: str, shade: bool) -> None:
    if shade:
        axes.fill_between(level.period_s, level.low_db, level.high_db, color=colour, alpha=0.1, linewidth=0)
    label = f"{_text(level.label, most=22)} ({level.n_windows})"
    axes.plot(level.period_s, level.median_db, color=colour, linestyle=style, linewidth=1.3, label=label)


def _draw_peterson(axes: Axes, low: float, high: float) -> None:
    period = np.geomspace(max(low, 0.1), max(high, 0.2), 300)
    for model, name, down in (
        (nhnm_db(period), "Peterson's high-noise model", -1),
        (nlnm_db(period), "low-noise model", 1),
    ):
        axes.plot(period, model, color=INK, linewidth=1.8)
        at = len(period) // 10
        axes.annotate(
            name, (period[at], model[at]), xytext=(0, -10 * down), textcoords="offset points", fontsize=8, color=INK,
            va="center",
        )  # fmt: skip


# -- diversity -----------------------------------------------------------------------------------------------------

_PANELS = (
    ("magnitude", "magnitude", "magnitude"),
    ("distance_km", "epicentral distance", "km"),
    ("depth_km", "depth", "km"),
    ("snr_db", "signal to noise", "dB"),
    ("span_s", "length of the pieces", "s"),
    ("rate_hz", "sampling rate", "Hz"),
    ("cell", "regions (1° cells)", "records"),
    ("instrument", "instruments", "records"),
    ("station", "stations", "records"),
    ("kind", "kinds", "records"),
)


def _quantities(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    return [panel for panel in _PANELS if panel[0] in table and table[panel[0]].notna().any()]


def diversity_figure(report: CheckReport) -> Figure:
    """Draw how magnitudes, distances, depths, signal to noise, regions, instruments and stations are spread."""
    panels = _quantities(report.diversity)
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    what = "records" if report.kind == "dataset" else "pieces"
    title = f"How diverse the {what} are: {_text(Path(report.path).name)}, {len(report.diversity)} {what}"
    figure = _new(3.4 * columns + 0.6, 2.5 * rows + 0.6, title)
    for k, (column, name, unit) in enumerate(panels):
        axes = figure.add_subplot(rows, columns, k + 1)
        known = report.diversity[column].dropna()
        missing = len(report.diversity) - len(known)
        _calm(axes, name + (f"  ({missing} not known)" if missing else ""))
        if pd.api.types.is_numeric_dtype(known) and known.nunique() > FEW_VALUES:
            _histogram(axes, known.to_numpy(float), unit)
        else:
            _commonest(axes, _worded(known, unit), "records")
    return figure


def _worded(values: pd.Series, unit: str) -> pd.Series:
    """Few different numbers are named rather than binned."""
    return values.map(lambda v: f"{v:g} {unit}") if pd.api.types.is_numeric_dtype(values) else values


def _histogram(axes: Axes, values: np.ndarray[tuple[int], np.dtype[np.float64]], unit: str) -> None:
    values = values[np.isfinite(values)]
    count = min(30, max(5, int(np.sqrt(len(values)))))
    wide = values.min() > 0 and values.max() > 50 * values.min() and unit in ("km", "s", "Hz")
    bins = np.geomspace(values.min(), values.max(), count + 1).tolist() if wide else count
    axes.hist(values, bins=bins, color=BLUE, alpha=0.85)
    if wide:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.axvline(float(np.median(values)), color=ORANGE, linewidth=1.3)
    axes.set_xlabel(f"{unit}    (median {np.median(values):.4g}, orange)", fontsize=8)
    axes.set_ylabel("records", fontsize=8)


def _commonest(axes: Axes, values: pd.Series, unit: str, *, most: int = 8) -> None:
    counts = values.value_counts().head(most)[::-1]
    labels = [_text(str(name), most=16) for name in counts.index]
    axes.barh(range(len(counts)), counts.to_numpy(), color=BLUE, alpha=0.85, height=0.7)
    axes.set_yticks(range(len(counts)), labels, fontsize=8)
    axes.set_ylim(len(counts) - 0.4 - max(4.2, len(counts) + 0.2), len(counts) - 0.4)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    for tick in axes.get_yticklabels():
        tick.set_fontfamily(_family())
    more = values.nunique() - len(counts)
    axes.set_xlabel(unit + (f"  (and {more} others)" if more > 0 else ""), fontsize=8)
    axes.grid(visible=False, axis="y")
