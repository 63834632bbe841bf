"""What every encoder promises, asked of each implementation on the real model.

The ONNX part runs in the product's environment. The sentence-transformers part is marked `torch` and runs in the
training environment, on the float model that scripts/encoder/build.py converts (kept under var/build).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from nlu.encoder import BUNDLED_FOLDER, Encoder, OnnxEncoder, group_by_length, load_encoder
from nlu.errors import EncoderError

pytestmark = pytest.mark.integration

QUESTIONS = [
    "Làm khai sinh cho con cần giấy tờ gì?",
    "lệ phí đổi bằng lái xe là bao nhiêu",
    "Nộp hồ sơ ở đâu?",
    "bao lâu thì có hộ chiếu",
    "CT01",
    "Con tôi sinh ở nước ngoài, nay tôi muốn về nước đăng ký khai sinh thì phải mang theo những giấy tờ gì và nộp ở đâu?",
]
# (a question, the same in other words, something else)
PARAPHRASES = [
    ("Làm giấy khai sinh cho con mới đẻ", "Đăng ký khai sinh cho trẻ em", "Cấp phép xây dựng nhà ở riêng lẻ"),
    ("Vợ chồng muốn ly hôn thuận tình", "Hai người đồng ý chấm dứt hôn nhân", "Đổi giấy phép lái xe quá hạn"),
    ("Tôi muốn mở quán ăn nhỏ tại nhà", "Đăng ký hộ kinh doanh", "Trích lục khai tử"),
    ("Làm mất thẻ căn cước", "Cấp lại thẻ căn cước bị mất", "Đăng ký nuôi con nuôi trong nước"),
    ("Xin giấy xác nhận độc thân", "Cấp giấy xác nhận tình trạng hôn nhân", "Hỗ trợ chi phí mai táng"),
    ("Ông nội tôi vừa mất, cần báo với xã", "Đăng ký khai tử", "Cấp hộ chiếu phổ thông"),
    ("Chuyển chỗ ở sang phường khác", "Đăng ký thường trú khi thay đổi nơi ở", "Sao y bản chính"),
    ("Tách đôi mảnh đất cho hai con", "Tách thửa đất", "Cấp phiếu lý lịch tư pháp"),
]
SUBJECTS = [
    "đăng ký khai sinh",
    "đăng ký kết hôn",
    "cấp hộ chiếu phổ thông",
    "đổi giấy phép lái xe",
    "đăng ký hộ kinh doanh",
    "trợ cấp cho người cao tuổi",
    "sang tên xe máy",
    "xin học trái tuyến",
    "công tác tuyên truyền cải cách hành chính",
    "birth registration",
]
FRAMES = [
    "Thủ tục {} cần giấy tờ gì?",
    "{} hết bao nhiêu tiền, mấy ngày thì xong",
    "TÔI MUỐN HỎI VỀ {}",
    "{} nộp trực tuyến được không, hay phải ra Ủy ban nhân dân xã?",
    "Cơ quan thực hiện {} là Ủy ban nhân dân cấp xã; thời hạn giải quyết là 3 ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ.",
]
SENTENCES = [frame.format(subject) for subject, frame in product(SUBJECTS, FRAMES)]
# Measured: .9986 the lowest of the fifty, .9989 their mean (docs/decisions/0002-encoder.md).
COSINE_FLOOR = 0.998
# The same text alone and among others. Measured: .9999999 on the shipped model, which takes its scales per token;
# with one scale a batch it was .995.
SAME = 0.9999


@pytest.fixture(scope="session")
def float_folder(repository: Path) -> Path:
    """The same model in float32 for sentence-transformers, built where absent or of another vocabulary."""
    pytest.importorskip("torch", reason="needs the training environment (.venv-train)")
    folder = repository / "var" / "build" / "e5-small-vi-en-st"
    tokenizer = folder / "tokenizer.json"
    if not tokenizer.is_file() or tokenizer.read_bytes() != (BUNDLED_FOLDER / "tokenizer.json").read_bytes():
        script = repository / "scripts" / "encoder" / "build.py"
        subprocess.run([sys.executable, str(script), "--float-output", str(folder)], check=True)
    return folder


@pytest.fixture(scope="session", params=["onnx", pytest.param("sentence-transformers", marks=pytest.mark.torch)])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param == "onnx":
        return load_encoder()
    return load_encoder(f"sentence-transformers:{request.getfixturevalue('float_folder')}")


def test_encoder_plays_the_role(encoder: Encoder) -> None:
    assert isinstance(encoder, Encoder)
    assert encoder.name
    assert len(encoder.digest) == 12
    assert encoder.dimension == 384


@pytest.mark.parametrize("method", ["encode_queries", "encode_passages"])
def test_rows_are_float32_unit_vectors_of_the_dimension(encoder: Encoder, method: str) -> None:
    rows = getattr(encoder, method)(QUESTIONS)
    assert rows.shape == (len(QUESTIONS), encoder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("method", ["encode_queries", "encode_passages"])
def test_no_texts_give_no_rows(encoder: Encoder, method: str) -> None:
    assert getattr(encoder, method)([]).shape == (0, encoder.dimension)


def test_a_text_in_a_batch_is_the_text_alone_and_order_is_kept(encoder: Encoder) -> None:
    together = encoder.encode_passages(SENTENCES)
    alone = np.concatenate([encoder.encode_passages([text]) for text in SENTENCES])
    likeness = alone @ together.T
    assert np.diag(likeness).min() > SAME
    assert (likeness.argmax(axis=1) == np.arange(len(SENTENCES))).all()


def test_a_query_and_a_passage_of_the_same_text_differ(encoder: Encoder) -> None:
    """The model was trained with two prefixes: leaving them out or mixing them up would give the same vectors."""
    cosines = (encoder.encode_queries(SENTENCES) * encoder.encode_passages(SENTENCES)).sum(axis=1)
    assert cosines.max() < 0.999


@pytest.mark.parametrize(("question", "paraphrase", "unrelated"), PARAPHRASES)
def test_a_paraphrase_is_closer_than_an_unrelated_text(
    encoder: Encoder, question: str, paraphrase: str, unrelated: str
) -> None:
    right, wrong = encoder.encode_passages([paraphrase, unrelated]) @ encoder.encode_queries([question])[0]
    assert right > wrong


def test_decomposed_text_gives_the_vector_of_composed_text(encoder: Encoder) -> None:
    composed = [unicodedata.normalize("NFC", text) for text in QUESTIONS]
    decomposed = [unicodedata.normalize("NFD", text) for text in QUESTIONS]
    assert composed != decomposed
    np.testing.assert_array_equal(encoder.encode_queries(composed), encoder.encode_queries(decomposed))


def test_white_space_around_a_text_changes_nothing(encoder: Encoder) -> None:
    padded = encoder.encode_queries([f" \n{QUESTIONS[0]}\t "])
    np.testing.assert_allclose(padded, encoder.encode_queries(QUESTIONS[:1]), atol=1e-6)


@pytest.mark.parametrize("empty", ["", "   ", "\n\t"])
def test_an_empty_text_is_refused_and_its_position_named(encoder: Encoder, empty: str) -> None:
    with pytest.raises(EncoderError, match="position 1"):
        encoder.encode_queries(["có", empty])
    with pytest.raises(EncoderError, match="position 1"):
        encoder.encode_passages(["có", empty])


@pytest.mark.parametrize("text", ["x" * 10_000, "đăng ký khai sinh " * 556, "😀" * 10_000, "<b>&nbsp;</b>", "北京", "\u200b."])
def test_long_and_strange_texts_get_a_unit_vector(encoder: Encoder, text: str) -> None:
    for rows in (encoder.encode_queries([text]), encoder.encode_passages([text])):
        assert np.isfinite(rows).all()
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_text_beyond_the_limit_is_cut(encoder: Encoder) -> None:
    start = "đăng ký khai sinh cho trẻ em tại xã " * 60
    rows = encoder.encode_passages([start + "thu hồi đất", start + "cấp hộ chiếu"])
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-5)


def test_threads_get_what_one_thread_gets(encoder: Encoder) -> None:
    serial = [encoder.encode_queries([text])[0] for text in SENTENCES]
    with ThreadPoolExecutor(6) as pool:
        parallel = list(pool.map(lambda text: encoder.encode_queries([text])[0], SENTENCES))
    np.testing.assert_allclose(np.stack(parallel), np.stack(serial), atol=1e-5)


def test_progress_counts_up_to_all_texts(encoder: Encoder) -> None:
    seen: list[tuple[int, int]] = []
    encoder.encode_passages(SENTENCES * 2, on_progress=lambda done, total: seen.append((done, total)))
    counts = [done for done, _ in seen]
    assert counts == sorted(set(counts))
    assert seen[-1] == (100, 100)
    assert {total for _, total in seen} == {100}


@pytest.mark.torch
def test_the_shipped_int8_model_stays_close_to_the_float_model(float_folder: Path) -> None:
    shipped, exact = load_encoder(), load_encoder(f"sentence-transformers:{float_folder}")
    assert len(SENTENCES) == 50
    for method in ("encode_queries", "encode_passages"):
        cosines = (getattr(shipped, method)(SENTENCES) * getattr(exact, method)(SENTENCES)).sum(axis=1)
        assert cosines.min() > COSINE_FLOOR


@pytest.mark.torch
def test_another_model_in_the_same_folder_has_another_digest(float_folder: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(float_folder, tmp_path / float_folder.name)
    prompts = changed / "config_sentence_transformers.json"
    content = json.loads(prompts.read_text(encoding="utf-8"))
    content["prompts"]["query"] = "question: "
    prompts.write_text(json.dumps(content), encoding="utf-8")
    spec = "sentence-transformers:{}"
    first = load_encoder(spec.format(float_folder)).digest
    assert load_encoder(spec.format(float_folder)).digest == first
    assert load_encoder(spec.format(changed)).digest != first


@pytest.mark.torch
def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs the training environment (.venv-train)")
    with pytest.raises(EncoderError, match="expected a sentence-transformers model"):
        load_encoder(f"sentence-transformers:{tmp_path}")


# The shipped folder itself, whole and damaged.


def test_the_shipped_folder_stays_below_32_megabytes() -> None:
    assert sum(file.stat().st_size for file in BUNDLED_FOLDER.iterdir()) <= 32_000_000


def test_a_copied_folder_loads_and_gives_the_same_vectors(shipped_copy: Path) -> None:
    copy, shipped = load_encoder(f"onnx:{shipped_copy}"), load_encoder()
    assert copy.digest == shipped.digest
    np.testing.assert_array_equal(copy.encode_queries(QUESTIONS), shipped.encode_queries(QUESTIONS))


def test_passage_workers_change_no_vector() -> None:
    one = OnnxEncoder(BUNDLED_FOLDER, n_passage_workers=1).encode_passages(SENTENCES)
    three = OnnxEncoder(BUNDLED_FOLDER, n_passage_workers=3).encode_passages(SENTENCES)
    np.testing.assert_allclose(one, three, atol=1e-6)


def test_passages_are_encoded_on_every_processor_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2})
    encoder = OnnxEncoder(BUNDLED_FOLDER)
    at_once, plain = threading.Barrier(3), encoder._run

    def run(ids: list[list[int]]) -> np.ndarray:
        at_once.wait(timeout=30)  # goes on when three runs are there together; one after the other never are
        return plain(ids)

    monkeypatch.setattr(encoder, "_run", run)
    batches = list(group_by_length([[1] * 250] * 6))
    assert len(batches) % 3 == 0
    assert encoder.encode_passages(["khai sinh " * 300] * 6).shape == (6, encoder.dimension)


def test_a_truncated_model_is_refused(shipped_copy: Path) -> None:
    model = shipped_copy / "model.onnx"
    os.truncate(model, model.stat().st_size // 2)
    with pytest.raises(EncoderError, match=r"model\.onnx: expected sha256 .* found .* bytes"):
        OnnxEncoder(shipped_copy)


def test_an_edited_tokenizer_is_refused(shipped_copy: Path) -> None:
    tokenizer = shipped_copy / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text(encoding="utf-8").replace("▁khai", "▁kahi", 1), encoding="utf-8")
    with pytest.raises(EncoderError, match=r"tokenizer\.json: expected sha256"):
        OnnxEncoder(shipped_copy)


def test_a_manifest_of_another_dimension_is_refused(shipped_copy: Path) -> None:
    manifest = shipped_copy / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8")) | {"dimension": 768}
    manifest.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(EncoderError, match="expected dimension 768, model.onnx gives 384"):
        OnnxEncoder(shipped_copy)


@pytest.fixture
def shipped_copy(tmp_path: Path) -> Path:
    return shutil.copytree(BUNDLED_FOLDER, tmp_path / "encoder")
