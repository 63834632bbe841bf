"""Tasks and deadlines of real plans beside what a person read in them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from knowledge.plan_tasks import PlannedTask, planned_tasks
from knowledge.sources.plans import read_plan
from nlu.diacritics import bare

FILE = Path(__file__).resolve().parents[2] / "data" / "knowledge" / "plan_tasks" / "by_hand.yml"
TODAY = date(2026, 7, 1)


@pytest.fixture(scope="module")
def counts(corpus_dir: Path) -> dict[str, int]:
    total = {"by hand": 0, "found": 0, "both": 0, "deadlines": 0, "dated by hand": 0, "dated found": 0, "dated both": 0}
    for plan_id, rows in yaml.safe_load(FILE.read_text(encoding="utf-8")).items():
        (file,) = [f for folder in ("plans", "plans-2025") for f in (corpus_dir / folder).glob(f"{plan_id}.*")]
        for name, n in compare(rows, list(planned_tasks([read_plan(file)], TODAY))).items():
            total[name] += n
    return total


def compare(rows: list[list[str]], tasks: list[PlannedTask]) -> dict[str, int]:
    left = list(tasks)
    pairs = []
    for row in rows:
        same = next((task for task in left if is_same(row, task)), None)
        if same:
            left.remove(same)
            pairs.append((row, same))
    return {
        "by hand": len(rows), "found": len(tasks), "both": len(pairs),
        "deadlines": sum(row[3] == written(task) for row, task in pairs),
        "dated by hand": sum(row[3] != "-" for row in rows),
        "dated found": sum(task.deadline.kind != "none" for task in tasks),
        "dated both": sum(row[3] != "-" and row[3] == written(task) for row, task in pairs),
    }  # fmt: skip


def is_same(row: list[str], planned: PlannedTask) -> bool:
    section, lead, words, _ = row
    return planned.task.section == section and key(planned.task.lead).startswith(key(lead)) and key(words) in key(planned.task.what)


def written(planned: PlannedTask) -> str:
    deadline = planned.deadline
    if deadline.kind == "none":
        return "-"
    return f"{deadline.kind} {deadline.due}" if deadline.due else deadline.kind


def key(text: str) -> str:
    return " ".join(re.findall(r"\w+", bare(text).lower()))


def test_nine_of_ten_tasks_are_found_and_nine_of_ten_found_are_tasks(counts: dict[str, int]):
    assert counts["both"] / counts["by hand"] >= 0.9, counts
    assert counts["both"] / counts["found"] >= 0.9, counts


def test_deadlines_are_read_right(counts: dict[str, int]):
    assert counts["deadlines"] / counts["both"] >= 0.95, counts
    assert counts["dated both"] / counts["dated by hand"] >= 0.9, counts
    assert counts["dated both"] / counts["dated found"] >= 0.9, counts


def test_every_real_plan_is_read_and_no_deadline_is_unclear(corpus_dir: Path):
    plans = [read_plan(f) for folder in ("plans", "plans-2025") for f in sorted((corpus_dir / folder).iterdir())]
    tasks = planned_tasks(plans, TODAY)
    assert len(plans) == 33 and len(tasks) > 700
    assert sum(t.deadline.kind == "unclear" for t in tasks) <= 5
    assert all(t.task.lead and t.task.what for t in tasks)
