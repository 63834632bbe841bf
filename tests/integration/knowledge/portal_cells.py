"""Cells of the portal's export as a person read them, beside what the parser reads: the draw, both shapes, the figures.

Run it to print the figures: ``python -m tests.integration.knowledge.portal_cells PATH-OF-THE-EXPORT``.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.model import Procedure, RequiredDocument, Submission
from knowledge.sources.portal_jsonl import read_portal_jsonl

FACTS = Path(__file__).resolve().parents[2] / "data" / "portal" / "cells_by_hand.yml"
SEED, N_RECORDS = 20261122, 100
CHANNELS = {"online": "o", "post": "p", "desk": "d", "other": "x"}
UNITS = {"ngày làm việc": "w", "ngày": "d", "giờ": "h", "giờ làm việc": "hw", "tháng": "m", "tuần": "t", "năm": "y", "phút": "min"}
_PAPER = re.compile(r"(\d+)/(\d+)(f?)(?:\*(\d+))?")


@dataclass(frozen=True)
class Cells:
    """Rows as (channel, time, fee) and papers as (case, originals, copies, has a form file), in order."""

    rows: tuple[tuple[str, str, str], ...]
    papers: tuple[tuple[int, int, int, bool], ...]


@dataclass(frozen=True)
class Score:
    """What was read rightly, what was read, what is there."""

    right: int
    read: int
    true: int

    @property
    def precision(self) -> float:
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


def drawn_codes(export: Path) -> list[str]:
    """The codes that the draw picks: one record a field, fields in shuffled order, until there are enough."""
    by_field: dict[str, list[str]] = defaultdict(list)
    with gzip.open(export, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            by_field[record["linh_vuc"].strip()].append(record["ma_thu_tuc"])
    order = sorted(by_field)
    draw = random.Random(SEED)
    draw.shuffle(order)
    return sorted(draw.choice(sorted(by_field[field])) for field in order[:N_RECORDS])


def cells_by_hand() -> dict[str, Cells]:
    return {code: _cells(facts) for code, facts in yaml.safe_load(FACTS.read_text(encoding="utf-8")).items()}


def cells_of(procedure: Procedure) -> Cells:
    """The same of a parsed record. A time that is marked as uncertain counts as one without unit."""
    rows = tuple((CHANNELS[s.channel], _time(s), _fee(s)) for s in procedure.submissions)
    return Cells(rows, tuple(_papers(procedure.documents)))


def scores(export: Path) -> dict[str, Score]:
    """Figures by kind of fact over all records of the draw."""
    parsed = {record.code: cells_of(record) for record in read_portal_jsonl(export).records}
    pairs = [(parsed[code], true) for code, true in cells_by_hand().items()]
    return {
        "time": _score((_kept(p.rows, 1), _kept(t.rows, 1)) for p, t in pairs),
        "fee": _score((_kept(p.rows, 2), _kept(t.rows, 2)) for p, t in pairs),
        "papers": _score((Counter(x[:3] for x in p.papers), Counter(x[:3] for x in t.papers)) for p, t in pairs),
        "forms": _score((Counter(x for x in p.papers if x[3]), Counter(x for x in t.papers if x[3])) for p, t in pairs),
    }


def _kept(rows: Iterable[tuple[str, str, str]], n: int) -> Counter[tuple[str, str]]:
    """(channel, value) of the rows whose cell is not empty."""
    return Counter((row[0], row[n]) for row in rows if row[n] != "-")


def _score(pairs: Iterable[tuple[Counter, Counter]]) -> Score:
    pairs = list(pairs)
    right = sum((read & true).total() for read, true in pairs)
    return Score(right, sum(read.total() for read, _ in pairs), sum(true.total() for _, true in pairs))


def _cells(facts: Mapping[str, str]) -> Cells:
    rows = tuple(tuple(row.split()) for row in facts["rows"].split(";"))
    papers = []
    for case, group in enumerate(facts["papers"].split("|")):
        for originals, copies, form, times in _PAPER.findall(group):
            papers += [(case, int(originals), int(copies), bool(form))] * int(times or 1)
    return Cells(rows, tuple(papers))


def _time(row: Submission) -> str:
    if not row.time:
        return "-"
    number, _, unit = row.time.partition(" ")
    return f"{number}{UNITS.get(unit.strip().lower(), unit)}" if row.is_time_certain else f"{number}?"


def _fee(row: Submission) -> str:
    """The first fee's amount in đồng as printed; "0" for "Miễn phí", "-" for none, "words" where only words are kept."""
    if not row.fees:
        return "-"
    if row.fees[0].startswith("Miễn phí"):
        return "0"
    amount = re.match(r"(\d[\d,.]*) ?(?:Việt Nam Đồng|VNĐ|VND|đồng)", row.fees[0])
    return re.sub(r"\D", "", amount[1]) if amount else "words"


def _papers(documents: Iterable[RequiredDocument]) -> Iterable[tuple[int, int, int, bool]]:
    case, last = -1, None
    for document in documents:
        if document.case != last:
            case, last = case + 1, document.case
        numbers = [int(n) for n in re.findall(r"\d+", document.quantity)]
        originals, copies = (numbers + [0, 0])[:2]
        yield case, originals, copies, bool(document.form)


def main() -> None:
    for kind, score in scores(Path(sys.argv[1])).items():
        print(f"{kind:8} precision {score.precision:.4f} ({score.right}/{score.read})  recall {score.recall:.4f} ({score.right}/{score.true})")


if __name__ == "__main__":
    main()
