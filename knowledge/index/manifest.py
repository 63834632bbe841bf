"""What an index folder says of itself; loading refuses whatever does not fit the running code."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from knowledge.index.errors import IndexDamagedError, IndexMismatchError
from knowledge.index.kinds import AnyKind, Flat, kind_from

INDEX_FORMAT = 6  # since 6 passages lie in lines


@dataclass(frozen=True)
class Manifest:
    """Identity of an index.

    Attributes:
        index_format: layout of the folder.
        normalizer_version, tokenizer_version, restorer_version: of nlu, since queries must pass the same code.
        encoder: name and digest of the encoder whose vectors lie here.
        dimension: of its vectors.
        source_digest: sha256 over all records indexed.
        n_*: rows of each part.
        built_at: ISO time, UTC.
        files: sha256 of each file by relative path.
        dense: kind and parameters of each part's dense index; a part that is not named is flat.
    """

    index_format: int
    normalizer_version: str
    tokenizer_version: str
    restorer_version: str
    encoder: str
    dimension: int
    source_digest: str
    n_procedures: int
    n_plans: int
    n_titles: int
    n_families: int
    n_outside: int
    n_signs: int
    n_passages: int
    n_plan_passages: int
    built_at: str
    files: dict[str, str]
    dense: dict[str, dict[str, Any]] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False, sort_keys=True)
        (folder / "manifest.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        path = folder / "manifest.json"
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as exc:
            raise IndexDamagedError(path.name, "a manifest", "none (a half-written index?)") from exc
        except (ValueError, TypeError) as exc:
            raise IndexDamagedError(path.name, "a manifest of this version", type(exc).__name__) from exc

    def dense_kind(self, part: str) -> AnyKind:
        """Kind of one part's dense index.

        Raises:
            IndexDamagedError: parameters that no kind has.
        """
        try:
            return kind_from(self.dense[part]) if part in self.dense else Flat()
        except ValueError as exc:
            raise IndexDamagedError("manifest.json", f"a kind of index for {part}", f"{self.dense[part]!r:.80}") from exc

    def refuse_mismatch(self, **expected: object) -> None:
        """Raise IndexMismatchError for the first attribute that differs from what the running code has."""
        for key, value in expected.items():
            if getattr(self, key) != value:
                raise IndexMismatchError(key, str(value), str(getattr(self, key)))
