"""The index that was built answers for itself before it goes live: it loads, and finds procedures by their own names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.index.errors import IndexError_
from knowledge.index.manifest import INDEX_FORMAT
from knowledge.index.store import IndexStore, load_index
from knowledge.index.vectors import PassageEncoder
from knowledge.library import Library
from knowledge.retrieval.config import load_search_config
from knowledge.retrieval.search import Searcher
from nlu.diacritics import RESTORER_VERSION
from nlu.normalizer import NORMALIZER_VERSION
from nlu.tokenizer import TOKENIZER_VERSION

if TYPE_CHECKING:
    from knowledge.index.pgvectors import PgVectors

_N_ASKED = 12
_MUST_FIND = 0.75  # names differ by a level only, so that a namesake may come first
_AMONG = 10


def is_current(store: IndexStore, encoder: PassageEncoder, digest: str) -> bool:
    """Whether the live index is whole, of the running code and encoder, and holds the records of this digest."""
    try:
        manifest = store.checked_manifest()  # a damaged index is not current: else `motcua index` would never mend it
        manifest.refuse_mismatch(
            index_format=INDEX_FORMAT,
            normalizer_version=str(NORMALIZER_VERSION),
            tokenizer_version=str(TOKENIZER_VERSION),
            restorer_version=str(RESTORER_VERSION),
            encoder=f"{encoder.name} {encoder.digest}",
            source_digest=digest,
        )
    except IndexError_:
        return False
    return True


def answers_for_itself(
    folder: Path, encoder: PassageEncoder, library: Library | None, database: PgVectors | None = None
) -> str:
    """Load a built index and look up some of its procedures by name; why it must not go live, "" when it may.

    Args:
        library: what it was built from; its counts must be the index's. None skips that.
        database: where its vectors are, None for the folder's files.

    Raises:
        IndexError_: the index cannot be loaded.
    """
    index = load_index(folder, encoder, database)
    if library is not None and (len(index.procedures), len(index.plans)) != (len(library.procedures), len(library.plans)):
        return f"Chỉ mục thiếu bản ghi. | index: expected {len(library.procedures)} procedures; came {len(index.procedures)}; build it again"
    if not index.procedures:
        return ""
    searcher = Searcher(index, encoder, load_search_config())
    asked = index.procedures[:: max(1, len(index.procedures) // _N_ASKED)][:_N_ASKED]
    n_found = 0
    for procedure in asked:
        found = [hit.procedure.name for hit in searcher.search(procedure.name).procedures[:_AMONG]]
        n_found += procedure.name in found
    if n_found < _MUST_FIND * len(asked):
        return f"Chỉ mục tự kiểm tra không đạt: tìm đúng {n_found}/{len(asked)} tên. | selfcheck: expected {len(asked)} names found; came {n_found}; the live index goes on"
    return ""
