"""What every dense index has to do, in whatever file or server it keeps its vectors.

A test class inherits :class:`DenseContract`; its module gives the fixtures ``make``, which builds rows into an index,
saves it and opens it again, and ``index``, such an index of :func:`clustered_rows` that the tests share.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from knowledge.index.role import DenseSearch, Rows

N, DIMENSION = 1500, 32
Make = Callable[[Rows], DenseSearch]


def clustered_rows(n: int = N) -> np.ndarray:
    """Unit vectors in clusters, as texts about the same matters are: float32 (n, DIMENSION)."""
    generator = np.random.default_rng(7)
    centres = generator.standard_normal((30, DIMENSION))
    found = centres[generator.integers(30, size=n)] + 0.5 * generator.standard_normal((n, DIMENSION))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


class DenseContract:
    """Inherit; ``make`` and ``index`` come from the module."""

    is_exact = False

    @pytest.fixture
    def rows(self) -> np.ndarray:
        return clustered_rows()

    def test_its_size_is_that_of_the_rows(self, index: DenseSearch) -> None:
        assert (index.n_vectors, index.dimension) == (N, DIMENSION)

    def test_nearly_all_of_the_ten_nearest_are_found_and_in_order(self, index: DenseSearch, rows: np.ndarray) -> None:
        queries = rows[:60]
        exact = np.argsort(-queries @ rows.T, axis=1)[:, :10]
        scores, found = index.search(queries, 10)
        recall = np.mean([len(set(one) & set(other)) / 10 for one, other in zip(exact, found, strict=True)])
        assert recall >= (0.99 if self.is_exact else 0.95)
        assert (np.diff(scores, axis=1) <= 1e-6).all()
        assert np.allclose(scores, np.take_along_axis(queries @ rows.T, found, axis=1), atol=0.02)

    @pytest.mark.parametrize("n", [0, 1, 3])
    def test_so_few_rows_that_nothing_can_be_learnt_are_indexed_all_the_same(self, make: Make, rows: np.ndarray, n: int) -> None:
        scores, found = make(rows[:n]).search(rows[:2], 10)
        assert scores.shape == found.shape == (2, n)
        assert {*found.ravel().tolist()} == {*range(n)}

    def test_asking_for_more_than_the_usual_breadth_gives_rows_and_never_a_stand_in(self, index: DenseSearch, rows: np.ndarray) -> None:
        scores, found = index.search(rows[:3], N)
        assert found.shape == scores.shape
        assert found.shape[1] > 0.95 * N
        assert found.min() >= 0
        assert [len(set(line)) for line in found.tolist()] == [found.shape[1]] * 3

    def test_the_cosine_of_every_row_is_right_for_the_near_ones_and_low_for_the_rest(self, index: DenseSearch, rows: np.ndarray) -> None:
        cosines = index.cosines(rows[:2], 10)
        assert cosines.shape == (2, N)
        near = index.search(rows[:2], 10)
        assert np.allclose(np.take_along_axis(cosines, near[1], axis=1), near[0])
        assert np.allclose(cosines.min(axis=1), near[0].min(axis=1))
        assert ((cosines > cosines.min(axis=1, keepdims=True) + 1e-6).sum(axis=1) <= 9).all()

    def test_some_rows_are_compared_without_a_search(self, index: DenseSearch, rows: np.ndarray) -> None:
        chosen = np.array([N - 1, 0, 7, 7])
        assert np.allclose(index.cosines_of(rows[3], chosen), rows[chosen] @ rows[3], atol=0.02)
        assert index.cosines_of(rows[3], np.zeros(0, dtype=np.int64)).shape == (0,)

    def test_threads_asking_for_different_breadths_do_not_disturb_each_other(self, index: DenseSearch, rows: np.ndarray) -> None:
        expected = {k: index.search(rows[:5], k)[1] for k in (1, 10, 300)}
        wrong: list[int] = []

        def ask(k: int) -> None:
            for _ in range(10):
                if not np.array_equal(index.search(rows[:5], k)[1], expected[k]):
                    wrong.append(k)

        threads = [threading.Thread(target=ask, args=(k,)) for k in expected for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
