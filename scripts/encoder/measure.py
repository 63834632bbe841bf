"""Measures the shipped encoder: speed, size, closeness to the float model, and what that means for ranking.

    python scripts/encoder/measure.py                                       # speed and size, any environment
    python scripts/encoder/measure.py --float-folder var/build/e5-small-vi-en-st            # training environment
    python scripts/encoder/measure.py --float-folder … --corpus FOLDER --questions FILE…    # and ranking of titles
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from nlu.encoder import BUNDLED_FOLDER, Encoder, OnnxEncoder, load_encoder

SUBJECTS = ["khai sinh", "kết hôn", "khai tử", "cư trú", "hộ kinh doanh", "giấy phép lái xe", "hộ chiếu", "đất đai"]
FRAMES = [
    "Làm {} thì cần mang theo giấy tờ gì",
    "Lệ phí {} hết bao nhiêu tiền vậy ạ",
    "Tôi muốn hỏi thủ tục {} nộp hồ sơ ở đâu",
    "{} có làm trực tuyến được không, mấy ngày xong",
    "HỒ SƠ {} GỒM NHỮNG GÌ",
]
QUESTIONS = [frame.format(subject) for subject in SUBJECTS for frame in FRAMES]
SENTENCE = (
    "Người yêu cầu {} nộp hồ sơ tại Trung tâm Phục vụ hành chính công, công chức tiếp nhận kiểm tra giấy tờ, "
    "ghi phiếu hẹn và trả kết quả trong thời hạn quy định. "
)


def main() -> None:
    wanted = _arguments()
    encoder = OnnxEncoder(wanted.folder, n_threads=1, n_passage_workers=1)
    _report("folder", f"{sum(f.stat().st_size for f in wanted.folder.iterdir()) / 1e6:.1f} MB, digest {encoder.digest}")
    _report("load", f"{_seconds(lambda: OnnxEncoder(wanted.folder)):.2f} s")
    _report("one query, median of 200", f"{_query_ms(encoder):.1f} ms")
    tokenizer = Tokenizer.from_file(str(wanted.folder / "tokenizer.json"))
    for n_tokens, n_texts in ((14, 400), (200, 60)):
        texts = _texts_of(tokenizer, n_tokens, n_texts)
        for workers in (1, 2):
            several = OnnxEncoder(wanted.folder, n_passage_workers=workers)
            rate = n_texts / _seconds(lambda several=several, texts=texts: several.encode_passages(texts))
            _report(f"passages of {n_tokens} tokens, {workers} worker(s)", f"{rate:.0f} a second")
    if wanted.float_folder is None:
        return
    exact = load_encoder(f"sentence-transformers:{wanted.float_folder}")
    _report_closeness(encoder, exact)
    if wanted.corpus is not None:
        for name, each in (("int8", encoder), ("float", exact)):
            _report_ranking(name, each, wanted.corpus, wanted.questions)


def _report_closeness(encoder: Encoder, exact: Encoder) -> None:
    passages = [SENTENCE.format(subject) * n for n in (1, 3) for subject in SUBJECTS]
    for kind, texts, method in (("queries", QUESTIONS, "encode_queries"), ("passages", passages, "encode_passages")):
        cosines = (getattr(encoder, method)(texts) * getattr(exact, method)(texts)).sum(axis=1)
        figures = f"mean {cosines.mean():.4f}, lowest {cosines.min():.4f} of {len(texts)}"
        _report(f"cosine to the float model, {kind}", figures)


def _report_ranking(name: str, encoder: Encoder, corpus: Path, question_files: list[Path]) -> None:
    """R@1 and R@5 by titles alone: not the product's search, but the encoder's share of it."""
    lines = gzip.decompress((corpus / "procedures-2026-07.jsonl.gz").read_bytes()).decode("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    codes = [record["ma_thu_tuc"] for record in records]
    titles = encoder.encode_passages([record["ten_thu_tuc"] for record in records])
    for file in question_files:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        rows = [row for row in rows if row.get("gold") and "q" in row]
        ranked = np.argsort(-encoder.encode_queries([row["q"] for row in rows]) @ titles.T, axis=1)[:, :5]
        found = [[codes[i] in row["gold"] for i in best] for row, best in zip(rows, ranked, strict=True)]
        r1, r5 = np.mean([f[0] for f in found]), np.mean([any(f) for f in found])
        _report(f"titles, {file.stem}, {name}", f"R@1 {r1:.3f} R@5 {r5:.3f} ({len(rows)} questions)")


def _query_ms(encoder: Encoder) -> float:
    for question in QUESTIONS[:10]:
        encoder.encode_queries([question])
    times = []
    for i in range(200):
        question = QUESTIONS[i % len(QUESTIONS)]
        times.append(_seconds(lambda question=question: encoder.encode_queries([question])))
    return statistics.median(times) * 1000


def _texts_of(tokenizer: Tokenizer, n_tokens: int, n_texts: int) -> list[str]:
    """Texts that come to about `n_tokens` with prefix and marks."""
    texts = []
    for i in range(n_texts):
        words = (SENTENCE.format(SUBJECTS[i % len(SUBJECTS)]) * 8).split()
        start, n_words = i % 20, n_tokens
        while len(tokenizer.encode("passage: " + " ".join(words[start : start + n_words])).ids) > n_tokens:
            n_words -= 1
        texts.append(" ".join(words[start : start + n_words]))
    return texts


def _seconds(call: object) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _report(what: str, figure: str) -> None:
    print(f"{what:48} {figure}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=BUNDLED_FOLDER)
    parser.add_argument("--float-folder", type=Path, help="sentence-transformers folder to compare with")
    parser.add_argument("--corpus", type=Path, help="folder with procedures-2026-07.jsonl.gz")
    parser.add_argument("--questions", type=Path, nargs="*", default=[], help="files of questions with gold codes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
