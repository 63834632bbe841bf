"""What the ingest tests take in: an export of a few invented procedures, small plans, and an ingest over them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from connectors.store.database import open_engine
from knowledge.index.store import IndexStore, SearchIndex
from knowledge.ingest.report import FileLine, IngestOutcome
from knowledge.ingest.service import Ingest
from knowledge.library import Library
from knowledge.sources.guards import ReadLimits
from knowledge.sources.report import ReadReport
from knowledge.store.database import ContentDatabase
from tests.fakes import BIRTH, MARRIAGE, HashEncoder

ROW = json.loads((Path(__file__).resolve().parents[3] / "data" / "knowledge" / "jsonl" / "invented-2031-05.jsonl").read_text(encoding="utf-8").splitlines()[0])
_PLAN = (Path(__file__).resolve().parents[3] / "data" / "knowledge" / "plans" / "ke-hoach-dieu-2031.txt").read_text(encoding="utf-8")


def export(path: Path, *codes: str, **cells: str) -> Path:
    """An export of the portal with a row a code, each under a name of its own."""
    rows = [{**ROW, "ma_thu_tuc": code, "ten_thu_tuc": f"Đăng ký nuôi chim loài {code.replace('.', ' ')}", **cells} for code in codes]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    return path


def plan(path: Path, number: str = "41/KH-UBND", words: str = "Diều phải có đuôi dài.", place: str = "Trăng Sao") -> Path:
    """The invented plan of the kite feast under another number, with a line of its own and in another province."""
    text = _PLAN.replace("7/KH-UBND", number).replace("- Diều bay cao", f"- {words}\n- Diều bay cao")
    text = text.replace("TRĂNG SAO", place.upper()).replace("TRĂNG\nSAO", place.upper()).replace("Trăng\nSao", place).replace("Trăng Sao", place)
    path.write_text(text, encoding="utf-8")
    return path


@dataclass
class Town:
    """An ingest with a database and an index of its own; ``bundled`` may be changed between runs."""

    home: Path
    encoder: HashEncoder = field(default_factory=HashEncoder)
    bundled: ReadReport = ReadReport(records=(BIRTH, MARRIAGE))
    limits: ReadLimits | None = None
    dress: Callable[[Library], Library] = staticmethod(lambda library: library)

    def __post_init__(self) -> None:
        self.files = self.home / "files"
        self.files.mkdir(parents=True)
        self.open_database()

    def open_database(self) -> None:
        self.database = ContentDatabase(open_engine(f"sqlite:///{self.home / 'motcua.db'}"))

    @property
    def ingest(self) -> Ingest:
        return Ingest(
            self.database, IndexStore(self.home / "index"), self.encoder, self.home / "cache", self.home / "ingest.lock", self.dress, self.limits
        )  # fmt: skip

    def run(self, *roots: Path, **options) -> IngestOutcome:
        return self.ingest.run(self.bundled, roots or (self.files,), **options)

    def live(self) -> SearchIndex:
        return IndexStore(self.home / "index").load_current(HashEncoder())

    def codes(self) -> set[str]:
        return {procedure.code for procedure in self.live().procedures}


def line_of(outcome: IngestOutcome, name: str) -> FileLine:
    return next(line for line in outcome.files if line.name.endswith(name))
