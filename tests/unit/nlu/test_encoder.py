"""The encoder's checks, without a model: settings, manifests, digests, refusals, batches."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nlu.encoder as encoder_module
from nlu.encoder import (
    BATCH_TOKENS,
    BUNDLED_FOLDER,
    OnnxEncoder,
    SentenceTransformersEncoder,
    group_by_length,
    load_encoder,
    read_manifest,
)
from nlu.errors import EncoderError, NluError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose digests are right and whose files are no model."""
    files = {"model.onnx": b"no onnx model", "tokenizer.json": b"{}"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    manifest = {
        "format": 1,
        "name": "tiny",
        "dimension": 4,
        "max_tokens": 16,
        "query_prefix": "query: ",
        "passage_prefix": "passage: ",
        "files": {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return tmp_path


def edit_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def test_importing_the_module_loads_no_model_library() -> None:
    code = (
        "import sys, nlu.encoder; "
        "print(sorted({'onnxruntime', 'tokenizers', 'torch', 'sentence_transformers'} & set(sys.modules)))"
    )
    root = Path(encoder_module.__file__).parents[1]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("spec", ["e5", "onnx:", "onnx", "sentence-transformers:", "bundled:x", "BUNDLED", "torch:x"])
def test_an_unknown_setting_is_refused_and_named(spec: str) -> None:
    with pytest.raises(EncoderError, match="MOTCUA_ENCODER") as caught:
        load_encoder(spec)
    assert repr(spec) in str(caught.value)


@pytest.mark.parametrize("spec", [None, "", " ", "bundled", " bundled "])
def test_no_setting_means_the_bundled_encoder(spec: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "OnnxEncoder", lambda folder: folder)
    assert load_encoder(spec) == BUNDLED_FOLDER


def test_a_folder_may_contain_colons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "OnnxEncoder", lambda folder: folder)
    assert load_encoder("onnx:/models/e5:v2") == Path("/models/e5:v2")


def test_a_missing_sentence_transformers_names_a_command_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match=r"make train-env") as caught:
        load_encoder("sentence-transformers:some/model")
    assert "MOTCUA_ENCODER" in str(caught.value) and "pip install" not in str(caught.value)
    assert re.search(r"^train-env:", (Path(__file__).parents[3] / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_encoder_errors_belong_to_the_room() -> None:
    assert issubclass(EncoderError, NluError)


# Files


@pytest.mark.parametrize("missing", ["manifest.json", "model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(EncoderError, match=missing):
        OnnxEncoder(folder)


@pytest.mark.parametrize("changed", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_refused_with_both_digests(folder: Path, changed: str) -> None:
    expected = read_manifest(folder).files[changed]
    (folder / changed).write_bytes(b"other")
    with pytest.raises(EncoderError) as caught:
        OnnxEncoder(folder)
    for part in (changed, expected, hashlib.sha256(b"other").hexdigest()):
        assert part in str(caught.value)


def test_an_intact_file_that_is_no_tokenizer_is_refused(folder: Path) -> None:
    with pytest.raises(EncoderError, match="tokenizer.json: expected a tokenizer"):
        OnnxEncoder(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"format": 1}', '{"format": 2}', '{"format": 1, "files": 3}'])
def test_a_broken_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(EncoderError, match="manifest.json"):
        read_manifest(folder)


@pytest.mark.parametrize(
    "change",
    [{"max_tokens": 17}, {"query_prefix": ""}, {"passage_prefix": "p: "}, {"files": {"model.onnx": {"sha256": "0"}, "tokenizer.json": {"sha256": "1"}}}],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_follows_everything_that_changes_a_vector(folder: Path, change: dict[str, object]) -> None:
    before = read_manifest(folder).digest
    edit_manifest(folder, **change)
    assert read_manifest(folder).digest != before


def test_the_digest_ignores_the_name(folder: Path) -> None:
    before = read_manifest(folder).digest
    edit_manifest(folder, name="other")
    assert read_manifest(folder).digest == before


def test_the_shipped_files_match_their_manifest() -> None:
    for name, sha256 in read_manifest(BUNDLED_FOLDER).files.items():
        assert hashlib.sha256((BUNDLED_FOLDER / name).read_bytes()).hexdigest() == sha256


def test_the_shipped_model_carries_its_licence() -> None:
    assert "Microsoft Corporation" in (BUNDLED_FOLDER / "LICENSE").read_text(encoding="utf-8")


# Batches


@pytest.mark.parametrize("seed", range(5))
def test_batches_hold_each_text_once_and_stay_within_the_limit(seed: int) -> None:
    lengths = np.random.default_rng(seed).integers(3, 257, size=300)
    ids = [[0] * int(length) for length in lengths]
    batches = list(group_by_length(ids))
    assert sorted(i for batch in batches for i in batch) == list(range(300))
    for batch in batches:
        assert len(batch) * max(lengths[batch]) <= BATCH_TOKENS


def test_a_text_longer_than_the_limit_is_a_batch_of_its_own() -> None:
    assert list(group_by_length([[0] * (BATCH_TOKENS + 1), [0]])) == [[1], [0]]


def test_no_texts_make_no_batch() -> None:
    assert list(group_by_length([])) == []


# sentence-transformers, with a model of that library's shape


class FakeModel:
    """Records the prompt of each call; encodes a text as its length."""

    max_seq_length = 8

    def __init__(self, prompts: dict[str, str]) -> None:
        self.prompts = prompts
        self.prompts_used: list[str] = []

    def get_embedding_dimension(self) -> int:
        return 2

    def state_dict(self) -> dict[str, object]:
        return {}

    def tokenizer(self, text: str) -> dict[str, list[int]]:
        return {"input_ids": [len(text)]}

    def encode(self, texts: list[str], prompt: str, **_: object) -> np.ndarray:
        self.prompts_used.append(prompt)
        return np.tile(np.array([[0.6, 0.8]], dtype=np.float32), (len(texts), 1))


@pytest.mark.parametrize(
    ("name", "prompts", "expected"),
    [
        ("any/model", {"query": "Q: ", "passage": "P: "}, ["Q: ", "P: "]),
        ("any/model", {"query": "Q: ", "document": "D: "}, ["Q: ", "D: "]),
        ("intfloat/multilingual-e5-base", {}, ["query: ", "passage: "]),
        ("models/e5_small", {"query": "", "document": ""}, ["query: ", "passage: "]),
        ("bkai/vietnamese-bi-encoder", {}, ["", ""]),
        ("some/model-e50", {}, ["", ""]),
    ],
)
def test_prompts_come_from_the_model_or_else_from_e5(
    name: str, prompts: dict[str, str], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = FakeModel(prompts)
    monkeypatch.setattr(encoder_module, "_open_sentence_transformer", lambda _: model)
    encoder = SentenceTransformersEncoder(name)
    encoder.encode_queries(["một"])
    encoder.encode_passages(["hai"])
    assert model.prompts_used == expected


@pytest.mark.parametrize(("texts", "complaint"), [([""], "position 0"), (["a", None], "NoneType"), ("abc", "one string")])
def test_what_is_no_text_is_refused(texts: object, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "_open_sentence_transformer", lambda _: FakeModel({}))
    encoder = SentenceTransformersEncoder("any/model")
    for encode in (encoder.encode_queries, encoder.encode_passages):
        with pytest.raises(EncoderError, match=complaint):
            encode(texts)


def test_progress_is_told_after_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "_open_sentence_transformer", lambda _: FakeModel({}))
    seen: list[tuple[int, int]] = []
    SentenceTransformersEncoder("m").encode_passages(["a"] * 100, on_progress=lambda *step: seen.append(step))
    assert seen == [(64, 100), (100, 100)]
