"""Plots of a run: R@k by register, the abstention curve, confusion of intents. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.evaluation.metrics import CurvePoint, abstention_curve
from knowledge.evaluation.outcome import Outcome
from knowledge.evaluation.summary import is_judged_for_abstention

_DPI = 120


def draw_all(
    folder: Path,
    outcomes: Sequence[Outcome],
    summary: Mapping[str, Any],
    threshold: float,
    intents: Sequence[tuple[str, str]],
) -> list[Path]:
    """Draw what the run has figures for.

    Args:
        threshold: confidence marked on the curve.
        intents: (right, seen) pairs; empty leaves the confusion out.

    Returns:
        The PNG files written.
    """
    judged = [o for o in outcomes if is_judged_for_abstention(o)]
    written = []
    if "retrieval" in summary:
        written.append(_recall_bars(folder / "recall.png", summary["retrieval"]))
    if judged:
        written.append(_abstention(folder / "abstention.png", abstention_curve(judged), threshold))
    if intents:
        written.append(_confusion(folder / "intents.png", intents))
    return written


def _recall_bars(path: Path, retrieval: Mapping[str, Any]) -> Path:
    rows = {
        name if register == "all" else f"{name} {register}": figures
        for name, registers in retrieval.items()
        for register, figures in registers.items()
    }
    figure, axes = _axes(8, 1.5 + 0.45 * len(rows))
    places = np.arange(len(rows))
    for n, (key, label) in enumerate((("r1", "R@1"), ("r5", "R@5"), ("r10", "R@10"))):
        axes.barh(places + 0.25 * n, [f[key] for f in rows.values()], height=0.25, label=label)
    axes.set_yticks(places + 0.25, [f"{name} (n={f['n']})" for name, f in rows.items()])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_title("Tìm đúng thủ tục trong k kết quả đầu, theo cách hỏi")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=3)
    axes.grid(axis="x", alpha=0.3)
    return _save(figure, path)


def _abstention(path: Path, points: Sequence[CurvePoint], threshold: float) -> Path:
    figure, axes = _axes(7, 5)
    axes.step([p.coverage for p in points], [p.wrong for p in points], where="post")
    above = [p for p in points if p.threshold >= threshold]
    if above:
        axes.plot(above[-1].coverage, above[-1].wrong, "o", label=f"ngưỡng {threshold}")
        axes.legend()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(0.05, *(p.wrong for p in points)) * 1.05)
    axes.set_xlabel("Độ phủ: phần câu hỏi được trả lời")
    axes.set_ylabel("Phần câu trả lời sai")
    axes.set_title("Trả lời sai theo độ phủ")
    axes.grid(alpha=0.3)
    return _save(figure, path)


def _confusion(path: Path, pairs: Sequence[tuple[str, str]]) -> Path:
    names = sorted({name for pair in pairs for name in pair})
    place = {name: n for n, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for right, seen in pairs:
        counts[place[right], place[seen]] += 1
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    figure, axes = _axes(3 + 0.28 * len(names), 3 + 0.28 * len(names))
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xlabel("Ý định nhận ra")
    axes.set_ylabel("Ý định đúng")
    axes.set_title(f"Nhầm lẫn ý định (n={len(pairs)})")
    figure.colorbar(image, shrink=0.6)
    return _save(figure, path)


def _axes(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)  # draws without a display
    return figure, figure.subplots()


def _save(figure: Any, path: Path) -> Path:
    figure.savefig(path, dpi=_DPI)
    return path
