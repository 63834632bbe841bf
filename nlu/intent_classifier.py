"""Intent classifier: a linear multinomial model over hashed n-grams and the encoder's vector.

Training needs scikit-learn, inference only numpy. Every example is seen five times: as written, without
diacritics, and without diacritics and with three slips of the keyboard (abbreviations are written out before).
The encoder's vector is used only where the text has diacritics: of a bare text it says little, and weights
learnt from such vectors spoil the others. Confidence is calibrated by one temperature found on examples held
out by intent. Artefacts name the encoder, the versions and the data they came
from, and loading refuses anything else: there is no untrained classifier.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import random
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nlu.errors import ModelError, TrainingError
from nlu.features import FEATURES_VERSION, N_BUCKETS, SparseFeatures, classifier_text, ngram_features
from nlu.normalizer import NORMALIZER_VERSION, has_diacritics, strip_diacritics
from nlu.training_data import data_digest, read_training_data, unique_examples

FORMAT = 2
# Tried on a fifth of the training data held out: weight .25, .5, 1, 2, 3 and C 5, 8, 20.
DENSE_WEIGHT = 0.7  # length of the encoder's vector beside the n-grams', which is 1
REGULARISATION = 20.0  # C of the logistic regression
HELD_OUT_SHARE = 0.2
SLIPS = 3  # with one, the draw of the slips moved 7 of 549 held-back messages; with three 3
MIN_ROWS = 4  # an n-gram of fewer rows only names an example or a slip
_MANIFEST = "manifest.json"
_WEIGHTS = "weights.npz"

logger = logging.getLogger(__name__)

Ranking = tuple[tuple[str, float], ...]


class QueryEncoder(Protocol):
    """What the classifier needs of an encoder (nlu/encoder.py)."""

    dimension: int
    digest: str

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray: ...


@dataclass(frozen=True)
class ClassifierManifest:
    """What a saved classifier is made of; compared on load.

    Attributes:
        temperature: logits are divided by it.
        data_digest: ``nlu.training_data.data_digest`` of the examples as they are learned, abbreviations written out: a change of
            that table is one of the data.
        weights_sha256: of the file of weights; "" until saved.
    """

    labels: tuple[str, ...]
    encoder_digest: str
    encoder_dimension: int
    temperature: float
    data_digest: str
    n_examples: int
    seed: int
    features_version: str = FEATURES_VERSION
    normalizer_version: str = NORMALIZER_VERSION
    format: int = FORMAT
    weights_sha256: str = ""


class IntentClassifier:
    """A trained classifier. Thread-safe: nothing changes after construction."""

    def __init__(self, manifest: ClassifierManifest, weights: np.ndarray, bias: np.ndarray, dense_mean: np.ndarray) -> None:
        """
        Args:
            weights: float32 (N_BUCKETS + dimension, n_labels).
            bias: float32 (n_labels,).
            dense_mean: float32 (dimension,), taken off each vector: e5's vectors crowd round their mean.
        """
        self.manifest = manifest
        self._weights = weights
        self._bias = bias
        self._dense_mean = dense_mean

    @property
    def labels(self) -> tuple[str, ...]:
        return self.manifest.labels

    def classify(self, text: str, encoder: QueryEncoder) -> Ranking:
        """Rank every intent for a text as typed.

        Returns:
            (intent, confidence), best first, confidences add up to 1; () for a text without words.

        Raises:
            ModelError: the encoder is not the one the classifier was trained with.
        """
        self.check_encoder(encoder)
        prepared = classifier_text(text)
        if not prepared:
            return ()
        dense = encoder.encode_queries([prepared])[0] if has_diacritics(prepared) else None
        return self.rank(ngram_features(prepared), dense)

    def rank(self, sparse: SparseFeatures, dense: np.ndarray | None) -> Ranking:
        """Rank every intent for features already computed.

        Args:
            dense: float32 (dimension,), the encoder's query vector of the same text; None for a text without
                diacritics.
        """
        logits = sparse.values @ self._weights[sparse.indices] + self._bias
        if dense is not None:
            logits = logits + _scale_dense(dense[None, :], self._dense_mean)[0] @ self._weights[N_BUCKETS:]
        probabilities = _softmax(logits[None, :] / self.manifest.temperature)[0]
        order = np.argsort(-probabilities, kind="stable")
        return tuple((self.labels[index], float(probabilities[index])) for index in order)

    def check_encoder(self, encoder: QueryEncoder) -> None:
        """Refuse an encoder other than the one of training (ModelError)."""
        if encoder.digest != self.manifest.encoder_digest:
            raise ModelError(
                f"intent classifier: expected encoder {self.manifest.encoder_digest}, got {encoder.digest}; "
                "train again (motcua train)"
            )


def train(texts: Sequence[str], labels: Sequence[str], encoder: QueryEncoder, seed: int = 1) -> IntentClassifier:
    """Train a classifier.

    Args:
        texts: as typed. labels: intent of each.

    Raises:
        TrainingError: fewer than two intents, an intent with fewer than two examples, or lengths differ.

    The order of the examples and repeated ones make no difference.
    """
    if len(texts) != len(labels):
        raise TrainingError(f"expected one intent a text, got {len(texts)} texts and {len(labels)} intents")
    examples = unique_examples(zip(texts, labels, strict=True))
    texts, labels = [text for text, _ in examples], [label for _, label in examples]
    names, targets = _check_examples(labels)
    prepared = [classifier_text(text) or text for text in texts]
    slips = random.Random(seed)
    variants = [(row, form) for row, text in enumerate(prepared) for form in _forms(text, slips)]
    rows = np.array([row for row, _ in variants])
    forms = [form for _, form in variants]
    dense, dense_mean = _encode_marked(forms, encoder)
    matrix = _matrix(forms, dense)
    columns = np.flatnonzero(matrix.getnnz(axis=0) >= MIN_ROWS)
    matrix = matrix[:, columns]
    held_out = _held_out(targets, seed)[rows]
    model = _new_model(seed)
    temperature = _calibrate(model, matrix, targets[rows], held_out)
    model.fit(matrix, targets[rows])  # goes on from the weights of the calibration
    manifest = ClassifierManifest(
        labels=names,
        encoder_digest=encoder.digest,
        encoder_dimension=encoder.dimension,
        temperature=temperature,
        data_digest=_digest_of(examples),
        n_examples=len(texts),
        seed=seed,
    )
    found, bias = _weights_of(model)
    weights = np.zeros((N_BUCKETS + encoder.dimension, len(names)), dtype=np.float32)
    weights[columns] = found
    return IntentClassifier(manifest, weights, bias, dense_mean.astype(np.float32))


def save(classifier: IntentClassifier, folder: Path) -> None:
    """Write a classifier; a reader sees the old one or the new one, or refuses a half-written pair."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / (_WEIGHTS + ".new")
    with weights.open("wb") as file:
        np.savez_compressed(
            file, weights=classifier._weights, bias=classifier._bias, dense_mean=classifier._dense_mean
        )
    content = asdict(classifier.manifest) | {"weights_sha256": _sha256(weights)}
    manifest = folder / (_MANIFEST + ".new")
    manifest.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(weights, folder / _WEIGHTS)
    os.replace(manifest, folder / _MANIFEST)


def load(folder: Path) -> IntentClassifier:
    """Read a classifier back.

    Raises:
        ModelError: missing, damaged, or of another format or version; says which and what to do.
    """
    manifest = read_manifest(folder)
    path = folder / _WEIGHTS
    try:
        found = _sha256(path)
        if found != manifest.weights_sha256:
            raise ModelError(f"{path}: expected sha256 {manifest.weights_sha256[:12]}…, got {found[:12]}…; train again")
        with np.load(path, allow_pickle=False) as arrays:
            weights, bias, mean = (arrays[name] for name in ("weights", "bias", "dense_mean"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as exc:
        raise ModelError(f"{path}: expected the classifier's weights, got: {exc}; train again (motcua train)") from exc
    expected = (N_BUCKETS + manifest.encoder_dimension, len(manifest.labels))
    if weights.shape != expected or bias.shape != expected[1:] or mean.shape != (manifest.encoder_dimension,):
        raise ModelError(f"{path}: expected weights of shape {expected}, got {weights.shape}; train again")
    return IntentClassifier(manifest, weights, bias, mean)


def read_manifest(folder: Path) -> ClassifierManifest:
    """Read and check a classifier's manifest alone (ModelError as ``load``)."""
    path = folder / _MANIFEST
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        manifest = ClassifierManifest(**{**content, "labels": tuple(content["labels"])})
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelError(f"{path}: expected a classifier's manifest, got: {exc}; train it (motcua train)") from exc
    expected = (FORMAT, FEATURES_VERSION, NORMALIZER_VERSION)
    found = (manifest.format, manifest.features_version, manifest.normalizer_version)
    if found != expected:
        raise ModelError(f"{path}: expected format, features, normaliser {expected}, got {found}; train again")
    return manifest


def load_or_train(folder: Path, data_dir: Path, encoder: QueryEncoder, seed: int = 1) -> IntentClassifier:
    """The classifier of a folder, trained anew when data, encoder or a version changed since, or it is damaged.

    Raises:
        TrainingError: the training data cannot be used.
    """
    examples = read_training_data(data_dir)
    classifier = load_if_current(folder, examples, encoder)
    if classifier is None:
        classifier = train([text for text, _ in examples], [intent for _, intent in examples], encoder, seed)
        save(classifier, folder)
    return classifier


def load_if_current(
    folder: Path, examples: Sequence[tuple[str, str]], encoder: QueryEncoder
) -> IntentClassifier | None:
    """The classifier of a folder if it was made from these examples with this encoder, else None (logged why)."""
    try:
        classifier = load(folder)
        classifier.check_encoder(encoder)
    except ModelError as exc:
        logger.info("intent-classifier-retrain: %s", exc)
        return None
    if classifier.manifest.data_digest != _digest_of(examples):
        logger.info("intent-classifier-retrain: training data changed")
        return None
    return classifier


def _digest_of(examples: Sequence[tuple[str, str]]) -> str:
    return data_digest([(classifier_text(text) or text, intent) for text, intent in examples])


def _check_examples(labels: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    names, targets, counts = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True, return_counts=True)
    scarce = [str(name) for name, count in zip(names, counts, strict=True) if count < 2]
    if len(names) < 2 or scarce:
        raise TrainingError(
            f"expected at least two intents with two examples each, got {len(names)} intents; too few examples: {scarce}"
        )
    return tuple(str(name) for name in names), targets.reshape(-1)


def _forms(text: str, slips: random.Random) -> list[str]:
    """An example as written, without its diacritics, and without them and mistyped SLIPS times; each once."""
    bare = strip_diacritics(text)
    return list(dict.fromkeys((text, bare, *(mistype(bare, slips) for _ in range(SLIPS)))))


def mistype(text: str, draw: random.Random) -> str:
    """A slip of the keyboard for every seven words: two letters swapped, one left out or one struck twice."""
    words = text.split()
    for _ in range(1 + len(words) // 7):
        chosen = draw.randrange(len(words)) if words else 0
        if words and len(words[chosen]) > 2:
            words[chosen] = _slip(words[chosen], draw.randrange(len(words[chosen]) - 1), draw.randrange(3))
    return " ".join(words)


def _slip(word: str, at: int, kind: int) -> str:
    first, second = word[at], word[at + 1]
    return word[:at] + (second + first, second, first + first + second)[kind] + word[at + 2 :]


def _encode_marked(texts: Sequence[str], encoder: QueryEncoder) -> tuple[np.ndarray, np.ndarray]:
    """Scaled vectors, zero for texts without diacritics, and the mean that was taken off."""
    marked = [row for row, text in enumerate(texts) if has_diacritics(text)]
    scaled = np.zeros((len(texts), encoder.dimension), dtype=np.float32)
    if not marked:
        return scaled, np.zeros(encoder.dimension, dtype=np.float32)
    vectors = encoder.encode_queries([texts[row] for row in marked])
    mean = vectors.mean(axis=0)
    scaled[marked] = _scale_dense(vectors, mean)
    return scaled, mean


def _scale_dense(dense: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Off the mean, unit length, weighted against the n-grams (whose length is 1)."""
    centred = dense - mean
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    return (DENSE_WEIGHT * centred / np.maximum(norms, 1e-9)).astype(np.float32)


def _matrix(texts: Sequence[str], dense: np.ndarray) -> Any:
    from scipy.sparse import csr_matrix, hstack

    rows = [ngram_features(text) for text in texts]
    starts = np.cumsum([0, *(len(row.indices) for row in rows)])
    indices = np.concatenate([row.indices for row in rows])
    values = np.concatenate([row.values for row in rows])
    sparse = csr_matrix((values, indices, starts), shape=(len(rows), N_BUCKETS), dtype=np.float32)
    return hstack([sparse, csr_matrix(dense)], format="csr", dtype=np.float32)


def _held_out(targets: np.ndarray, seed: int) -> np.ndarray:
    """True for a fifth of each intent's examples."""
    draw = np.random.RandomState(seed)
    chosen = np.zeros(len(targets), dtype=bool)
    for target in np.unique(targets):
        members = draw.permutation(np.flatnonzero(targets == target))
        chosen[members[: max(1, int(len(members) * HELD_OUT_SHARE))]] = True
    return chosen


def _new_model(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(
        C=REGULARISATION, class_weight="balanced", max_iter=200, tol=1e-3, warm_start=True, random_state=seed
    )


def _calibrate(model: Any, matrix: Any, targets: np.ndarray, held_out: np.ndarray) -> float:
    """The temperature at which held-out examples are least surprising (grid from .25 to 4)."""
    model.fit(matrix[~held_out], targets[~held_out])
    logits = _logits(model, matrix[held_out])
    truth = targets[held_out]
    grid = np.exp(np.linspace(np.log(0.25), np.log(4.0), 60))
    losses = [-np.log(_softmax(logits / t)[np.arange(len(truth)), truth] + 1e-12).mean() for t in grid]
    return float(grid[int(np.argmin(losses))])


def _logits(model: Any, matrix: Any) -> np.ndarray:
    weights, bias = _weights_of(model)
    return matrix @ weights + bias


def _weights_of(model: Any) -> tuple[np.ndarray, np.ndarray]:
    coefficients, bias = model.coef_, model.intercept_
    if len(coefficients) == 1:  # two intents: scikit-learn keeps one row, the second's against the first
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.concatenate([-bias, bias]) / 2
    return np.ascontiguousarray(coefficients.T, dtype=np.float32), bias.astype(np.float32)


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
