"""Floors and ceilings: ``minimum`` and ``maximum`` by dotted figure name, in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from knowledge.evaluation.errors import GateError
from knowledge.evaluation.summary import figure


def load_gate(path: Path) -> dict[str, dict[str, float]]:
    """Read a file of limits.

    Raises:
        GateError: not readable, not YAML, or not ``{minimum: {figure: number}, maximum: …}``.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as exc:
        raise GateError(f"{path.name}: expected a readable YAML file; came {type(exc).__name__}") from exc
    if not isinstance(data, dict) or not data or not set(data) <= {"minimum", "maximum"}:
        raise GateError(f"{path.name}: expected minimum and maximum; came {data if data is None else sorted(data)!r}")
    for side, limits in data.items():
        if not isinstance(limits, dict) or not all(_is_number(v) for v in limits.values()):
            raise GateError(f"{path.name}: {side}: expected figure: number; came {limits!r}")
    return data


def falls_short(summary: Mapping[str, Any], limits: Mapping[str, Mapping[str, float]]) -> list[str]:
    """One line for each figure beyond its limit, empty when all hold.

    Raises:
        GateError: a figure that this run does not have: the limit would prove nothing.
    """
    lines = []
    for side, is_short in (("minimum", lambda v, limit: v < limit), ("maximum", lambda v, limit: v > limit)):
        for name, limit in limits.get(side, {}).items():
            value = _value(summary, name)
            if is_short(value, limit):
                lines.append(f"{name} is {value}, {side} {limit}")
    return lines


def _value(summary: Mapping[str, Any], name: str) -> float:
    try:
        value = figure(dict(summary), name)
    except KeyError as exc:
        raise GateError(f"{name}: expected a figure of this run; came none; check its name and the sets asked") from exc
    if not _is_number(value):
        raise GateError(f"{name}: expected a number; came {value!r}; the set holds no question that it counts")
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
