"""Text in, unit vectors out: the encoder role and its two implementations.

`OnnxEncoder` runs the shipped multilingual-e5-small (int8, onnxruntime, no torch); `SentenceTransformersEncoder`
runs any sentence-transformers model, where its extra is installed. `load_encoder` picks one from a setting.
Importing this module loads neither onnxruntime nor torch. It runs on Python 3.10 (Rasa) and later.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from nlu.errors import EncoderError

BUNDLED_FOLDER = Path(__file__).resolve().parent / "models" / "e5-small-vi-en"
MANIFEST_FORMAT = 1
# Work of one run of the model, in padded tokens: larger batches are no faster on two cores and need more memory
# (docs/decisions/0002-encoder.md).
BATCH_TOKENS = 512

_PROGRESS_STEP = 64  # texts between two reports of a sentence-transformers model

ProgressCallback = Callable[[int, int], None]


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors whose inner product is their likeness.

    Attributes:
        name: readable name of the model.
        dimension: length of a vector.
        digest: short identity; vectors of encoders with different digests must never meet in one index.
    """

    name: str
    dimension: int
    digest: str

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """Turn questions into unit vectors.

        Args:
            texts: NFC, not word-segmented, without prefix; none empty. Longer ones are cut at the model's limit.

        Returns:
            float32 (len(texts), dimension); row i is texts[i]; L2 norm 1.

        Raises:
            EncoderError: a text is empty or no string.
        """
        ...

    def encode_passages(self, texts: Sequence[str], on_progress: ProgressCallback | None = None) -> np.ndarray:
        """Turn passages into unit vectors; like `encode_queries`, but as texts that are searched.

        Args:
            on_progress: called with (texts done, texts in all) after each batch, one call at a time.
        """
        ...


def load_encoder(spec: str | None = None) -> Encoder:
    """Load the encoder that a setting names (`MOTCUA_ENCODER`).

    Args:
        spec: None, "" or "bundled" for the shipped one; "onnx:FOLDER"; "sentence-transformers:NAME_OR_FOLDER".

    Raises:
        EncoderError: the setting is none of these, or the encoder named cannot be loaded.
    """
    kind, _, where = ((spec or "").strip() or "bundled").partition(":")
    if kind == "bundled" and not where:
        return OnnxEncoder(BUNDLED_FOLDER)
    if kind == "onnx" and where:
        return OnnxEncoder(Path(where))
    if kind == "sentence-transformers" and where:
        return SentenceTransformersEncoder(where)
    raise EncoderError(
        f"unknown encoder {spec!r}: expected 'bundled', 'onnx:FOLDER' or 'sentence-transformers:NAME_OR_FOLDER'; "
        "correct MOTCUA_ENCODER"
    )


@dataclass(frozen=True)
class Manifest:
    """What manifest.json says of the files beside it.

    Attributes:
        files: name of each file and the SHA-256 it must have.
    """

    name: str
    dimension: int
    max_tokens: int
    query_prefix: str
    passage_prefix: str
    files: dict[str, str]

    @property
    def digest(self) -> str:
        """Twelve hex digits over everything that changes a vector."""
        parts = [self.query_prefix, self.passage_prefix, str(self.max_tokens)]
        parts += [f"{name}={sha256}" for name, sha256 in sorted(self.files.items())]
        return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()[:12]


class OnnxEncoder:
    """An encoder stored as model.onnx, tokenizer.json and manifest.json; safe to call from many threads.

    The limit of 256 tokens (manifest) holds a passage of about 200 Vietnamese syllables, more than chunks are cut
    to; the model's own limit of 512 would cost four times the attention for text that is no longer about one thing.
    """

    def __init__(self, folder: Path | str, *, n_threads: int = 1, n_passage_workers: int | None = None) -> None:
        """Check the files against the manifest, then load them.

        Args:
            folder: holds the three files.
            n_threads: threads that one run of the model may use (onnxruntime's intra-op threads).
            n_passage_workers: batches of `encode_passages` at a time; by default one for each processor that this process may use.

        Raises:
            EncoderError: a file is missing, or is not the one that the manifest names.
        """
        self._folder = Path(folder)
        manifest = read_manifest(self._folder)
        for file_name, sha256 in manifest.files.items():
            _check_file(self._folder / file_name, sha256)
        self.name = manifest.name
        self.dimension = manifest.dimension
        self.digest = manifest.digest
        self._manifest = manifest
        self._n_passage_workers = n_passage_workers or _n_processors()
        self._second_texts = ThreadPoolExecutor(self._n_passage_workers, thread_name_prefix="query-encoder")
        self._tokenizer = _open_tokenizer(self._folder / "tokenizer.json", manifest.max_tokens)
        self._session = _open_session(self._folder / "model.onnx", n_threads)
        self._check_dimension()

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """See `Encoder.encode_queries`."""
        prepared = _prepare(texts, self._manifest.query_prefix)
        if len(prepared) == 2:  # a question and its bare matter: side by side, while somebody waits
            ids = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(prepared)]
            second = self._second_texts.submit(self._run, [ids[1]])
            return np.concatenate([self._run([ids[0]]), second.result()])
        return self._encode(prepared, n_workers=1, on_progress=None)

    def encode_passages(self, texts: Sequence[str], on_progress: ProgressCallback | None = None) -> np.ndarray:
        """See `Encoder.encode_passages`."""
        prepared = _prepare(texts, self._manifest.passage_prefix)
        return self._encode(prepared, self._n_passage_workers, on_progress)

    def _encode(self, texts: list[str], n_workers: int, on_progress: ProgressCallback | None) -> np.ndarray:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]
        batches = list(group_by_length(ids))
        done = 0
        runs = self._run_all([[ids[i] for i in batch] for batch in batches], n_workers)
        for batch, rows in zip(batches, runs, strict=True):
            vectors[batch] = rows
            done += len(batch)
            if on_progress is not None:
                on_progress(done, len(texts))
        return vectors

    def _run_all(self, batches: list[list[list[int]]], n_workers: int) -> Iterator[np.ndarray]:
        if n_workers == 1 or len(batches) < 2:
            yield from map(self._run, batches)
            return
        with ThreadPoolExecutor(n_workers, thread_name_prefix="encoder") as pool:  # a run releases the GIL
            yield from pool.map(self._run, batches)

    def _run(self, ids: list[list[int]]) -> np.ndarray:
        width = max(map(len, ids))
        input_ids = np.zeros((len(ids), width), dtype=np.int64)
        attention_mask = np.zeros_like(input_ids)
        for row, sequence in enumerate(ids):
            input_ids[row, : len(sequence)] = sequence
            attention_mask[row, : len(sequence)] = 1
        (rows,) = self._session.run(["embedding"], {"input_ids": input_ids, "attention_mask": attention_mask})
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def _check_dimension(self) -> None:
        found = self._session.get_outputs()[0].shape[-1]
        if found != self.dimension:
            raise EncoderError(
                f"{self._folder / 'manifest.json'}: expected dimension {self.dimension}, "
                f"model.onnx gives {found}; restore the folder or rebuild it with scripts/encoder/build.py"
            )


class SentenceTransformersEncoder:
    """Any sentence-transformers model, by name or folder. Needs torch, the extra `torch`; one run at a time.

    The model's own prompts are used ("query"; "passage" or "document"). A model without prompts gets the prefixes
    of E5 where its name says it is one, else none.
    """

    def __init__(self, name_or_folder: str | Path) -> None:
        """Load the model.

        Raises:
            EncoderError: sentence-transformers is not installed, or the model cannot be loaded.
        """
        self.name = str(name_or_folder)
        self._model = _open_sentence_transformer(self.name)
        self._lock = threading.Lock()  # its tokeniser keeps state between calls
        self.dimension = int(_sentence_dimension(self._model))
        self._query_prefix = self._prompt("query")
        self._passage_prefix = self._prompt("passage", "document")
        self.digest = self._identity()

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """See `Encoder.encode_queries`."""
        return self._encode(_prepare(texts), self._query_prefix, on_progress=None)

    def encode_passages(self, texts: Sequence[str], on_progress: ProgressCallback | None = None) -> np.ndarray:
        """See `Encoder.encode_passages`."""
        return self._encode(_prepare(texts), self._passage_prefix, on_progress)

    def _encode(self, texts: list[str], prompt: str, on_progress: ProgressCallback | None) -> np.ndarray:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _PROGRESS_STEP):
            part = texts[start : start + _PROGRESS_STEP]
            with self._lock:
                vectors[start : start + len(part)] = self._model.encode(
                    part, prompt=prompt, batch_size=16, normalize_embeddings=True, show_progress_bar=False
                )
            if on_progress is not None:
                on_progress(start + len(part), len(texts))
        return vectors

    def _prompt(self, *names: str) -> str:
        prompts = self._model.prompts or {}
        for name in names:
            if prompts.get(name):
                return prompts[name]
        is_e5 = "e5" in Path(self.name).name.lower().replace("_", "-").split("-")
        return f"{names[0]}: " if is_e5 else ""

    def _identity(self) -> str:
        """Twelve hex digits over prompts, pieces and a sample of every weight: a folder's name can stay while its
        content changes, and hashing gigabytes at each start would be slow."""
        settings = [self._query_prefix, self._passage_prefix, self.dimension, self._model.max_seq_length]
        seen = hashlib.sha256(repr(settings).encode("utf-8"))
        seen.update(repr(self._model.tokenizer("đăng ký khai sinh, household registration")["input_ids"]).encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            if ".pooler." in name:  # unused; where the files lack it, transformers fills it with chance
                continue
            seen.update(f"{name}{tuple(tensor.shape)}".encode())
            flat = tensor.detach().cpu().flatten()
            seen.update(flat[:: max(1, len(flat) // 256)].float().numpy().tobytes())
        return seen.hexdigest()[:12]


def read_manifest(folder: Path) -> Manifest:
    """Read manifest.json of an encoder's folder.

    Raises:
        EncoderError: it is missing, no JSON, of another format, or lacks a key.
    """
    path = folder / "manifest.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != MANIFEST_FORMAT:
            raise EncoderError(f"{path}: expected format {MANIFEST_FORMAT}, found {found['format']}; rebuild the encoder")
        return Manifest(
            name=str(found["name"]),
            dimension=int(found["dimension"]),
            max_tokens=int(found["max_tokens"]),
            query_prefix=str(found["query_prefix"]),
            passage_prefix=str(found["passage_prefix"]),
            files={name: str(found["files"][name]["sha256"]) for name in ("model.onnx", "tokenizer.json")},
        )
    except FileNotFoundError as exc:
        raise EncoderError(f"{path}: no such file; an encoder's folder holds manifest.json, model.onnx and tokenizer.json") from exc
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise EncoderError(f"{path}: expected the manifest of an encoder, found {exc!r}; restore or rebuild the folder") from exc


def _check_file(path: Path, expected_sha256: str) -> None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError as exc:
        raise EncoderError(f"{path}: expected a readable file, got {exc}; restore the folder") from exc
    if digest.hexdigest() != expected_sha256:
        raise EncoderError(
            f"{path}: expected sha256 {expected_sha256}, found {digest.hexdigest()} ({path.stat().st_size} bytes); "
            "the file is damaged or from another build: restore the folder or rebuild it with scripts/encoder/build.py"
        )


def _open_tokenizer(path: Path, max_tokens: int) -> Any:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as exc:  # the library raises bare Exception
        raise EncoderError(f"{path}: expected a tokenizer that the tokenizers library reads, got: {exc}") from exc
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _open_session(path: Path, n_threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    # Waiting threads sleep: spinning ones take the processor from the rest of a two-core machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as exc:  # onnxruntime's errors share no base class but Exception
        raise EncoderError(f"{path}: onnxruntime {onnxruntime.__version__} cannot load it: {exc}") from exc


def _open_sentence_transformer(name_or_folder: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as exc:
        raise EncoderError(
            f"the encoder sentence-transformers:{name_or_folder} needs torch and sentence-transformers, which this "
            "environment has not: run make train-env, then .venv-train/bin/motcua in place of .venv/bin/motcua, "
            "or unset MOTCUA_ENCODER to use the bundled encoder"
        ) from exc
    try:
        return SentenceTransformer(name_or_folder, device="cpu")
    except Exception as exc:  # many libraries speak here: hub, safetensors, transformers
        raise EncoderError(
            f"expected a sentence-transformers model at {name_or_folder!r}, got: {exc}; "
            "give a folder, or a name that is reachable or cached"
        ) from exc


def _sentence_dimension(model: Any) -> int:
    # Earlier versions know only the longer name, later ones warn of it.
    dimension = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
    return dimension()


def _prepare(texts: Sequence[str], prefix: str = "") -> list[str]:
    if isinstance(texts, str):
        raise EncoderError("expected a sequence of texts, got one string; wrap it in a list")
    prepared = []
    for i, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip():
            kind = "an empty text" if isinstance(text, str) else type(text).__name__
            raise EncoderError(f"expected text at position {i}, got {kind}; leave it out before encoding")
        prepared.append(prefix + unicodedata.normalize("NFC", text.strip()))
    return prepared


def _n_processors() -> int:
    """Those that this process may use, where the system tells; a container may have fewer than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def group_by_length(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Positions in `ids`, in groups of like length that stay below BATCH_TOKENS with padding."""
    batch: list[int] = []
    for i in sorted(range(len(ids)), key=lambda i: len(ids[i])):
        if batch and (len(batch) + 1) * len(ids[i]) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
