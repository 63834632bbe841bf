"""The portal's cells of time, fee and papers on 100 records that a person read: what the parser says is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.knowledge.portal_cells import N_RECORDS, Score, cells_by_hand, drawn_codes, scores


@pytest.fixture(scope="module")
def export(corpus_dir: Path) -> Path:
    path = corpus_dir / "procedures-2026-07.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no {path.name} in the test corpus: set MOTCUA_TEST_CORPUS to the folder that holds it")
    return path


@pytest.fixture(scope="module")
def measured(export: Path) -> dict[str, Score]:
    return scores(export)


def test_the_records_read_are_those_that_were_drawn(export: Path):
    assert drawn_codes(export) == sorted(cells_by_hand()) and len(cells_by_hand()) == N_RECORDS


@pytest.mark.parametrize(("kind", "n_true"), [("time", 254), ("fee", 225), ("papers", 437)])
def test_times_fees_and_papers_are_read_as_they_stand(measured: dict[str, Score], kind: str, n_true: int):
    score = measured[kind]
    assert score.true == n_true and score.precision >= 0.995 and score.recall >= 0.995, score


def test_a_form_file_is_told_from_the_papers_name_or_left_in_it(measured: dict[str, Score]):
    score = measured["forms"]
    assert score.precision == 1.0 and score.recall >= 0.92, score
